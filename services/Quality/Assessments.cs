using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Quality.Data;
using FaceCloud.Quality.Scores;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Quality;

/// <summary>Scores of faces for somebody who may see them.</summary>
internal sealed class Assessments(QualityDb db, IFaceDirectory directory, ScoreFeed feed)
{
    /// <summary>Who is asking, and in which gallery.</summary>
    public static FaceReader Reader(HttpRequest http)
    {
        var caller = Caller.Of(http);
        var gallery = http.Headers[GalleryHeader.Name];
        return new FaceReader(gallery.Count == 0 ? GalleryHeader.Default : gallery.ToString(), caller.Name, caller.Role);
    }

    /// <exception cref="FailureException">
    /// <see cref="Failure.NotFound"/>, also of a face that cannot be assessed; <see cref="Failure.Forbidden"/>: somebody else's;
    /// <see cref="Failure.Unavailable"/>: it is assessed soon.
    /// </exception>
    public async Task<FaceQualityBody> GetAsync(HttpRequest http, Guid face, CancellationToken cancellationToken)
    {
        var found = await directory.FindAsync(Reader(http), [face], cancellationToken) is [var listed]
            ? listed
            : throw new FailureException(Failure.NotFound, $"Face {face} not found");
        if (!found.Visible)
        {
            throw new FailureException(Failure.Forbidden, "Access denied");
        }

        return await ReadAsync([face], cancellationToken) is [var scores]
            ? FaceQualityBody.Of(http, found, scores)
            : throw (found.IsAssessable
                ? new FailureException(Failure.Unavailable, $"Face {face} is not assessed yet; try again.")
                : new FailureException(Failure.NotFound, $"Face {face} has no assessment: no picture of it is kept that could be assessed."));
    }

    /// <returns>Those of the faces that the caller may see and that are assessed, in the order in which they were named.</returns>
    public async Task<IReadOnlyList<FaceQualityBody>> CheckAsync(HttpRequest http, IReadOnlyList<Guid> faces, bool strict, CancellationToken cancellationToken)
    {
        var visible = await VisibleAsync(http, faces, cancellationToken);
        var scores = (await ReadAsync([.. visible.Keys], cancellationToken)).ToDictionary(row => row.Face);
        return [.. faces.Distinct().Where(scores.ContainsKey).Select(face => FaceQualityBody.Of(http, visible[face], scores[face], strict))];
    }

    /// <returns>The faces of an album whose overall quality is less, the worst first.</returns>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>, <see cref="Failure.Forbidden"/>: the album.</exception>
    public async Task<IReadOnlyList<FaceQualityBody>> LowestAsync(
        HttpRequest http, string album, double minimum, int limit, CancellationToken cancellationToken)
    {
        var uuid = await directory.AlbumAsync(Reader(http), album, cancellationToken);

        // What was uploaded a moment ago counts, too.
        await feed.FollowAsync(cancellationToken);
        var scores = await db.Faces.AsNoTracking().Where(face => face.Album == uuid && face.OverallQuality < minimum)
            .OrderBy(face => face.OverallQuality).ThenBy(face => face.Face).Take(limit).ToListAsync(cancellationToken);
        var visible = await VisibleAsync(http, [.. scores.Select(face => face.Face)], cancellationToken);
        return [.. scores.Where(face => visible.ContainsKey(face.Face)).Select(face => FaceQualityBody.Of(http, visible[face.Face], face))];
    }

    private async Task<Dictionary<Guid, ListedFace>> VisibleAsync(HttpRequest http, IReadOnlyList<Guid> faces, CancellationToken cancellationToken) =>
        faces.Count == 0
            ? []
            : (await directory.FindAsync(Reader(http), faces, cancellationToken)).Where(face => face.Visible).ToDictionary(face => face.Face);

    /// <summary>Their scores. Where some are missing the news of them may be on its way, so it is fetched.</summary>
    private async Task<List<FaceScores>> ReadAsync(IReadOnlyCollection<Guid> faces, CancellationToken cancellationToken)
    {
        var scores = await StoredAsync();
        if (scores.Count < faces.Count)
        {
            await feed.FollowAsync(cancellationToken);
            scores = await StoredAsync();
        }

        return scores;

        Task<List<FaceScores>> StoredAsync() => db.Faces.AsNoTracking().Where(face => faces.Contains(face.Face)).ToListAsync(cancellationToken);
    }
}
