using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The examples that the published APIs print for their users (Examples/), with nothing changed but address and photos.</summary>
public sealed class ContractExamplesTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    // Debian's own Python has Debian's modules, even where another comes first on the path.
    private static readonly Lazy<string?> PythonWithRequests = new(() => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasRequests));

    private static string[] John => People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;

    [Fact]
    public async Task The_records_examples_work_with_curl()
    {
        var answers = await CurlAsync("records.sh", "records-curl");
        Assert.Equal("Face record created successfully for 'John Doe'", (string?)answers[0]["message"]);
        Assert.Equal("EMP001", (string?)answers[0]["record"]!["metadata"]!["employee_id"]);
        Assert.Equal(0, (int)answers[0]["record"]!["embedding_index"]!);
        Assert.Equal(1, (int)answers[1]["total_count"]!);
        Assert.True((bool)answers[2]["recognized"]!);
        Assert.Equal("John Doe", (string?)answers[2]["best_match"]!["name"]);
        Assert.Equal("Engineering", (string?)answers[2]["best_match"]!["metadata"]!["department"]);
        Assert.Equal(1, (int)answers[3]["total_records"]!);
    }

    [Fact]
    public async Task The_records_examples_work_with_python()
    {
        var printed = await PythonAsync("records.py", "records-python");
        Assert.Contains("Total records: 1", printed, StringComparison.Ordinal);
        Assert.Contains("Recognized: John Doe", printed, StringComparison.Ordinal);
        Assert.Contains("Successfully deleted record for 'John Doe'", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_analytics_examples_work_with_curl()
    {
        var answers = await CurlAsync("analytics.sh", "analytics-curl");
        Assert.Equal("healthy", (string?)answers[0]["status"]);
        Assert.True((bool)answers[0]["services"]!["face_detector"]!);
        Assert.Equal("Successfully analyzed 1 face(s)", (string?)answers[1]["message"]);
        Assert.StartsWith("unknown_", (string?)answers[1]["faces"]![0]!["person_id"], StringComparison.Ordinal);
        Assert.Equal("Successfully registered John Doe", (string?)answers[2]["message"]);
        Assert.StartsWith("known_john_doe_", (string?)answers[2]["person_id"], StringComparison.Ordinal);
        Assert.Equal(1, (int)answers[3]["known_faces"]!);
        Assert.Equal(0, (int)answers[3]["unknown_faces"]!); // who was a stranger has a name now
    }

    [Fact]
    public async Task The_analytics_examples_work_with_python()
    {
        var printed = await PythonAsync("analytics.py", "analytics-python");
        Assert.Contains("Found 1 faces", printed, StringComparison.Ordinal);
        Assert.Contains("Successfully registered John Doe", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_device_examples_work_with_curl()
    {
        var answers = await CurlAsync("device.sh", "device-curl");
        Assert.Equal(1, (int)answers[0]["count"]!);
        Assert.Equal("Identity 'John Doe' added successfully", (string?)answers[1]["message"]);
        Assert.Equal("John Doe", (string?)answers[2]["faces"]![0]!["identity"]);
    }

    [Fact]
    public async Task The_device_examples_work_with_python()
    {
        var printed = await PythonAsync("device.py", "device-python");
        Assert.Contains("'identity': 'John Doe'", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_library_examples_work_with_curl()
    {
        using var http = facecloud.Gallery("library-curl");
        var person = await http.PersonAsync("John Doe");
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = await http.FaceAsync(John[0]), personId = person });
        await http.FaceAsync(John[1]);

        var answers = await CurlAsync("library.sh", "library-curl");
        Assert.Equal((1, "true"), ((int)answers[0]["count"]!, answers[0]["filters"]!["random"]!.ToJsonString()));
        Assert.Equal((0.9, 18), ((double)answers[1]["filters"]!["minConfidence"]!, (int)answers[1]["filters"]!["ageMin"]!));
        Assert.Equal((1, 1), ((int)answers[2]["trainedPeople"]!, (int)answers[2]["processed"]!));
    }

    [Fact]
    public async Task The_quality_examples_of_assessments_work_with_curl()
    {
        using var http = facecloud.Photographer("quality-curl");
        var album = await http.AlbumAsync();
        await http.UploadAsync(album, John[..3]);
        var faces = (await http.AssessedAsync(album)).Select(face => (string)face!["face_id"]!).ToArray();

        var answers = await CurlAsync(
            "quality-assessment.sh", "quality-curl", facecloud.Token("anna", "photographer"),
            ("123e4567-e89b-12d3-a456-426614174000", faces[0]), ("123e4567-e89b-12d3-a456-426614174001", album.ToString()),
            ("uuid1", faces[0]), ("uuid2", faces[1]), ("uuid3", faces[2]));
        Assert.Equal(faces[0], (string?)answers[0]["face_id"]);
        Assert.All(answers[1].AsArray(), face => Assert.InRange((double)face!["overall_quality"]!, 0, 0.5999));
        Assert.Equal(faces[..3], answers[2].AsArray().Select(face => (string)face!["face_id"]!));
    }

    /// <summary>Runs the script as it is printed, in a gallery of its own: the one thing it does not say. Where it says an id or a token, ours.</summary>
    private async Task<JsonNode[]> CurlAsync(string example, string gallery, string? token = null, params (string Printed, string Ours)[] ids)
    {
        using var folder = Photos();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ".curlrc"), $"silent\nheader = \"X-Gallery: {gallery}\"\nwrite-out = \"\\n\"\n");
        var script = ids.Aggregate(await ScriptAsync(example), (text, id) => text.Replace(id.Printed, id.Ours, StringComparison.Ordinal));
        var environment = new Dictionary<string, string> { ["CURL_HOME"] = folder.Path, ["TOKEN"] = token ?? "" };
        var printed = await RunAsync("bash", ["-c", script], folder, environment);
        return [.. printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private async Task<string> PythonAsync(string example, string gallery)
    {
        using var folder = Photos();
        var python = PythonWithRequests.Value;
        Assert.SkipWhen(python is null, "There is no Python with the module 'requests' (Debian: python3-requests).");
        var script = await ScriptAsync(example);
        var inGallery =
            $"import requests as _r\n_s = _r.Session()\n_s.headers['X-Gallery'] = '{gallery}'\n_r.get, _r.post, _r.delete = _s.get, _s.post, _s.delete\n";
        return await RunAsync(python, ["-c", inGallery + script], folder, []);
    }

    private static bool HasRequests(string python)
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo(python, ["-c", "import requests"]) { RedirectStandardError = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }

    private async Task<string> ScriptAsync(string example) =>
        Regex.Replace(
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Examples", example), TestContext.Current.CancellationToken),
            "http://localhost:[89]000|https://api.example.com", facecloud.Http.BaseAddress!.ToString().TrimEnd('/'));

    private static DataFolder Photos()
    {
        var folder = new DataFolder();
        foreach (var (name, photo) in new[]
        {
            ("john_doe.jpg", John[0]), ("john.jpg", John[0]), ("unknown_face.jpg", John[1]), ("unknown.jpg", John[1]),
            ("photo.jpg", John[2]), ("group_photo.jpg", John[1]),
        })
        {
            File.Copy(photo, Path.Combine(folder.Path, name));
        }

        return folder;
    }

    private static async Task<string> RunAsync(string program, string[] arguments, DataFolder folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
