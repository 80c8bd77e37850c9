using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace FaceCloud.Standalone.Commands.Import;

/// <summary>
/// Sends the photos of a folder that are not there yet. What is done is known to the server alone, which is asked before a photo is sent and
/// again after an answer that did not come: so an import that ended anywhere, in whatever way, is simply started again.
/// </summary>
internal sealed class Importer(IImportTarget target, int parallel, ProgressCount progress)
{
    private const int Attempts = 4;

    private readonly ConcurrentQueue<FailedPhoto> _failed = new();
    private int _there;
    private int _copies;
    private int _imported;
    private int _lostInARow;
    private string? _gone;

    /// <summary>The pause after a connection was lost; it doubles each time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to go on asking a server that says it is busy, for each photo.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <param name="photos">In the order in which they are sent, as far as several at a time have an order.</param>
    /// <param name="stop">No further photo is sent; those under way are finished.</param>
    public async Task<ImportResult> RunAsync(IReadOnlyList<Photo> photos, CancellationToken stop)
    {
        progress.Total = photos.Count;
        await target.PrepareAsync(stop);
        await Parallel.ForEachAsync(
            MissingAsync(photos, stop),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (photo, _) => await ImportAsync(photo, stop));
        return new ImportResult(
            _imported, _there, _copies, [.. _failed.OrderBy(failed => failed.File, StringComparer.Ordinal)], stop.IsCancellationRequested, _gone);
    }

    /// <summary>Hashes photo after photo. One after the other, so that of two copies it is always the first that is sent.</summary>
    private async IAsyncEnumerable<MissingPhoto> MissingAsync(IReadOnlyList<Photo> photos, [EnumeratorCancellation] CancellationToken stop)
    {
        var seen = new HashSet<PhotoKey>();
        foreach (var photo in photos)
        {
            if (stop.IsCancellationRequested || _gone is not null)
            {
                yield break;
            }

            if (await HashAsync(photo) is not { } key)
            {
                continue;
            }

            if (!seen.Add(key))
            {
                _copies++;
                progress.Skip();
            }
            else if (await WasThereAsync(key, stop))
            {
                _there++;
                progress.Skip();
            }
            else
            {
                yield return new MissingPhoto(photo, key);
            }
        }
    }

    private async Task<bool> WasThereAsync(PhotoKey key, CancellationToken stop)
    {
        try
        {
            return await target.HadAsync(key, stop);
        }
        catch (HttpRequestException)
        {
            return false; // sending it will meet the same trouble, and count it
        }
    }

    private async Task<PhotoKey?> HashAsync(Photo photo)
    {
        try
        {
            await using var file = File.OpenRead(photo.Path);
            return new PhotoKey(photo.Person, Convert.ToHexStringLower(await SHA256.HashDataAsync(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(photo, e.Message);
            return null;
        }
    }

    private async Task ImportAsync(MissingPhoto missing, CancellationToken stop)
    {
        try
        {
            if (await WhyNotThereAsync(missing, stop) is { } reason)
            {
                Fail(missing.Photo, reason);
                return;
            }

            Interlocked.Increment(ref _imported);
            progress.Advance();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It waited for its next attempt; the next import does it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(missing.Photo, e.Message);
        }
    }

    /// <returns>Null once it is there.</returns>
    private async Task<string?> WhyNotThereAsync(MissingPhoto missing, CancellationToken stop)
    {
        var (lost, waited) = (0, TimeSpan.Zero);
        while (true)
        {
            var answer = await SendAsync(missing);
            if (answer.Pause is not { } pause)
            {
                return answer.Failure;
            }

            if (answer.Lost)
            {
                if (++lost == Attempts)
                {
                    CountLost(answer.Failure!);
                    return answer.Failure;
                }

                pause = FirstPause * Math.Pow(2, lost - 1);
            }
            else if ((waited += pause) > MaxWait)
            {
                return answer.Failure;
            }

            await Task.Delay(pause, stop);
            if (await IsThereAsync(missing.Key))
            {
                return null;
            }
        }
    }

    private async Task<Answer> SendAsync(MissingPhoto missing)
    {
        try
        {
            using var response = await target.SendAsync(missing.Photo, missing.Key);
            Volatile.Write(ref _lostInARow, 0);
            return response.IsSuccessStatusCode
                ? new Answer(await target.FailureAsync(response))
                : new Answer(await ServerAnswer.SentenceAsync(response), ServerAnswer.Pause(response));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return new Answer($"The connection to the server was lost: {e.Message}", FirstPause, Lost: true);
        }
    }

    /// <summary>An answer that did not come may have been that the photo is there.</summary>
    private async Task<bool> IsThereAsync(PhotoKey key)
    {
        try
        {
            return await target.HasAsync(key, CancellationToken.None);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or CommandException)
        {
            return false; // sending it will meet the same trouble, and count it
        }
    }

    /// <summary>One photo may end a connection; when all that are under way are lost, the server is gone.</summary>
    private void CountLost(string sentence)
    {
        if (Interlocked.Increment(ref _lostInARow) >= parallel)
        {
            _gone = sentence;
        }
    }

    private void Fail(Photo photo, string sentence)
    {
        _failed.Enqueue(new FailedPhoto(photo.File, sentence));
        progress.Advance();
    }

    private sealed record MissingPhoto(Photo Photo, PhotoKey Key);

    /// <param name="Failure">Null: it is there.</param>
    /// <param name="Pause">After which to try again; null where that would not help.</param>
    /// <param name="Lost">There was no answer.</param>
    private sealed record Answer(string? Failure, TimeSpan? Pause = null, bool Lost = false);
}

/// <param name="Imported">By this import.</param>
/// <param name="There">Before this import.</param>
/// <param name="Copies">The same bytes as another photo in the folder, of the same person where people are told apart.</param>
/// <param name="Failed">In the order of their files.</param>
/// <param name="Stopped">With Ctrl+C, before the end.</param>
/// <param name="Gone">Why the server is believed gone; the rest was not tried then.</param>
internal sealed record ImportResult(int Imported, int There, int Copies, IReadOnlyList<FailedPhoto> Failed, bool Stopped, string? Gone);

/// <param name="File">In the folder.</param>
/// <param name="Sentence">The server's own, where it gave one.</param>
internal sealed record FailedPhoto(string File, string Sentence);
