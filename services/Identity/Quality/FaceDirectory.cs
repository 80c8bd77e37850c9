using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>What the quality service asks about faces, answered from the database.</summary>
internal sealed class FaceDirectory(IdentityDb db, ThumbnailUrls thumbnails) : IFaceDirectory
{
    public async Task<IReadOnlyList<ListedFace>> FindAsync(FaceReader reader, IReadOnlyList<Guid> faces, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Require(reader.Gallery);
        var there = db.Faces.Where(face => faces.Contains(face.Uuid) && db.Galleries.Any(owner => owner.Id == face.GalleryId && owner.Name == gallery));
        var visible = (await there.OwnedBy(db, CallerOf(reader)).Select(face => face.Id).ToListAsync(cancellationToken)).ToHashSet();
        var rows = await (
            from face in there
            join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            select new { Face = face, Photo = (Guid?)photo.Uuid }).AsNoTracking().ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ListedFace(
            row.Face.Uuid,
            visible.Contains(row.Face.Id),
            row.Photo,
            visible.Contains(row.Face.Id)
                ? thumbnails.Link(row.Face.Uuid, FaceFiles.Picture(row.Face.Uuid, row.Photo, row.Face.Ordinal, row.Face.Portrait is not null))
                : null,
            row.Face.AssessedAt is null || row.Face.BlurScore is not null))];
    }

    public async Task<Guid> AlbumAsync(FaceReader reader, string album, CancellationToken cancellationToken) =>
        (await db.RequireOwnAlbumAsync(GalleryName.Require(reader.Gallery), CallerOf(reader), album, cancellationToken)).Uuid;

    public async Task<IReadOnlyList<FaceChange>> ChangesAsync(int limit, CancellationToken cancellationToken)
    {
        // First the notes, then the faces: what a note tells of is committed.
        var notes = await db.QualityChanges.AsNoTracking().OrderBy(note => note.Id).Take(limit).ToListAsync(cancellationToken);
        var uuids = notes.Select(note => note.FaceUuid).Distinct().ToArray();
        var rows = await (
            from face in db.Faces
            join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            join album in db.Albums on photo.AlbumId equals (long?)album.Id into albums
            from album in albums.DefaultIfEmpty()
            where uuids.Contains(face.Uuid) && face.BlurScore != null
            select new { Face = face, Album = (Guid?)album.Uuid }).AsNoTracking().ToListAsync(cancellationToken);
        var now = rows.ToDictionary(row => row.Face.Uuid, row => Assessed(row.Face, row.Album));
        return [.. notes.Select(note => new FaceChange(note.Id, note.FaceUuid, now.GetValueOrDefault(note.FaceUuid)))];
    }

    public Task ConfirmAsync(IReadOnlyList<long> changes, CancellationToken cancellationToken) =>
        db.QualityChanges.Where(note => changes.Contains(note.Id)).ExecuteDeleteAsync(cancellationToken);

    public async Task<AssessedFaces> CountAsync(CancellationToken cancellationToken) => new(
        await db.Faces.LongCountAsync(face => face.BlurScore != null, cancellationToken),
        await db.QualityChanges.LongCountAsync(cancellationToken));

    public Task TellAllAgainAsync(CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"INSERT INTO identity.quality_changes (face_uuid) SELECT uuid FROM identity.faces WHERE blur_score IS NOT NULL ORDER BY id", cancellationToken);

    private static AssessedFace Assessed(Face face, Guid? album) => new(
        album, face.BlurScore!.Value, face.BrightnessScore!.Value, face.ExposureScore!.Value, face.Confidence, face.Box, FaceRow.Landmarks(face),
        face.Occlusion);

    private static Caller CallerOf(FaceReader reader) => new(reader.Name, reader.Role);
}
