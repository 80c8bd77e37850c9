using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Writes a decision to the tables, inside its transaction. Arrays instead of rows one by one: a merge may move a hundred thousand faces.</summary>
internal sealed class DecisionRows(
    IdentityDb db, IndexSync indexSync, FileRemovals removals, Decision decision, CancellationToken cancellationToken)
{
    /// <summary>The crops and portraits of faces that went, to be deleted after the commit.</summary>
    public IReadOnlyCollection<string> Pictures { get; private set; } = [];

    /// <summary>In an order that no foreign key minds: people come, faces move, faces go, people go.</summary>
    /// <returns>The faces that the index has to follow.</returns>
    public async Task<IReadOnlyCollection<long>> WriteAsync()
    {
        await WritePeopleAsync();
        var changed = decision.Faces.Where(face => !face.Deleted && face.Before != face.Now).OrderBy(face => face.Id).ToArray();
        await WriteFacesAsync(changed);
        await WriteNegativesAsync();
        var deleted = decision.Faces.Where(face => face.Deleted).OrderBy(face => face.Id).ToArray();
        await NoteGroupChangesAsync([.. changed.Concat(deleted).Select(face => face.Id)]);
        long[] toFollow = [.. changed.Where(face => face.Before.PersonId != face.Now.PersonId).Concat(deleted).Select(face => face.Id)];
        await indexSync.NoteAsync(toFollow, cancellationToken);
        await DeleteFacesAsync(deleted);
        await DeletePeopleAsync();
        return toFollow;
    }

    public async Task InsertAsync(long entryId, List<LedgerChange> changes)
    {
        int[] ordinals = [.. Enumerable.Range(0, changes.Count)];
        long?[] faces = [.. changes.Select(change => change.FaceId)];
        long?[] people = [.. changes.Select(change => change.PersonId)];
        string?[] before = [.. changes.Select(change => change.Before)];
        string?[] after = [.. changes.Select(change => change.After)];
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.ledger_changes (entry_id, ordinal, face_id, person_id, before, after)
             SELECT {entryId}, * FROM unnest({ordinals}, {faces}, {people}, {before}, {after})
             """,
            cancellationToken);
    }

    private async Task WritePeopleAsync()
    {
        foreach (var person in decision.People.Where(person => person.Now is not null && person.Before != person.Now))
        {
            var now = person.Now!;
            await (person.Before is null
                ? db.Database.ExecuteSqlAsync(
                    $"""
                     INSERT INTO identity.people (id, uuid, gallery_id, name, alias, created_at)
                     VALUES ({person.Id}, {now.Uuid}, {decision.GalleryId}, {now.Name}, {now.Alias}, {now.CreatedAt})
                     """,
                    cancellationToken)
                : db.Database.ExecuteSqlAsync($"UPDATE identity.people SET name = {now.Name} WHERE id = {person.Id}", cancellationToken));
        }
    }

    private async Task WriteFacesAsync(DecidedFace[] faces)
    {
        if (faces.Length == 0)
        {
            return;
        }

        await NumberRecordsAsync([.. faces.Where(face => face.Now.PersonId is not null && face.EmbeddingIndex is null)]);
        long[] ids = [.. faces.Select(face => face.Id)];
        long?[] people = [.. faces.Select(face => face.Now.PersonId)];
        float?[] confidences = [.. faces.Select(face => face.Now.PersonConfidence)];
        int?[] assigners = [.. faces.Select(face => (int?)face.Now.AssignedBy)];
        long?[] proposed = [.. faces.Select(face => face.Now.ProposedPersonId)];
        int[] marks = [.. faces.Select(face => (int)face.Now.Mark)];
        long?[] indices = [.. faces.Select(face => face.EmbeddingIndex)];
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.faces face
             SET person_id = now.person_id, person_confidence = now.person_confidence, assigned_by = now.assigned_by,
                 proposed_person_id = now.proposed_person_id, mark = now.mark,
                 embedding_index = now.embedding_index
             FROM unnest({ids}, {people}, {confidences}, {assigners}, {proposed}, {marks}, {indices})
                  AS now (id, person_id, person_confidence, assigned_by, proposed_person_id, mark, embedding_index)
             WHERE face.id = now.id
             """,
            cancellationToken);
    }

    /// <summary>The first person makes a face a record of the records dialect; it keeps its number whatever happens later.</summary>
    private async Task NumberRecordsAsync(DecidedFace[] faces)
    {
        if (faces.Length == 0)
        {
            return;
        }

        var next = (await db.Database.SqlQuery<long>(
            $"""
             UPDATE identity.galleries SET next_embedding_index = next_embedding_index + {faces.LongLength} WHERE id = {decision.GalleryId}
             RETURNING next_embedding_index - {faces.LongLength} AS "Value"
             """).ToListAsync(cancellationToken))[0];
        foreach (var face in faces)
        {
            face.EmbeddingIndex = next++;
        }
    }

    private async Task WriteNegativesAsync()
    {
        var added = decision.Negatives.Where(negative => !negative.Before && negative.Now).ToArray();
        if (added.Length > 0)
        {
            long[] faces = [.. added.Select(negative => negative.FaceId)];
            long[] people = [.. added.Select(negative => negative.PersonId)];
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO identity.negatives (face_id, person_id) SELECT * FROM unnest({faces}, {people})", cancellationToken);
        }

        var removed = decision.Negatives.Where(negative => negative.Before && !negative.Now).ToArray();
        if (removed.Length > 0)
        {
            long[] faces = [.. removed.Select(negative => negative.FaceId)];
            long[] people = [.. removed.Select(negative => negative.PersonId)];
            await db.Database.ExecuteSqlAsync(
                $"""
                 DELETE FROM identity.negatives negative USING unnest({faces}, {people}) AS gone (face_id, person_id)
                 WHERE negative.face_id = gone.face_id AND negative.person_id = gone.person_id
                 """,
                cancellationToken);
        }
    }

    private Task<int> NoteGroupChangesAsync(long[] faceIds) =>
        db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.group_changes (face_id, gallery_id) SELECT unnest({faceIds}), {decision.GalleryId} ON CONFLICT (face_id) DO NOTHING
             """,
            cancellationToken);

    private async Task DeleteFacesAsync(DecidedFace[] faces)
    {
        if (faces.Length == 0)
        {
            return;
        }

        long[] ids = [.. faces.Select(face => face.Id)];
        long[] withPictures = decision.KeepCrops ? [.. faces.Where(face => face.PhotoId is null).Select(face => face.Id)] : ids;
        Pictures = [.. (await FaceFiles.PicturesAsync(db, withPictures, cancellationToken)).Select(picture => picture.Key)];
        foreach (var picture in Pictures)
        {
            await removals.NoteAsync(picture, TimeSpan.Zero, cancellationToken);
        }

        await db.LedgerChanges.Where(change => ids.Contains(change.FaceId!.Value)).ExecuteDeleteAsync(cancellationToken);
        await db.Faces.Where(face => ids.Contains(face.Id)).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task DeletePeopleAsync()
    {
        long[] erased = [.. decision.People.Where(person => person.Erased).Select(person => person.Id)];
        if (erased.Length > 0)
        {
            await LedgerTraces.RemoveAsync(db, await LedgerTraces.PeopleAsync(db, erased, cancellationToken), cancellationToken);
        }

        long[] gone = [.. decision.People.Where(person => person.Before is not null && (person.Now is null || person.Erased)).Select(person => person.Id)];
        if (gone.Length == 0)
        {
            return;
        }

        // The foreign keys would let go of faces silently, and no undo would know of them.
        var left = await db.Faces.CountAsync(
            face => gone.Contains(face.PersonId!.Value) || gone.Contains(face.ProposedPersonId!.Value), cancellationToken);
        var denied = await db.Negatives.CountAsync(negative => gone.Contains(negative.PersonId) && !erased.Contains(negative.PersonId), cancellationToken);
        if (left + denied > 0)
        {
            throw new FailureException(
                Failure.Conflict,
                left > 0
                    ? $"The person who would go has {left} {(left == 1 ? "face" : "faces")} by now that came from elsewhere; move them first."
                    : $"It is remembered by now of {denied} {(denied == 1 ? "face" : "faces")} not to be the person who would go; undo that first.");
        }

        await db.People.Where(person => gone.Contains(person.Id)).ExecuteDeleteAsync(cancellationToken);
    }
}
