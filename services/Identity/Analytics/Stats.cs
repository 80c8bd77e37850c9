using System.Globalization;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Analytics;

/// <summary><c>GET /stats</c>.</summary>
internal static class Stats
{
    private const int Top = 10;

    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, IdentityDb db, CancellationToken cancellationToken)
    {
        var now = DateTime.UtcNow;
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var counts = db.DetectionCounts.Where(count => count.GalleryId == galleryId);
        var strangers = db.Strangers.Where(stranger => stranger.GalleryId == galleryId);
        var top = await strangers.OrderByDescending(s => s.DetectionCount).ThenByDescending(s => s.LastSeen).Take(Top)
            .AsNoTracking().ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            await db.People.LongCountAsync(person => person.GalleryId == galleryId && person.Faces.Count > 0, cancellationToken),
            await strangers.LongCountAsync(cancellationToken),
            await counts.SumAsync(count => count.Faces, cancellationToken),
            await counts.Where(count => count.Minute > now.AddHours(-24)).SumAsync(count => count.Faces, cancellationToken),
            [.. top.Select(s => new TopUnknown(s.Alias, s.DetectionCount, Time(s.LastSeen)))],
            Time(now)));
    }

    private static string Time(DateTime utc) => utc.ToString(AnalyticsApi.TimeFormat, CultureInfo.InvariantCulture);

    /// <param name="KnownFaces">People with at least one enrolled face.</param>
    /// <param name="UnknownFaces">People without a name who are remembered.</param>
    /// <param name="TotalDetections">Faces found by <c>/analyze</c>, ever.</param>
    /// <param name="RecentDetections24h">Those of the last 24 hours, to the minute.</param>
    /// <param name="TopUnknownFaces">The ten seen most often.</param>
    /// <param name="LastUpdated">UTC.</param>
    internal sealed record Response(
        long KnownFaces,
        long UnknownFaces,
        long TotalDetections,
        [property: System.Text.Json.Serialization.JsonPropertyName("recent_detections_24h")] long RecentDetections24h,
        TopUnknown[] TopUnknownFaces,
        string LastUpdated);

    internal sealed record TopUnknown(string PersonId, long DetectionCount, string LastSeen);
}
