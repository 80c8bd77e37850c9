using System.Diagnostics;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Records;

/// <summary><c>POST /maintenance/rebuild-index</c>: searches see the old index until the new one is complete.</summary>
internal static class RebuildIndex
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, IndexSync indexSync, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var gallery = GalleryName.Of(http);
        foreach (var recogniser in await db.Embeddings.Select(embedding => embedding.Recogniser).Distinct().ToListAsync(cancellationToken))
        {
            await indexSync.RebuildAsync(recogniser, cancellationToken);
        }

        // The index is one for all galleries; how much is in those of others is not told.
        var records = await (
            from face in db.Faces
            join owner in db.Galleries on face.GalleryId equals owner.Id
            where owner.Name == gallery && face.EmbeddingIndex != null
            select face).LongCountAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            true, "Index rebuilt successfully", records, Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    internal sealed record Response(bool Success, string Message, long TotalRecords, double DurationMs);
}
