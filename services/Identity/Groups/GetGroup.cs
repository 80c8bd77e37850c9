using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary><c>GET /api/faces/groups/{id}</c>.</summary>
internal static class GetGroup
{
    public static async Task<Ok<ListGroups.Group>> HandleAsync(
        HttpRequest http, IdentityDb db, FreshGroups fresh, long groupId, CancellationToken cancellationToken)
    {
        var galleryId = await fresh.CatchUpAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var group = await db.FaceGroups.AsNoTracking().SingleOrDefaultAsync(g => g.Id == groupId && g.GalleryId == galleryId, cancellationToken)
            ?? throw NotFound(groupId);
        var faces = await (
            from face in Open(db, groupId)
            join photo in db.Photos on face.PhotoId equals photo.Id
            orderby face.SeenAt descending, face.Id descending
            select new { Face = face, Photo = photo }).AsNoTracking().ToListAsync(cancellationToken);
        return TypedResults.Ok(new ListGroups.Group(
            group.Id, faces.Count, Math.Round(group.Cohesion, 4), [.. faces.Select(row => Unidentified.UnidentifiedFace.Of(row.Face, row.Photo))]));
    }

    /// <summary>The faces of a group that are still nobody's.</summary>
    public static IQueryable<Face> Open(IdentityDb db, long groupId) => db.Faces.Where(face =>
        face.GroupId == groupId && face.PersonId == null && face.ProposedPersonId == null && face.Mark == FaceMark.None);

    public static FailureException NotFound(long groupId) =>
        new(Failure.NotFound, "Group not found") { Details = new Dictionary<string, object?> { ["group_id"] = groupId } };
}
