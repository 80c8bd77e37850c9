using System.Globalization;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>
/// The child process of <see cref="KillTests"/>: four writers upsert and delete until the process is killed. It prints <c>+id</c> when an
/// upsert was acknowledged, <c>~id</c> before a delete is asked for, <c>-id</c> when that was acknowledged.
/// </summary>
internal static class ChildWriter
{
    public const string Argument = "--write-until-killed";

    private const int Lanes = 4;

    public static async Task<int> RunAsync(string folder)
    {
        await using var index = new TestIndex(folder, compactAfter: 30);
        var start = await index.CountAsync(new(TestIndex.Gallery + 1)) * 100_000;

        // Another gallery's faces count the runs, so that each run has ids of its own.
        await index.UpsertAsync(TestIndex.Face(-1 - start, Vectors.Of(1), gallery: TestIndex.Gallery + 1));
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(async () =>
        {
            for (var id = start + lane; ; id += Lanes)
            {
                await index.UpsertAsync(TestIndex.Face(id, Vectors.Of(id)));
                Say('+', id);
                if (id / Lanes % 3 != 0)
                {
                    Say('~', id);
                    await index.DeleteAsync(id);
                    Say('-', id);
                }
            }
        })));
        return 0;
    }

    private static void Say(char what, long id) => Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}{id}"));
}
