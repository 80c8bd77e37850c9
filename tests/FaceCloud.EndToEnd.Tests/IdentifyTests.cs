using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary><c>facecloud identify</c>.</summary>
public sealed class IdentifyTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    [Fact]
    public async Task Each_face_of_each_file_is_a_row_and_a_file_that_fails_does_not_stop_the_others()
    {
        var somebody = People.WithSeveralPhotos.First();
        var stranger = People.SinglePhotos.First();
        using var gallery = facecloud.Gallery("table");
        await gallery.AddAsync(somebody.Name, somebody.Photos[0]);

        using var identify = await RunAsync("table", somebody.Photos[0], "/nowhere/photo.jpg", stranger);
        Assert.Equal(2, identify.ExitCode);
        Assert.StartsWith("facecloud: /nowhere/photo.jpg: ", Assert.Single(Lines(identify.Errors)), StringComparison.Ordinal);
        var rows = Lines(identify.Output);
        Assert.Contains(rows, row =>
            row.Contains(somebody.Photos[0], StringComparison.Ordinal) && row.Contains($" {somebody.Name} ", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains(stranger, StringComparison.Ordinal) && row.Contains(" Unknown ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_json_there_is_a_line_for_each_file_in_their_order()
    {
        var somebody = People.WithSeveralPhotos.First();
        var group = TestFiles.Photo("groups", "0_Parade_Parade_0_125.jpg");
        using var gallery = facecloud.Gallery("lines");
        await gallery.AddAsync(somebody.Name, somebody.Photos[0]);
        var expected = (int)(await gallery.RecognizeAsync(group))["count"]!;

        using var identify = await RunAsync("lines", group, "/nowhere/photo.jpg", somebody.Photos[0], "--json");
        Assert.Equal(2, identify.ExitCode);
        var files = Lines(identify.Output).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([group, "/nowhere/photo.jpg", somebody.Photos[0]], files.Select(file => (string?)file["file"]));
        Assert.Equal(expected, files[0]["faces"]!.AsArray().Count);
        Assert.NotNull(files[1]["error"]);
        var face = files[2]["faces"]![0]!;
        Assert.Equal(somebody.Name, (string?)face["identity"]);
        Assert.Equal(4, face["bbox"]!.AsArray().Count);
        Assert.InRange((double)face["match_score"]!, 0.9, 1);
    }

    [Fact]
    public async Task The_threshold_is_obeyed_and_a_wrong_one_is_answered_with_the_servers_sentence()
    {
        var somebody = People.WithSeveralPhotos.First();
        using var gallery = facecloud.Gallery("threshold");
        await gallery.AddAsync(somebody.Name, somebody.Photos[0]);

        using var all = await RunAsync("threshold", People.SinglePhotos.First(), "--threshold", "0", "--json");
        Assert.Equal(somebody.Name, (string?)JsonNode.Parse(all.Output)!["faces"]![0]!["identity"]);
        using var wrong = await RunAsync("threshold", somebody.Photos[0], "--threshold", "2");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("The threshold must be between 0 and 1.", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_it_works_on_the_data_folder_and_standard_output_holds_results_only()
    {
        using var data = new DataFolder();
        using var identify = await CommandProcess.RunAsync(data.Path, "identify", People.All[0].Photos[0], "--json");
        Assert.Equal(0, identify.ExitCode);
        Assert.Equal("Unknown", (string?)JsonNode.Parse(Assert.Single(Lines(identify.Output)))!["faces"]![0]!["identity"]);
        Assert.Empty(identify.Errors);
        Assert.Empty(DatabaseServer.Processes(data.Path));
    }

    [Theory]
    [InlineData("No FaceCloud answers at", "identify", "photo.jpg", "--url", "http://127.0.0.1:1")]
    [InlineData("--url needs an address", "identify", "photo.jpg", "--url", "localhost:8000")]
    [InlineData("There is no folder", "import", "/nowhere/photos", "--people-from-folders")]
    [InlineData("There is no folder", "import", "/nowhere/photos")]
    [InlineData("There is no command 'improt'", "improt", "photos")]
    [InlineData("'--fast' is not understood", "import", "photos", "--fast")]
    [InlineData("facecloud models list --help", "models", "list", "--everything")]
    [InlineData("knows scrfd_500m", "models", "pull", "facenet")]
    public async Task A_command_that_cannot_be_carried_out_says_why_in_one_sentence(string says, params string[] arguments)
    {
        using var data = new DataFolder();
        using var command = await CommandProcess.RunAsync(data.Path, arguments);
        Assert.Equal(1, command.ExitCode);
        var line = Assert.Single(Lines(command.Errors));
        Assert.StartsWith("facecloud: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Empty(command.Output);
    }

    [Fact]
    public async Task Networks_are_listed_and_verified()
    {
        using var data = new DataFolder();
        using var list = await CommandProcess.RunAsync(data.Path, "models", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains(Lines(list.Output), row =>
            row.StartsWith("w600k_mbf ", StringComparison.Ordinal)
            && row.Contains(" present ", StringComparison.Ordinal)
            && row.Contains(" yes ", StringComparison.Ordinal));
        using var verify = await CommandProcess.RunAsync(data.Path, "models", "verify");
        Assert.Equal(0, verify.ExitCode);
        Assert.Contains("w600k_mbf: w600k_mbf.onnx is right.", verify.Output, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Task<CommandProcess> RunAsync(string gallery, params string[] arguments) => CommandProcess.RunAsync(
        "/nowhere", ["identify", .. arguments, "--url", facecloud.Http.BaseAddress!.ToString(), "--gallery", gallery]);
}
