using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reembedding;

/// <summary>A face that the loaded recogniser has not embedded yet.</summary>
/// <param name="Id">The face's.</param>
/// <param name="Picture">The key of the file it is in, its photo or its portrait; null where none is kept.</param>
/// <param name="IsPhoto">Whether that is the photo.</param>
/// <param name="Box">Where in it.</param>
internal sealed record PendingFace(long Id, string? Picture, bool IsPhoto, FaceBox Box)
{
    public static Task<long> CountAsync(IdentityDb db, string recogniser, CancellationToken cancellationToken) =>
        Pending(db, recogniser).LongCountAsync(cancellationToken);

    /// <summary>The next ones by id.</summary>
    public static async Task<IReadOnlyList<PendingFace>> ReadAsync(IdentityDb db, string recogniser, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await (
            from face in Pending(db, recogniser)
            join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            where face.Id > after
            orderby face.Id
            select new { Face = face, Photo = photo }).Take(limit).AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.Select(row => row switch
        {
            { Photo: { } photo } => new PendingFace(row.Face.Id, PhotoFiles.Original(photo.Uuid, photo.Extension), true, row.Face.Box),
            { Face.Portrait: { } box } => new PendingFace(row.Face.Id, FaceFiles.Portrait(row.Face.Uuid), false, box),
            _ => new PendingFace(row.Face.Id, null, false, row.Face.Box),
        })];
    }

    /// <summary>Without strangers of whom no picture is kept: those are forgotten.</summary>
    private static IQueryable<Face> Pending(IdentityDb db, string recogniser) =>
        db.Faces.Where(face => !face.Embeddings.Any(embedding => embedding.Recogniser == recogniser)
            && (face.PhotoId != null || face.Portrait != null || face.PersonId != null || face.StrangerId == null));
}
