using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary><c>GET /api/photos</c>.</summary>
internal static class ListPhotos
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    [Fails(Failure.NotFound)]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        [AllowedValues("queued", "processing", "processed", "failed")] string? status, string? albumId,
        [StringLength(64, MinimumLength = 64)] string? sha256, CancellationToken cancellationToken)
    {
        if (offset < 0 || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(Failure.InvalidRequest, $"The parameter offset must not be negative, and limit must be from 1 to {MaxLimit}.");
        }

        var photos = db.PhotosOf(http).OpenTo(db, Caller.Of(http));
        if (status is not null)
        {
            var statuses = PhotoBody.StatusesOf(status);
            photos = statuses.Length > 0
                ? photos.Where(photo => statuses.Contains(photo.Status))
                : throw new FailureException(Failure.InvalidRequest, "The parameter status must be queued, processing, processed or failed.");
        }

        if (albumId is not null)
        {
            var album = (await db.RequireOpenAlbumAsync(http, albumId, cancellationToken)).Id;
            photos = photos.Where(photo => photo.AlbumId == album);
        }

        if (sha256 is not null)
        {
            var hash = new byte[SHA256.HashSizeInBytes];
            if (Convert.FromHexString(sha256, hash, out _, out var length) != OperationStatus.Done || length != hash.Length)
            {
                throw new FailureException(Failure.InvalidRequest, "The parameter sha256 must be 64 hexadecimal digits.");
            }

            photos = photos.Where(photo => photo.Sha256 == hash);
        }

        var page = await photos.OrderByDescending(photo => photo.Id).Skip(offset ?? 0).Take(limit ?? DefaultLimit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            [.. page.Select(photo => PhotoBody.Of(photo))], page.Count, await photos.LongCountAsync(cancellationToken)));
    }

    /// <param name="Photos">The newest first.</param>
    /// <param name="Count">Of these.</param>
    /// <param name="TotalCount">Of all that pass the filters.</param>
    internal sealed record Response(PhotoBody[] Photos, int Count, [property: JsonPropertyName("totalCount")] long TotalCount);
}
