using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults.Errors;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>Tables of decisions that the code must agree with.</summary>
public sealed class DecisionTests
{
    private static readonly Dialect[] Columns = [Dialect.Library, Dialect.Records, Dialect.Quality, Dialect.Analytics, Dialect.Device];

    [Fact]
    public void The_table_of_errors_is_what_the_dialects_answer()
    {
        var page = File.ReadLines(Path.Combine(TestFiles.Repository, "docs", "decisions", "one-gallery-five-dialects.md"));
        var rows = page.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(Enum.GetNames<Failure>(), rows.Select(row => row[0].Split('`')[1]));
        Assert.All(rows, row =>
        {
            var failure = Enum.Parse<Failure>(row[0].Split('`')[1]);
            Assert.Equal(Columns.Select(dialect => dialect.Status(failure)), row[1..].Select(status => int.Parse(status, CultureInfo.InvariantCulture)));
        });
    }
}
