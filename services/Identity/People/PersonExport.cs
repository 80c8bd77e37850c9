using System.Data;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using FaceCloud.Contracts.Faces;
using FaceCloud.Files;
using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.Photos;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.People;

/// <summary>
/// Everything that is held on a person, as a zip file that is written while it is read: all of one instant of the database, a row or a piece of a file
/// in memory at a time.
/// </summary>
internal sealed class PersonExport(IdentityDb db, IFileStore files, Strangers strangers, IOptions<JsonOptions> json)
{
    private const int Portion = 1000;

    /// <param name="person">Whom it is about.</param>
    /// <param name="gallery">The name of their gallery.</param>
    /// <param name="withPhotos">Also the photos they are on, which may show others.</param>
    /// <param name="output">Takes synchronous writes, too.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public async Task WriteAsync(Person person, string gallery, bool withPhotos, Stream output, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var own = db.Faces.AsNoTracking().Where(face => face.PersonId == person.Id).OrderBy(face => face.Id);
        long[] faceIds = await own.Select(face => face.Id).ToArrayAsync(cancellationToken);

        await WriteJsonAsync(
            zip, "person.json",
            new PersonPart(
                person.Id, person.Uuid, person.Name, person.Alias, gallery, Time(person.CreatedAt), Time(DateTime.UtcNow),
                faceIds.Length, withPhotos),
            cancellationToken);
        await WriteJsonAsync(zip, "faces.json", FacesAsync(own), cancellationToken);
        await WriteJsonAsync(
            zip, "proposals.json",
            db.Faces.Where(face => face.ProposedPersonId == person.Id).OrderBy(face => face.Id)
                .Select(face => new ProposalPart(face.Id, face.Uuid, face.PhotoId, face.PersonConfidence)).AsAsyncEnumerable(),
            cancellationToken);
        await WriteJsonAsync(
            zip, "denials.json",
            db.Negatives.Where(negative => negative.PersonId == person.Id || faceIds.Contains(negative.FaceId)).OrderBy(negative => negative.FaceId)
                .Select(negative => new DenialPart(negative.FaceId, negative.PersonId)).AsAsyncEnumerable(),
            cancellationToken);
        await WriteJsonAsync(zip, "history.json", HistoryAsync(person.Id, faceIds), cancellationToken);
        var alike = await strangers.LikeAsync(person.GalleryId, faceIds);
        await WriteJsonAsync(
            zip, "strangers.json",
            db.Strangers.AsNoTracking().Where(stranger => alike.Contains(stranger.Id)).OrderBy(stranger => stranger.Id).AsAsyncEnumerable()
                .Select(stranger => new StrangerPart(stranger.Alias, Time(stranger.FirstSeen), Time(stranger.LastSeen), stranger.DetectionCount)),
            cancellationToken);
        await WriteJsonAsync(zip, "audit.json", AuditAsync(person.Uuid, own), cancellationToken);

        foreach (var portion in faceIds.Chunk(Portion))
        {
            foreach (var (id, key) in await FaceFiles.PicturesAsync(db, portion, cancellationToken))
            {
                await CopyAsync(zip, PictureName(id), key, cancellationToken);
            }
        }

        if (withPhotos)
        {
            var shown = db.Photos.AsNoTracking().Where(photo => photo.Faces.Any(face => face.PersonId == person.Id)).OrderBy(photo => photo.Id);
            await foreach (var photo in shown.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                await CopyAsync(zip, PhotoName(photo), PhotoFiles.Original(photo.Uuid, photo.Extension), cancellationToken);
            }
        }
    }

    private static string PictureName(long face) => string.Create(CultureInfo.InvariantCulture, $"pictures/face_{face}.jpg");

    // The client's name for it is in faces.json: it may be one that no folder can hold.
    private static string PhotoName(Photo photo) => string.Create(CultureInfo.InvariantCulture, $"photos/{photo.Id}.{photo.Extension}");

    private static string Time(DateTime utc) => ImageBody.Time(utc);

    private IAsyncEnumerable<FacePart> FacesAsync(IQueryable<Face> own) => (
        from face in own
        join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
        from photo in photos.DefaultIfEmpty()
        orderby face.Id
        select new { Face = face, Photo = photo, Embeddings = db.Embeddings.Where(embedding => embedding.FaceId == face.Id).ToList() })
        .AsAsyncEnumerable().Select(row => FacePart.Of(row.Face, row.Photo, row.Embeddings));

    private async IAsyncEnumerable<EntryPart> HistoryAsync(long personId, long[] faceIds)
    {
        var changes = db.LedgerChanges.AsNoTracking().Where(change => change.PersonId == personId || faceIds.Contains(change.FaceId!.Value));
        var rows = from entry in db.Ledger.AsNoTracking()
                   join change in changes on entry.Id equals change.EntryId
                   orderby entry.Id, change.Ordinal
                   select new { Entry = entry, Change = change };
        await foreach (var row in rows.AsAsyncEnumerable())
        {
            yield return new EntryPart(
                row.Entry.Id, Time(row.Entry.At), row.Entry.Actor, row.Entry.Dialect, row.Entry.Action, row.Entry.Reason, ChangeBody.Of(row.Change));
        }
    }

    /// <summary>Of an entry about several people, what is about this one.</summary>
    private IAsyncEnumerable<AuditPart> AuditAsync(Guid person, IQueryable<Face> own) =>
        db.Audit.AsNoTracking().Where(entry => entry.People.Contains(person)).OrderBy(entry => entry.Id)
            .Select(entry => new { Entry = entry, Faces = own.Where(face => entry.Faces.Contains(face.Uuid)).Select(face => face.Id).ToList() })
            .AsAsyncEnumerable()
            .Select(row => new AuditPart(
                row.Entry.Id, Time(row.Entry.At), row.Entry.Actor, row.Entry.Dialect, row.Entry.Action, [.. row.Faces], row.Entry.Trace));

    private async Task WriteJsonAsync<T>(ZipArchive zip, string name, T value, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await JsonSerializer.SerializeAsync(entry, value, json.Value.SerializerOptions, cancellationToken);
    }

    /// <summary>Pictures are compressed already. One that is not in the store is left out.</summary>
    private async Task CopyAsync(ZipArchive zip, string name, string key, CancellationToken cancellationToken)
    {
        await using var file = await files.OpenAsync(key, cancellationToken);
        if (file is not null)
        {
            await using var entry = await zip.CreateEntry(name, CompressionLevel.NoCompression).OpenAsync(cancellationToken);
            await file.CopyToAsync(entry, cancellationToken);
        }
    }

    private static string[] Covered(Occlusion parts) =>
        [.. Enum.GetValues<Occlusion>().Where(part => part != Occlusion.None && parts.HasFlag(part)).Select(part => part.ToString().ToLowerInvariant())];

    private sealed record PersonPart(
        long Id, Guid Uuid, string Name, string Alias, string Gallery, string CreatedAt, string ExportedAt, int FaceCount, bool WithPhotos);

    private sealed record FacePart(
        long Id, Guid Uuid, PhotoPart? Photo, FaceBox Box, float[] Landmarks, float Confidence, string Detector,
        float? Age, string? Gender, float? GenderConfidence,
        float? BlurScore, float? BrightnessScore, float? ExposureScore, string[] Occlusion,
        float? PersonConfidence, string? AssignedBy, long? EmbeddingIndex, JsonElement? Metadata,
        string SeenAt, string CreatedAt, string? Picture, EmbeddingPart[] Embeddings)
    {
        public static FacePart Of(Face face, Photo? photo, IEnumerable<Embedding> embeddings) => new(
            face.Id,
            face.Uuid,
            photo is null
                ? null
                : new PhotoPart(photo.Id, photo.Uuid, photo.Filename, photo.TakenAt is { } taken ? Time(taken) : null, photo.AlbumId, PhotoName(photo)),
            face.Box,
            face.Landmarks,
            face.Confidence,
            face.Detector,
            face.Age,
            face.Gender?.ToString().ToLowerInvariant(),
            face.GenderConfidence,
            face.BlurScore,
            face.BrightnessScore,
            face.ExposureScore,
            Covered(face.Occlusion),
            face.PersonConfidence,
            face.AssignedBy?.ToString().ToLowerInvariant(),
            face.EmbeddingIndex,
            Records.Record.MetadataOf(face),
            Time(face.SeenAt),
            Time(face.CreatedAt),
            face.PhotoId is null && face.Portrait is null ? null : PictureName(face.Id),
            [.. embeddings.Select(embedding => new EmbeddingPart(embedding.Recogniser, embedding.Vector))]);
    }

    private sealed record PhotoPart(long Id, Guid Uuid, string Filename, string? DateTaken, long? AlbumId, string File);

    private sealed record EmbeddingPart(string Recogniser, float[] Vector);

    private sealed record ProposalPart(long FaceId, Guid FaceUuid, long? PhotoId, float? Confidence);

    private sealed record DenialPart(long FaceId, long PersonId);

    private sealed record EntryPart(long Id, string At, string Actor, string Dialect, string Action, string? Reason, ChangeBody Change);

    private sealed record StrangerPart(string Id, string FirstSeen, string LastSeen, long DetectionCount);

    private sealed record AuditPart(long Id, string At, string Actor, string Dialect, string Action, long[] FaceIds, string? TraceId);
}
