using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// The only way by which faces come to people and leave them. Decisions of a gallery come one after the other; each is one transaction and one
/// entry that says what was before and what after, so that it can be undone.
/// </summary>
internal sealed class Ledger(IdentityDb db, IndexSync indexSync, FileRemovals removals, Strangers strangers, AuditTrail audit)
{
    // What the index is told of at once: vectors are read into memory for it.
    private const int Portion = 1000;

    /// <summary>The entry that the latest decision wrote; null while none wrote one.</summary>
    public long? LastEntryId { get; private set; }

    /// <summary>How many crops and portraits the latest decision deleted from the store.</summary>
    public int DeletedPictures { get; private set; }

    /// <summary>Decides something in a gallery.</summary>
    /// <param name="gallery">Its name; in one that does not exist nothing is found.</param>
    /// <param name="origin">How it came to the decision.</param>
    /// <param name="decide">Loads what it is about and says what is to be; what it throws leaves everything as it was.</param>
    /// <param name="cancellationToken">Until the commit.</param>
    public async Task<T> DecideAsync<T>(string gallery, Origin origin, Func<Decision, Task<T>> decide, CancellationToken cancellationToken) =>
        await DecideAsync(await db.FindGalleryAsync(gallery, cancellationToken) ?? 0, origin, decide, cancellationToken);

    /// <inheritdoc cref="DecideAsync{T}(string, Origin, Func{Decision, Task{T}}, CancellationToken)"/>
    public async Task<T> DecideAsync<T>(long galleryId, Origin origin, Func<Decision, Task<T>> decide, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        await db.LockGalleryAsync(galleryId, cancellationToken);
        var decision = new Decision(db, galleryId, cancellationToken);
        var result = await decide(decision);
        var rows = new DecisionRows(db, indexSync, removals, decision, cancellationToken);
        var toFollow = await WriteAsync(decision, rows, origin, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        foreach (var portion in toFollow.Chunk(Portion))
        {
            await indexSync.FollowAsync(portion);
        }

        DeletedPictures = await removals.DeleteNowAsync(rows.Pictures);
        await strangers.ForgetAsync(
            galleryId,
            [.. decision.Faces.Where(face => !face.Deleted && face.Before.PersonId is null && face.Now.PersonId is not null)
                .Select(face => face.Id)]);
        return result;
    }

    /// <summary>
    /// Writes what automatic recognition concluded, as one entry. Looked at again under the lock: a face that has a person or a mark by now
    /// stays as it is, and so does one of which a user said that it is not this person.
    /// </summary>
    /// <param name="galleryId">Of the faces.</param>
    /// <param name="dialect">Through which it was asked for; <c>pipeline</c> where nobody asked.</param>
    /// <param name="conclusions">One for a face.</param>
    /// <param name="oncePerPhoto">Do not assign a person to a second face of a photo.</param>
    /// <param name="cancellationToken">Until the commit.</param>
    /// <returns>Those that were written, in order.</returns>
    public Task<IReadOnlyList<AutomaticConclusion>> ConcludeAsync(
        long galleryId, string dialect, IReadOnlyList<AutomaticConclusion> conclusions, bool oncePerPhoto, CancellationToken cancellationToken) =>
        DecideAsync<IReadOnlyList<AutomaticConclusion>>(
            galleryId,
            new Origin(dialect, LedgerAction.AutoRecognise),
            async decision =>
            {
                var faces = await decision.FindFacesAsync([.. conclusions.Select(conclusion => conclusion.FaceId)]);
                var people = await decision.FindPeopleAsync([.. conclusions.Select(conclusion => conclusion.PersonId)]);
                var shown = oncePerPhoto ? await PeopleInPhotosAsync(faces.Values, cancellationToken) : [];
                var written = new List<AutomaticConclusion>(conclusions.Count);
                foreach (var conclusion in conclusions)
                {
                    if (faces.TryGetValue(conclusion.FaceId, out var face) && people.ContainsKey(conclusion.PersonId)
                        && Open(decision, face, conclusion.PersonId)
                        && (!conclusion.Assign || !oncePerPhoto || face.PhotoId is not { } photo || shown.Add((photo, conclusion.PersonId))))
                    {
                        face.Now = conclusion.Assign
                            ? FaceState.Assigned(conclusion.PersonId, Assigner.Automatic, conclusion.Confidence)
                            : FaceState.Proposed(conclusion.PersonId, conclusion.Confidence);
                        written.Add(conclusion);
                    }
                }

                return written;
            },
            cancellationToken);

    /// <summary>Whether an automatic decision may say that a face is a person.</summary>
    private static bool Open(Decision decision, DecidedFace face, long personId) =>
        face.Now is { PersonId: null, Mark: FaceMark.None } && !decision.Negative(face.Id, personId).Now;

    private async Task<HashSet<(long PhotoId, long PersonId)>> PeopleInPhotosAsync(IEnumerable<DecidedFace> faces, CancellationToken cancellationToken)
    {
        var photos = faces.Where(face => face.PhotoId is not null).Select(face => face.PhotoId).Distinct().ToArray();
        var shown = await db.Faces.Where(face => photos.Contains(face.PhotoId) && face.PersonId != null)
            .Select(face => new { face.PhotoId, face.PersonId }).ToListAsync(cancellationToken);
        return [.. shown.Select(face => (face.PhotoId!.Value, face.PersonId!.Value))];
    }

    /// <returns>The faces that the index has to follow.</returns>
    private async Task<IReadOnlyCollection<long>> WriteAsync(
        Decision decision, DecisionRows rows, Origin origin, CancellationToken cancellationToken)
    {
        var changes = decision.Unrecorded ? [] : LedgerChanges.Of(decision);
        if (changes.Count == 0 && !decision.Unrecorded && !decision.People.Any(person => person.Erased))
        {
            return [];
        }

        if (!decision.Unrecorded)
        {
            // Before the rows of deleted faces and people go.
            await audit.DecidedAsync(decision, origin, changes, cancellationToken);
        }

        var toFollow = await rows.WriteAsync();
        if (changes.Count == 0)
        {
            return toFollow;
        }

        var entry = new LedgerEntry
        {
            GalleryId = decision.GalleryId,
            At = DateTime.UtcNow,
            Actor = origin.Actor ?? audit.Actor,
            Dialect = origin.Dialect,
            Action = origin.Action,
            Reason = origin.Reason,
            UndoesId = origin.UndoesId,
        };
        db.Ledger.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
        db.Entry(entry).State = EntityState.Detached;
        await rows.InsertAsync(entry.Id, changes);
        LastEntryId = entry.Id;
        return toFollow;
    }
}

/// <summary>How a decision came about.</summary>
/// <param name="Dialect"><c>library</c>, <c>records</c>, <c>analytics</c>, <c>device</c>; <c>pipeline</c> where nobody asked.</param>
/// <param name="Action">One of <see cref="LedgerAction"/>.</param>
/// <param name="Reason">Why, in the words of who decided.</param>
/// <param name="UndoesId">The entry it undoes.</param>
/// <param name="Actor">Who asked for it, where that is not the request that is being answered.</param>
internal sealed record Origin(string Dialect, string Action, string? Reason = null, long? UndoesId = null, string? Actor = null);

/// <summary>What automatic recognition thinks of a face.</summary>
/// <param name="FaceId">The face.</param>
/// <param name="PersonId">Who it is.</param>
/// <param name="Confidence">As a similarity.</param>
/// <param name="Assign">True: it is; false: a user is to confirm it.</param>
internal sealed record AutomaticConclusion(long FaceId, long PersonId, float Confidence, bool Assign);

/// <summary>What entries say was done.</summary>
internal static class LedgerAction
{
    public const string Enrol = "enrol";
    public const string Erase = "erase";
    public const string Assign = "assign";
    public const string BatchAssign = "batch_assign";
    public const string BulkAssign = "bulk_assign";
    public const string AutoRecognise = "auto_recognize";
    public const string Approve = "approve";
    public const string Reject = "reject";
    public const string Reassign = "reassign";
    public const string RemoveFromPerson = "remove_from_person";
    public const string DeleteFace = "delete_face";
    public const string MarkInvalid = "mark_invalid";
    public const string MarkUnknown = "mark_unknown";
    public const string CreatePerson = "create_person";
    public const string RenamePerson = "rename_person";
    public const string DeletePerson = "delete_person";
    public const string Merge = "merge";
    public const string NameGroup = "name_group";
    public const string Reprocess = "reprocess";
    public const string Undo = "undo";
}
