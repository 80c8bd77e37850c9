using System.Diagnostics;
using FaceCloud.Contracts;
using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Pipeline;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.People;

/// <summary>
/// Erases people. One transaction takes everything that is held on a person out of the tables and leaves the notes by which index and files follow,
/// with the receipt. <see cref="FinishAsync"/> then does what the notes say, at once and as often as <see cref="ErasureSweep"/> finds a receipt
/// that is not complete; so whatever interrupts it, it ends.
/// </summary>
internal sealed class PersonErasure(
    IdentityDb db, Ledger ledger, IndexSync indexSync, FileRemovals removals, Strangers strangers, AuditTrail audit, OutboxSignal signal,
    ILogger<PersonErasure> logger)
{
    private const int Portion = 1000;

    // The quality service follows as soon as it is told to, within a second where nothing is in its way; longer nobody should wait for an answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    // Of one statement: a table may be large.
    private static readonly TimeSpan VacuumLimit = TimeSpan.FromHours(1);

    /// <param name="galleryId">The caller's.</param>
    /// <param name="personId">Somebody who is there, or whom the ledger still knows after an ordinary deletion.</param>
    /// <param name="cancellationToken">Until the commit.</param>
    /// <returns>The receipt's id.</returns>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public async Task<Guid> EraseAsync(long galleryId, long personId, CancellationToken cancellationToken)
    {
        var id = await ledger.DecideAsync(
            galleryId, new Origin(PeopleApi.Dialect, LedgerAction.Erase), decision => DecideAsync(decision, personId, cancellationToken), cancellationToken);
        signal.Raise();
        try
        {
            await FinishAsync(id);
        }
        catch (Exception e)
        {
            // Decided already. The index, the store or the quality service may be a server that is away.
            logger.LogWarning(e, "An erasure is not complete yet; the sweep goes on with it");
        }

        return id;
    }

    /// <summary>Goes on with the erasures that are not complete.</summary>
    public async Task FinishAllAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await db.Erasures.Where(erasure => erasure.CompletedAt == null).OrderBy(erasure => erasure.ErasedAt)
            .Select(erasure => erasure.Id).ToListAsync(cancellationToken))
        {
            await FinishAsync(id);
            logger.LogInformation("The sweep went on with erasure {Erasure}", id);
        }
    }

    private async Task<Guid> DecideAsync(Decision decision, long personId, CancellationToken cancellationToken)
    {
        var person = (await decision.FindPeopleAsync([personId])).GetValueOrDefault(personId);
        var faces = person is null
            ? await decision.FindFacesAsync(await FacesOfDeletedAsync(decision.GalleryId, personId, cancellationToken))
            : await decision.FacesOfAsync([personId]);
        long[] own = [.. faces.Values.Where(face => person is null || face.Now.PersonId == personId).Select(face => face.Id).Order()];

        // A look-up that names the person holds a lock of these rows until its entry is committed, and is found below; a later one finds nobody.
        await db.Database.ExecuteSqlAsync($"SELECT FROM identity.people WHERE id = {personId} FOR UPDATE", cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT FROM identity.faces WHERE id = ANY({own}) ORDER BY id FOR UPDATE", cancellationToken);
        var receipt = await WriteReceiptAsync(decision.GalleryId, personId, own, cancellationToken);
        await audit.ErasedAsync(decision.GalleryId, PeopleApi.Dialect, receipt, cancellationToken);

        decision.Unrecorded = true;
        foreach (var face in faces.Values)
        {
            face.Deleted = person is null || face.Now.PersonId == personId;
            face.Now = FaceState.Unidentified;
        }

        foreach (var negative in await decision.NegativesOfAsync([personId]))
        {
            negative.Now = false;
        }

        if (person is not null)
        {
            person.Now = null;
            person.Erased = true;
        }

        return receipt;
    }

    /// <summary>Counts what goes, and takes away what no decision does: strangers like the person, words of the ledger and of the audit trail.</summary>
    private async Task<Guid> WriteReceiptAsync(long galleryId, long personId, long[] own, CancellationToken cancellationToken)
    {
        var people = await LedgerTraces.PeopleAsync(db, [personId], cancellationToken);
        var uuids = await LedgerTraces.UuidsAsync(db, people, cancellationToken);
        if (uuids.Length == 0)
        {
            throw ItemId.NotFound("person", personId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var faceUuids = await db.Faces.Where(face => own.Contains(face.Id)).Select(face => face.Uuid).ToArrayAsync(cancellationToken);
        var photos = await db.Faces.Where(face => own.Contains(face.Id) && face.PhotoId != null).Select(face => face.PhotoId!.Value)
            .Distinct().Order().ToArrayAsync(cancellationToken);
        string[] pictures = [.. (await FaceFiles.PicturesAsync(db, own, cancellationToken)).Select(picture => picture.Key)];
        var denials = await db.Negatives.CountAsync(negative => own.Contains(negative.FaceId) || negative.PersonId == personId, cancellationToken);
        var links = await db.FaceLinks.CountAsync(link => own.Contains(link.FaceA) || own.Contains(link.FaceB), cancellationToken);
        var alike = await strangers.LikeAsync(galleryId, own);
        var going = db.Faces.Where(face => own.Contains(face.Id) || (alike.Contains(face.StrangerId!.Value) && face.PersonId == null));
        var embeddings = await db.Embeddings.CountAsync(embedding => going.Any(face => face.Id == embedding.FaceId), cancellationToken);
        var scored = await going.Where(face => face.BlurScore != null).Select(face => face.Uuid).ToArrayAsync(cancellationToken);
        long[] all = [.. own, .. await strangers.RemoveAsync(alike, cancellationToken)];
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.erased_places (photo_id, box_x, box_y, box_width, box_height)
             SELECT photo_id, box_x, box_y, box_width, box_height FROM identity.faces WHERE id = ANY({own}) AND photo_id IS NOT NULL
             """,
            cancellationToken);
        var erasure = Guid.CreateVersion7();
        db.Erasures.Add(new Erasure
        {
            Id = erasure,
            GalleryId = galleryId,
            Faces = all,
            Files = pictures,
            ScoredFaces = scored,
            Photos = photos,
            Strangers = alike,
            People = people.Length,
            Embeddings = embeddings,
            Pictures = pictures.Length,
            Scores = scored.Length,
            Denials = denials,
            Links = links,
            HistoryChanges = await LedgerTraces.RemoveAsync(db, people, cancellationToken)
                + await db.LedgerChanges.Where(change => own.Contains(change.FaceId!.Value)).ExecuteDeleteAsync(cancellationToken),
            AuditEntries = await audit.PseudonymiseAsync(erasure, uuids, faceUuids, cancellationToken),
        });
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return erasure;
    }

    /// <summary>The faces of somebody who was deleted and may come back: nobody's since, and so still theirs.</summary>
    private Task<long[]> FacesOfDeletedAsync(long galleryId, long personId, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<long>(
            $"""
             SELECT face.id AS "Value" FROM identity.faces face
             JOIN identity.ledger_changes change ON change.face_id = face.id AND change.person_id IS NULL
             WHERE face.person_id IS NULL AND (change.before::jsonb ->> 'person_id')::bigint = {personId} AND change.entry_id = (
                 SELECT max(entry.id) FROM identity.ledger entry JOIN identity.ledger_changes own ON own.entry_id = entry.id
                 WHERE entry.gallery_id = {galleryId} AND entry.action <> {LedgerAction.Merge}
                   AND own.person_id = {personId} AND own.face_id IS NULL AND own.before IS NOT NULL AND own.after IS NULL)
             """).ToArrayAsync(cancellationToken);

    /// <summary>
    /// Has index, files and the quality service follow, and writes into the receipt that it is complete once they have. Repeated, it does nothing new.
    /// </summary>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: something is still there.</exception>
    private async Task FinishAsync(Guid id)
    {
        // Nobody who goes away takes it back.
        var cancellationToken = CancellationToken.None;
        var erasure = await db.Erasures.AsNoTracking().SingleAsync(row => row.Id == id, cancellationToken);
        foreach (var portion in erasure.Faces.Chunk(Portion))
        {
            await indexSync.ApplyAsync(portion, cancellationToken);
        }

        await removals.DeleteNowAsync(erasure.Files);
        if (await db.FileRemovals.AnyAsync(removal => erasure.Files.Contains(removal.Key), cancellationToken))
        {
            throw new FailureException(Failure.Unavailable, "Pictures of somebody erased are still in the file store.");
        }

        await UntilScoresAreGoneAsync(erasure.ScoredFaces, cancellationToken);
        await VacuumAsync(cancellationToken);
        await db.Erasures.Where(row => row.Id == id && row.CompletedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(e => e.CompletedAt, DateTime.UtcNow)
                .SetProperty(e => e.Files, Array.Empty<string>()).SetProperty(e => e.ScoredFaces, Array.Empty<Guid>()),
            cancellationToken);
    }

    /// <summary>The quality service keeps scores of faces in a database of its own; a note stays until it has confirmed that it followed.</summary>
    private async Task UntilScoresAreGoneAsync(Guid[] faces, CancellationToken cancellationToken)
    {
        for (var started = Stopwatch.GetTimestamp(); await db.QualityChanges.AnyAsync(note => faces.Contains(note.FaceUuid), cancellationToken);)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new FailureException(Failure.Unavailable, "The quality service still has scores of somebody erased.");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    /// <summary>Deleted rows are dead until then, and their bytes in the tables.</summary>
    private async Task VacuumAsync(CancellationToken cancellationToken)
    {
        var former = db.Database.GetCommandTimeout();
        db.Database.SetCommandTimeout(VacuumLimit);
        try
        {
            await db.Database.ExecuteSqlRawAsync(
                """
                VACUUM identity.people, identity.faces, identity.embeddings, identity.face_links, identity.negatives, identity.strangers,
                       identity.ledger, identity.ledger_changes, identity.audit, identity.index_changes, identity.file_removals,
                       identity.quality_changes, identity.erasures
                """,
                cancellationToken);
        }
        finally
        {
            db.Database.SetCommandTimeout(former);
        }
    }
}
