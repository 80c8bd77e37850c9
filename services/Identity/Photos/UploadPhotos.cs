using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary><c>POST /api/photos</c>.</summary>
internal static class UploadPhotos
{
    // Longer than any photo takes that is next in the queue, and shorter than what proxies put up with.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    [Fails(Failure.NotFound)]
    public static async Task<Results<Accepted<Response>, Ok<ProcessedResponse>>> HandleAsync(
        HttpRequest http, PhotoUpload upload, IdentityDb db, IHostApplicationLifetime lifetime, string? albumId, bool? wait,
        CancellationToken cancellationToken) =>
        await AnswerAsync(await upload.ReceiveAsync(http, albumId, cancellationToken), db, lifetime, wait, cancellationToken);

    /// <summary>At once, or when the photos are processed where the form or else the address says <c>wait</c>.</summary>
    public static async Task<Results<Accepted<Response>, Ok<ProcessedResponse>>> AnswerAsync(
        Uploaded uploaded, IdentityDb db, IHostApplicationLifetime lifetime, bool? wait, CancellationToken cancellationToken)
    {
        if ((uploaded.Wait ?? wait ?? false) && await AreProcessedAsync(db, uploaded, lifetime.ApplicationStopping, cancellationToken))
        {
            return TypedResults.Ok(await ProcessedAsync(db, uploaded, cancellationToken));
        }

        return TypedResults.Accepted(
            (string?)null,
            new Response(
                [.. uploaded.Photos.Select(photo => new Stored(photo.Id, photo.Uuid, photo.Filename, PhotoBody.StatusWord(photo.Status), photo.Duplicate))],
                uploaded.Job));
    }

    /// <summary>Waits for the photos, for a minute or until the server stops.</summary>
    private static async Task<bool> AreProcessedAsync(IdentityDb db, Uploaded uploaded, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var ids = uploaded.Photos.Select(photo => photo.Id).Distinct().ToArray();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                if (!await db.Photos.AnyAsync(photo => ids.Contains(photo.Id) && photo.Status < PhotoStatus.Processed, limit.Token))
                {
                    return true;
                }

                await Task.Delay(pause, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<ProcessedResponse> ProcessedAsync(IdentityDb db, Uploaded uploaded, CancellationToken cancellationToken)
    {
        var ids = uploaded.Photos.Select(photo => photo.Id).Distinct().ToArray();
        var photos = await db.Photos.AsNoTracking().Where(photo => ids.Contains(photo.Id)).ToDictionaryAsync(photo => photo.Id, cancellationToken);
        var faces = await PhotoBody.FacesAsync(db, ids, cancellationToken);

        // One that somebody deleted meanwhile is not there any more.
        return new ProcessedResponse(
            [.. uploaded.Photos.Where(sent => photos.ContainsKey(sent.Id)).Select(sent => PhotoBody.Of(photos[sent.Id], [.. faces[sent.Id]], sent.Duplicate))],
            uploaded.Job);
    }

    /// <param name="File">The photos, up to 1,000 of them.</param>
    /// <param name="AlbumId">The album they go into: its number or its UUID.</param>
    /// <param name="Wait">Answer when they are processed.</param>
    internal sealed record Form(
        [property: Required] IFormFile[] File, [property: System.Text.Json.Serialization.JsonPropertyName("albumId")] string? AlbumId, bool? Wait);

    /// <param name="Photos">One for each file, in order.</param>
    /// <param name="JobId">For <c>GET /api/v1/jobs/{id}</c>.</param>
    internal sealed record Response(Stored[] Photos, Guid JobId);

    internal sealed record Stored(long Id, Guid Uuid, string Filename, string Status, bool Duplicate);

    /// <summary>With <c>wait</c>: the same, with all that is known of the photos.</summary>
    internal sealed record ProcessedResponse(PhotoBody[] Photos, Guid JobId);
}
