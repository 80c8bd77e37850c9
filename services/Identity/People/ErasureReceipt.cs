using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.People;

/// <summary>What was erased, by store. The numbers lead nowhere any more; the person's own and their name are not in it.</summary>
/// <param name="Id">To fetch it by, and what the audit trail calls the person.</param>
/// <param name="Status"><c>complete</c>, or <c>pending</c> while index, files or scores still follow.</param>
/// <param name="ErasedAt">UTC, <c>yyyy-MM-ddTHH:mm:ssZ</c>: since then nothing is recognised or shown.</param>
/// <param name="CompletedAt">Likewise; null while it is pending.</param>
/// <param name="Database">Rows.</param>
/// <param name="Index">In the vector index.</param>
/// <param name="Files">In the file store.</param>
/// <param name="Quality">In the quality service.</param>
/// <param name="Kept">What still shows the person.</param>
internal sealed record ErasureReceipt(
    Guid Id, string Status, string ErasedAt, string? CompletedAt,
    ErasureReceipt.InDatabase Database, ErasureReceipt.InIndex Index, ErasureReceipt.InFiles Files,
    ErasureReceipt.InQuality Quality, ErasureReceipt.Remaining Kept)
{
    private const string Complete = "complete";

    [JsonIgnore]
    public bool IsComplete => Status == Complete;

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public static async Task<ErasureReceipt> OfAsync(IdentityDb db, long galleryId, Guid id, CancellationToken cancellationToken)
    {
        var erasure = await db.Erasures.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.GalleryId == galleryId, cancellationToken)
            ?? throw ItemId.NotFound("erasure", id.ToString());
        return new ErasureReceipt(
            erasure.Id,
            erasure.CompletedAt is null ? "pending" : Complete,
            ImageBody.Time(erasure.ErasedAt),
            erasure.CompletedAt is { } at ? ImageBody.Time(at) : null,
            new InDatabase(
                erasure.People, erasure.Faces.Length, erasure.Faces, erasure.Embeddings, erasure.Strangers.Length, erasure.Strangers, erasure.Denials,
                erasure.Links, erasure.HistoryChanges, erasure.AuditEntries),
            new InIndex(erasure.Embeddings),
            new InFiles(erasure.Pictures),
            new InQuality(erasure.Scores),
            new Remaining(erasure.Photos.Length, erasure.Photos));
    }

    /// <param name="People">The person, and those who were merged into them.</param>
    /// <param name="Faces">Of the person, and of strangers like them.</param>
    /// <param name="FaceIds">Their numbers.</param>
    /// <param name="Embeddings">Vectors.</param>
    /// <param name="Strangers">Remembered by the analytics dialect, and like the person.</param>
    /// <param name="StrangerIds">Their numbers.</param>
    /// <param name="Denials">What was remembered of faces not to be somebody.</param>
    /// <param name="Links">Likenesses with other faces.</param>
    /// <param name="HistoryChanges">Changes in the history.</param>
    /// <param name="AuditEntries">Entries of the audit trail that name this receipt now, instead of the person.</param>
    internal sealed record InDatabase(
        int People, int Faces, long[] FaceIds, int Embeddings, int Strangers, long[] StrangerIds, int Denials, int Links, int HistoryChanges, int AuditEntries);

    /// <param name="Vectors">One for each embedding.</param>
    internal sealed record InIndex(int Vectors);

    /// <param name="Pictures">Crops and portraits.</param>
    internal sealed record InFiles(int Pictures);

    /// <param name="Scores">Faces that were assessed.</param>
    internal sealed record InQuality(int Scores);

    /// <param name="Photos">Of the library.</param>
    /// <param name="PhotoIds">Their numbers, for <c>DELETE /api/photos/{id}</c>.</param>
    internal sealed record Remaining(int Photos, long[] PhotoIds);
}
