using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Tests;

public class KillTests
{
    [Fact]
    public async Task Whatever_was_acknowledged_survives_kill_9()
    {
        using var folder = new TempFolder();
        var random = new Random(11);
        var (present, unknown) = (new HashSet<long>(), new HashSet<long>());
        for (var run = 0; run < 10; run++)
        {
            foreach (var line in await KilledAfterAsync(folder, lines: random.Next(1, 400)))
            {
                var id = long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
                _ = line[0] switch
                {
                    '+' => present.Add(id),
                    '~' => present.Remove(id) && unknown.Add(id),
                    _ => unknown.Remove(id),
                };
            }

            await using var index = new TestIndex(folder);
            var found = (await index.SearchAsync(Vectors.Of(1), int.MaxValue)).ToDictionary(neighbour => neighbour.FaceId);
            Assert.Empty(present.Except(found.Keys));

            // Besides them only what was under way when the process died: at most one change in each of its four lanes.
            var unasked = found.Keys.Except(present).ToArray();
            Assert.InRange(unasked.Except(unknown).Count(), 0, 4);
            foreach (var id in present)
            {
                Assert.Equal(FullScan.Search([TestIndex.Face(id, Vectors.Of(id))], Vectors.Of(1), 1, TestIndex.Everything)[0], found[id]);
            }

            // What was under way is settled, so that the next run is judged by itself.
            await index.DeleteAsync([.. unasked]);
            unknown.Clear();
        }
    }

    // The child's acknowledged lines: it is killed once it has said so many, and may have said more by then.
    private static async Task<List<string>> KilledAfterAsync(string folder, int lines)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet, [typeof(KillTests).Assembly.Location, ChildWriter.Argument, folder]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        try
        {
            var said = new List<string>();
            while (said.Count < lines)
            {
                said.Add(await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                    ?? throw new InvalidOperationException("The child ended by itself."));
                if (said.Count == 1)
                {
                    await using var second = new TestIndex(folder);
                    Assert.Equal(Failure.Unavailable, (await Assert.ThrowsAsync<FailureException>(() => second.CountAsync())).Failure);
                }
            }

            child.Kill();
            var rest = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);

            // Without the last piece: a line that was cut short could read as another id.
            said.AddRange(rest.Split('\n')[..^1]);
            return said;
        }
        finally
        {
            child.Kill();
        }
    }
}
