using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FaceCloud.EndToEnd.Tests;

/// <summary><c>facecloud import</c>, interrupted and not, on a data folder and against a running server.</summary>
public sealed partial class ImportTests(ITestOutputHelper output)
{
    private const int Imported = 60;

    [Fact]
    public async Task An_import_killed_three_times_ends_with_the_state_of_one_that_was_not()
    {
        using var photos = new DataFolder();
        using var whole = new DataFolder();
        using var killed = new DataFolder();
        var count = CopyPeople(photos.Path, Imported);
        await File.WriteAllTextAsync(Path.Combine(photos.Path, People.All[0].Name, "broken.jpg"), "no photo");
        await File.WriteAllTextAsync(Path.Combine(photos.Path, People.All[0].Name, "notes.txt"), "no photo");
        File.Copy(People.All[1].Photos[0], Path.Combine(photos.Path, People.All[1].Name, "zz-copy.jpg"));

        using (var import = await ImportAsync(whole.Path, photos.Path))
        {
            output.WriteLine(import.Output);
            Assert.Equal(2, import.ExitCode);
            Assert.Contains(
                $"{count + 2} photos of {Imported} people: {count} imported, 0 already there, 1 failed, 1 copy of another",
                import.Output,
                StringComparison.Ordinal);
            Assert.Contains($"  {People.All[0].Name}/broken.jpg: ", import.Output, StringComparison.Ordinal);
            Assert.Contains("1 file ignored", import.Output, StringComparison.Ordinal);
        }

        foreach (var share in new[] { 0.15, 0.45, 0.8 })
        {
            using var import = await KillAtAsync(killed.Path, photos.Path, (int)(share * count));
            Assert.Equal(137, import.ExitCode);
            Assert.Empty(import.Output);
        }

        using (var import = await ImportAsync(killed.Path, photos.Path))
        {
            output.WriteLine(import.Output);
            Assert.Equal(2, import.ExitCode);
            var there = int.Parse(AlreadyThere().Match(import.Output).Groups[1].Value, CultureInfo.InvariantCulture);

            // Of those that were said to be done one was no photo, and one a copy.
            Assert.InRange(there, (int)(0.8 * count) - 2, count);
            Assert.Contains($"{count - there} imported", import.Output, StringComparison.Ordinal);
        }

        using (var import = await ImportAsync(killed.Path, photos.Path))
        {
            Assert.Contains($"0 imported, {count} already there, 1 failed", import.Output, StringComparison.Ordinal);
        }

        var expected = await StateAsync(whole.Path);
        Assert.Equal(count, expected.Length);
        Assert.Equal(expected, await StateAsync(killed.Path));
    }

    [Fact]
    public async Task Told_to_stop_it_says_what_was_done_and_goes_on_the_next_time()
    {
        using var photos = new DataFolder();
        using var data = new DataFolder();
        var count = CopyPeople(photos.Path, 20);
        var interrupted = false;
        using (var import = await CommandProcess.RunAsync(
            data.Path,
            (command, line) =>
            {
                if (!interrupted && Done(line) > 0)
                {
                    interrupted = true;
                    command.Interrupt();
                }
            },
            ["import", photos.Path, "--people-from-folders"]))
        {
            output.WriteLine(import.Output);
            Assert.Equal(130, import.ExitCode);
            Assert.Contains("Stopped before the end.", import.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("facecloud: ", import.Errors, StringComparison.Ordinal);
        }

        Assert.Empty(DatabaseServer.Processes(data.Path));
        using (var import = await ImportAsync(data.Path, photos.Path))
        {
            Assert.Equal(0, import.ExitCode);
        }

        Assert.Equal(count, (await StateAsync(data.Path)).Length);
    }

    [Fact]
    public async Task Against_a_running_server_it_fills_the_gallery_it_is_told_and_the_data_folder_alone_is_refused()
    {
        using var photos = new DataFolder();
        using var data = new DataFolder();
        var count = CopyPeople(photos.Path, 10);
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        using (var import = await ImportAsync(data.Path, photos.Path))
        {
            Assert.Equal(1, import.ExitCode);
            var sentence = Assert.Single(import.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith("facecloud: ", sentence, StringComparison.Ordinal);
            Assert.Contains("--url", sentence, StringComparison.Ordinal);
        }

        using (var import = await ImportAsync(
            "/nowhere", photos.Path, "--url", facecloud.Http.BaseAddress!.ToString(), "--gallery", "staff", "--parallel", "2"))
        {
            Assert.Equal(0, import.ExitCode);
        }

        Assert.Empty(await RecordsAsync(facecloud.Http));
        facecloud.Http.DefaultRequestHeaders.Add("X-Gallery", "staff");
        Assert.Equal(count, (await RecordsAsync(facecloud.Http)).Length);
    }

    [Fact]
    public async Task Without_people_the_photos_go_into_the_library_each_once()
    {
        using var photos = new DataFolder();
        using var data = new DataFolder();
        var count = CopyPeople(photos.Path, 8);
        File.Copy(People.All[0].Photos[0], Path.Combine(photos.Path, "at the top.jpg"));
        await File.WriteAllBytesAsync(Path.Combine(photos.Path, "half.jpg"), (await File.ReadAllBytesAsync(People.All[9].Photos[0]))[..4000]);
        await File.WriteAllTextAsync(Path.Combine(photos.Path, "notes.txt"), "no photo");

        for (var time = 0; time < 2; time++)
        {
            using var import = await CommandProcess.RunAsync(data.Path, ["import", photos.Path]);
            output.WriteLine(import.Output);
            Assert.Equal(2, import.ExitCode);
            var (imported, there) = time == 0 ? (count, 0) : (0, count);
            Assert.Contains(
                $"{count + 2} photos: {imported} imported, {there} already there, 1 failed, 1 copy of another",
                import.Output,
                StringComparison.Ordinal);
            Assert.Contains("  half.jpg: ", import.Output, StringComparison.Ordinal);
            Assert.Contains("1 file ignored", import.Output, StringComparison.Ordinal);
        }

        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var library = (await facecloud.Http.GetFromJsonAsync<JsonNode>("/api/photos?status=processed"))!;
        Assert.Equal(count, (int)library["totalCount"]!);
        Assert.Empty(await RecordsAsync(facecloud.Http));
    }

    /// <summary>Copies the folders of the first people; returns how many photos they have.</summary>
    private static int CopyPeople(string folder, int people)
    {
        foreach (var (name, photos) in People.All.Take(people))
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            foreach (var photo in photos)
            {
                File.Copy(photo, Path.Combine(folder, name, Path.GetFileName(photo)));
            }
        }

        return People.All.Take(people).Sum(person => person.Photos.Length);
    }

    private static Task<CommandProcess> ImportAsync(string data, string photos, params string[] more) =>
        CommandProcess.RunAsync(data, ["import", photos, "--people-from-folders", .. more]);

    /// <summary>Kills the import, not its database server, as soon as it says that so many photos are done.</summary>
    private static Task<CommandProcess> KillAtAsync(string data, string photos, int done) => CommandProcess.RunAsync(
        data,
        (command, line) =>
        {
            if (Done(line) >= done)
            {
                command.Kill();
            }
        },
        ["import", photos, "--people-from-folders"]);

    private static int Done(string line) =>
        Progress().Match(line) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>Who is enrolled from which file of which bytes, in the order of names and files: all but ids, times and the order of enrolment.</summary>
    private static async Task<string[]> StateAsync(string data)
    {
        await using var facecloud = await FaceCloudProcess.StartAsync(data);
        return await RecordsAsync(facecloud.Http);
    }

    private static async Task<string[]> RecordsAsync(HttpClient http)
    {
        var answer = (await http.GetFromJsonAsync<JsonNode>("/records?limit=1000"))!;
        var records = answer["records"]!.AsArray();
        Assert.Equal((int)answer["total_count"]!, records.Count);
        return [.. records.Select(record => $"{record!["name"]} {record["metadata"]!["file"]} {record["metadata"]!["sha256"]}").Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^Import: (\d+) of ")]
    private static partial Regex Progress();

    [GeneratedRegex(@" (\d+) already there")]
    private static partial Regex AlreadyThere();
}
