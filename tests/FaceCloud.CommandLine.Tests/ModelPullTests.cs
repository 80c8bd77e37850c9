using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using FaceCloud.Inference;
using FaceCloud.Standalone.Commands;
using FaceCloud.Standalone.Commands.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FaceCloud.CommandLine.Tests;

/// <summary>Downloads of networks from a server here that plays the publisher's.</summary>
public sealed class ModelPullTests : IDisposable
{
    private const string Version = "\"first\"";

    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(3_000_000);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly ConcurrentQueue<(string Range, string IfRange)> _requests = new();
    private readonly ProgressCount _progress = new("MB", 1e6);

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_is_downloaded_checked_and_named()
    {
        await using var server = await ServeAsync(() => Content);
        await PullAsync(server, "network.onnx");
        AssertThere();
        Assert.Equal(1, _progress.Share);
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_where_it_stopped()
    {
        await using var server = await ServeAsync(() => Content, breakOffAt: 1_000_000);
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        Assert.Contains("Run the command again to go on from there.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["network.onnx.part", "network.onnx.part.version"], _folder.Files);
        var received = new FileInfo(Path.Combine(_folder.Path, "network.onnx.part")).Length;
        Assert.InRange(received, 1, 1_000_000);

        await PullAsync(server, "network.onnx");
        AssertThere();
        Assert.Equal([("", ""), ($"bytes={received}-", Version)], _requests);
    }

    [Fact]
    public async Task A_download_of_a_file_that_changed_meanwhile_starts_over()
    {
        var version = "\"of another file\"";
        await using var server = await ServeAsync(() => version == Version ? Content : new byte[Content.Length], breakOffAt: 1_000_000, version: () => version);
        await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        version = Version;
        await PullAsync(server, "network.onnx");
        AssertThere();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_cannot_go_on_is_asked_for_all_of_it(bool namesVersions)
    {
        await using var server = await ServeAsync(() => Content, breakOffAt: 1_000_000, version: () => namesVersions ? Version : null, ranges: false);
        await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        await PullAsync(server, "network.onnx");
        AssertThere();
        Assert.Equal(namesVersions, _requests.Last().Range.Length > 0);
    }

    [Fact]
    public async Task All_of_a_file_that_came_before_the_program_ended_is_not_downloaded_again()
    {
        await using var server = await ServeAsync(() => Content);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "network.onnx.part"), Content);
        await PullAsync(server, "network.onnx");
        AssertThere();
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task Other_bytes_are_refused_and_leave_nothing()
    {
        var other = (byte[])Content.Clone();
        other[^1] ^= 1;
        await using var server = await ServeAsync(() => other);
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        Assert.Contains(Hash(other), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Hash(Content), refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task More_bytes_than_the_file_has_are_not_even_downloaded()
    {
        await using var server = await ServeAsync(() => [.. Content, 0]);
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        Assert.Contains($"longer than {Content.Length} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task Other_bytes_do_not_replace_a_file_that_is_there()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "network.onnx"), "there");
        await using var server = await ServeAsync(() => new byte[Content.Length]);
        await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        Assert.Equal("there", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "network.onnx")));
    }

    [Fact]
    public async Task Of_an_archive_the_one_file_is_taken_even_after_it_broke_off()
    {
        var archive = Archive("pack/network.onnx");
        await using var server = await ServeAsync(() => archive, breakOffAt: 1_000_000);
        await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "pack.zip"));
        Assert.Equal(["pack.zip.part", "pack.zip.part.version"], _folder.Files);
        await PullAsync(server, "pack.zip");
        AssertThere();
    }

    [Fact]
    public async Task An_archive_that_came_before_the_program_ended_is_not_downloaded_again()
    {
        var archive = Archive("network.onnx");
        await using var server = await ServeAsync(() => archive);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "pack.zip.part"), archive);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "pack.zip.part.version"), Version);
        await PullAsync(server, "pack.zip");
        AssertThere();
        Assert.Equal([($"bytes={archive.Length}-", Version)], _requests);
    }

    [Fact]
    public async Task An_archive_without_the_file_is_refused_and_leaves_nothing()
    {
        var archive = Archive("another.onnx");
        await using var server = await ServeAsync(() => archive);
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "pack.zip"));
        Assert.Contains("holds no file network.onnx", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task What_is_no_archive_is_refused_and_leaves_nothing()
    {
        await using var server = await ServeAsync(() => Content);
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "pack.zip"));
        Assert.Contains("no zip archive", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task An_address_that_is_gone_is_said_so()
    {
        await using var server = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        var refusal = await Assert.ThrowsAsync<CommandException>(() => PullAsync(server, "network.onnx"));
        Assert.Equal($"{server.Address}network.onnx answers 404 Not Found: the publisher does not offer network there now.", refusal.Message);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_so()
    {
        var server = await ServeAsync(() => Content);
        var model = Network(new Uri(server.Address, "network.onnx"));
        await server.DisposeAsync();
        var refusal = await Assert.ThrowsAsync<CommandException>(() => new ModelPull(_http, _folder.Path, model, _progress).RunAsync(default));
        Assert.Contains("does not answer", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // The registry takes https addresses only; the servers here have no certificate.
    private static ModelDescription Network(Uri address) => ModelRegistry.Default.Models[0] with
    {
        Name = "network",
        File = new ModelFile("network.onnx", Hash(Content), Content.Length),
        Download = new ModelDownload(address),
    };

    private static byte[] Archive(string member)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using (var readme = archive.CreateEntry("README").Open())
            {
                readme.Write("what is in it"u8);
            }

            using var entry = archive.CreateEntry(member).Open();
            entry.Write(Content);
        }

        return bytes.ToArray();
    }

    /// <param name="content">What is offered now.</param>
    /// <param name="breakOffAt">After so many bytes the first answer ends with the connection.</param>
    /// <param name="version">The ETag.</param>
    /// <param name="ranges">Whether a part can be asked for.</param>
    private Task<LocalServer> ServeAsync(
        Func<byte[]> content, int? breakOffAt = null, Func<string?>? version = null, bool ranges = true) => LocalServer.StartAsync(async context =>
    {
        _requests.Enqueue((context.Request.Headers.Range.ToString(), context.Request.Headers.IfRange.ToString()));
        var tag = version is null ? Version : version();
        if (breakOffAt is { } end && _requests.Count == 1)
        {
            context.Response.ContentLength = content().Length;
            context.Response.Headers.ETag = tag;
            await context.Response.Body.WriteAsync(content().AsMemory(0, end));
            await context.Response.Body.FlushAsync();

            // In order, not aborted: what was written arrives.
            throw new InvalidOperationException();
        }

        await Results
            .Bytes(content(), "application/octet-stream", entityTag: tag is null ? null : EntityTagHeaderValue.Parse(tag), enableRangeProcessing: ranges)
            .ExecuteAsync(context);
    });

    private Task PullAsync(LocalServer server, string file) =>
        new ModelPull(_http, _folder.Path, Network(new Uri(server.Address, file)), _progress).RunAsync(TestContext.Current.CancellationToken);

    private void AssertThere()
    {
        Assert.Equal(["network.onnx"], _folder.Files);
        Assert.Equal(Content, File.ReadAllBytes(Path.Combine(_folder.Path, "network.onnx")));
    }
}
