using System.IO.Compression;
using System.Net;
using FaceCloud.Inference;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>
/// Downloads one network. What has come lies in <c>*.part</c>, and beside it what the server calls that version of the file; with both a later
/// run asks for the rest only (RFC 9110, Range and If-Range). The file gets its name when its SHA-256 is the registry's, and never before.
/// </summary>
internal sealed class ModelPull
{
    private const int BufferSize = 128 * 1024;

    // Of an archive the registry does not say how long it is; without a bound a server could fill the disk.
    private const long MaxArchiveBytes = 4L * 1024 * 1024 * 1024;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private readonly ModelDescription _model;
    private readonly ProgressCount _progress;
    private readonly Uri _address;
    private readonly bool _isArchive;
    private readonly string _target;
    private readonly string _part;
    private readonly string _version;

    /// <param name="http">Without a timeout of its own.</param>
    /// <param name="folder">Of the networks.</param>
    /// <param name="model">One with an address.</param>
    /// <param name="progress">Counts bytes.</param>
    public ModelPull(HttpClient http, string folder, ModelDescription model, ProgressCount progress)
    {
        (_http, _model, _progress) = (http, model, progress);
        _address = model.Download.Address!;
        _isArchive = _address.AbsolutePath.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        _target = Path.Combine(folder, model.File.Name);
        _part = _isArchive ? Path.Combine(folder, Path.GetFileName(_address.AbsolutePath) + ".part") : _target + ".part";
        _version = _part + ".version";
    }

    /// <exception cref="CommandException">It is not to be had, or not what it should be. A download that broke off goes on at the next try.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var candidate = _isArchive ? _target + ".new" : _part;
        try
        {
            await FetchAsync(cancellationToken);
            if (_isArchive)
            {
                await ExtractAsync(candidate, cancellationToken);
            }

            var hash = await PresentFiles.HashAsync(candidate, cancellationToken);
            if (hash != _model.File.Sha256)
            {
                throw new NotTheFileException($"its SHA-256 is {hash}, expected {_model.File.Sha256}");
            }

            File.Move(candidate, _target, overwrite: true);
            Forget();
        }
        catch (NotTheFileException e)
        {
            Forget();
            throw new CommandException($"What {_address} offers is not {_model.Name}: {e.Message}. It was thrown away.", e);
        }
        catch when (new FileInfo(_part) is { Exists: true, Length: 0 })
        {
            Forget();
            throw;
        }
        finally
        {
            if (_isArchive)
            {
                File.Delete(candidate);
            }
        }
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        // Two downloads of one file at a time would spoil each other.
        await using var part = new FileStream(_part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            if (!_isArchive && part.Length == _model.File.Bytes)
            {
                return; // all of it came, and then the program ended
            }

            using var response = await AskForRestAsync(part, cancellationToken);
            if (response is not null)
            {
                await ReceiveAsync(response, part, cancellationToken);
            }

            part.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw new CommandException(
                part.Length == 0
                    ? $"{_address} does not answer: {e.Message}"
                    : $"The download broke off after {part.Length / 1e6:0.0} MB: {e.Message} Run the command again to go on from there.",
                e);
        }
    }

    /// <returns>An answer whose body goes to the end of the part file; null if that is complete.</returns>
    private async Task<HttpResponseMessage?> AskForRestAsync(FileStream part, CancellationToken cancellationToken)
    {
        if (!File.Exists(_version))
        {
            part.SetLength(0); // nobody knows of which version it is
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, _address);
        if (part.Length > 0)
        {
            request.Headers.Range = new(part.Length, null);
            request.Headers.TryAddWithoutValidation("If-Range", await File.ReadAllTextAsync(_version, cancellationToken));
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && part.Length > 0 && range?.Length == part.Length)
        {
            response.Dispose();
            return null;
        }

        if (part.Length > 0 && (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && range?.From != part.Length)))
        {
            response.Dispose();
            part.SetLength(0);
            return await AskForRestAsync(part, cancellationToken);
        }

        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw new CommandException(
                    $"{_address} answers {(int)response.StatusCode} {response.ReasonPhrase}: the publisher does not offer {_model.Name} there now.");
            }
        }

        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            _progress.Total = range?.Length ?? 0;
            _progress.Skip(part.Length);
        }
        else
        {
            // From the start: the first time, another version, or a server that does not know ranges.
            part.SetLength(0);
            _progress.Total = response.Content.Headers.ContentLength ?? 0;
        }

        NoteVersion(response);
        return response;
    }

    /// <summary>Only a strong name of the version, or its date, may be used to go on with it.</summary>
    private void NoteVersion(HttpResponseMessage response)
    {
        var version = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : response.Content.Headers.LastModified?.ToString("r");
        if (version is null)
        {
            File.Delete(_version);
        }
        else
        {
            File.WriteAllText(_version, version);
        }
    }

    private async Task ReceiveAsync(HttpResponseMessage response, FileStream part, CancellationToken cancellationToken)
    {
        var limit = _isArchive ? MaxArchiveBytes : _model.File.Bytes;
        var buffer = new byte[BufferSize];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        part.Position = part.Length;
        while (await body.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(ReadTimeout, cancellationToken) is > 0 and var read)
        {
            if (part.Length + read > limit)
            {
                throw new NotTheFileException($"it is longer than {limit} bytes");
            }

            await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            _progress.Advance(read);
        }
    }

    private async Task ExtractAsync(string candidate, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = await ZipFile.OpenReadAsync(_part, cancellationToken);
            var member = archive.Entries.FirstOrDefault(entry => entry.Name == _model.File.Name)
                ?? throw new NotTheFileException($"the archive holds no file {_model.File.Name}");
            if (member.Length != _model.File.Bytes)
            {
                throw new NotTheFileException($"{_model.File.Name} in the archive has {member.Length} bytes, expected {_model.File.Bytes}");
            }

            await using var content = await member.OpenAsync(cancellationToken);
            await using var file = new FileStream(candidate, FileMode.Create, FileAccess.Write, FileShare.None);
            await content.CopyToAsync(file, cancellationToken);
            file.Flush(flushToDisk: true);
        }
        catch (InvalidDataException e)
        {
            throw new NotTheFileException($"it is no zip archive that can be read ({e.Message})", e);
        }
    }

    private void Forget()
    {
        File.Delete(_part);
        File.Delete(_version);
    }

    /// <summary>The whole of it came, and is something else.</summary>
    private sealed class NotTheFileException(string message, Exception? inner = null) : Exception(message, inner);
}
