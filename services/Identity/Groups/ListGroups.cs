using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary><c>GET /api/faces/groups</c>.</summary>
internal static class ListGroups
{
    private const int DefaultMinFaces = 2;
    private const int Shown = 6;
    private const int MostPending = 1_000_000;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, FreshGroups fresh, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset, [Range(1, int.MaxValue), DefaultValue(DefaultMinFaces)] int? minFaces,
        CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        if (minFaces is < 1)
        {
            throw new FailureException(Failure.InvalidRequest, "The parameter minFaces must be at least 1.");
        }

        var galleryId = await fresh.CatchUpAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var least = minFaces ?? DefaultMinFaces;
        var wanted = db.FaceGroups.Where(group => group.GalleryId == galleryId && group.Faces >= least);
        var groups = await wanted.OrderByDescending(group => group.Faces).ThenByDescending(group => group.Id)
            .Skip(page.Offset).Take(page.Limit).AsNoTracking().ToListAsync(cancellationToken);
        long[] ids = [.. groups.Select(group => group.Id)];
        var listed = db.FaceGroups.Where(found => ids.Contains(found.Id)).Select(found => found.Id);
        var faces = (await (
            from id in listed
            from face in db.Faces.Where(face => face.GroupId == id && face.PersonId == null && face.ProposedPersonId == null && face.Mark == FaceMark.None)
                .OrderByDescending(face => face.SeenAt).ThenByDescending(face => face.Id).Take(Shown)
            join photo in db.Photos on face.PhotoId equals photo.Id
            select new { GroupId = id, Face = face, Photo = photo }).AsNoTracking().ToListAsync(cancellationToken)).ToLookup(row => row.GroupId);
        return TypedResults.Ok(new Response(
            [
                .. groups.Select(group => new Group(
                    group.Id,
                    group.Faces,
                    Math.Round(group.Cohesion, 4),
                    [
                        .. faces[group.Id].OrderByDescending(row => row.Face.SeenAt).ThenByDescending(row => row.Face.Id)
                            .Select(row => Unidentified.UnidentifiedFace.Of(row.Face, row.Photo)),
                    ])),
            ],
            groups.Count,
            await wanted.LongCountAsync(cancellationToken),
            await fresh.PendingAsync(galleryId, MostPending, cancellationToken)));
    }

    /// <param name="Groups">The largest first.</param>
    /// <param name="Count">How many this answer holds.</param>
    /// <param name="TotalCount">How many there are.</param>
    /// <param name="Pending">Faces whose group is still being worked out.</param>
    internal sealed record Response(Group[] Groups, int Count, [property: JsonPropertyName("totalCount")] long TotalCount, int Pending);

    /// <param name="Id">The group's, while its faces stay together.</param>
    /// <param name="Count">How many faces.</param>
    /// <param name="Cohesion">Mean cosine of its pairs.</param>
    /// <param name="Faces">The newest of them.</param>
    internal sealed record Group(long Id, int Count, double Cohesion, Unidentified.UnidentifiedFace[] Faces);
}
