using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// Puts back what an entry changed, all of it or nothing: everything has to be as the entry left it. The undo is an entry itself, and so can be
/// undone.
/// </summary>
internal sealed class LedgerUndo(IdentityDb db, Ledger ledger)
{
    /// <param name="gallery">Whose history.</param>
    /// <param name="dialect">Through which it was asked for.</param>
    /// <param name="entryId">What to undo.</param>
    /// <param name="reason">Why, in the words of who decided.</param>
    /// <param name="cancellationToken">Until the commit.</param>
    /// <exception cref="FailureException">
    /// <see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/> says what is no longer as the entry left it.
    /// </exception>
    public Task UndoAsync(string gallery, string dialect, long entryId, string? reason, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(dialect, LedgerAction.Undo, reason, entryId),
            async decision =>
            {
                if (!await db.Ledger.AnyAsync(entry => entry.Id == entryId && entry.GalleryId == decision.GalleryId, cancellationToken))
                {
                    throw new FailureException(Failure.NotFound, "Entry not found") { Details = EntryDetail(entryId) };
                }

                var rows = await db.LedgerChanges.Where(change => change.EntryId == entryId).OrderBy(change => change.Ordinal)
                    .AsNoTracking().ToListAsync(cancellationToken);
                LedgerChange[] changes = [.. rows.Where(change => !LedgerChanges.OnlyConcerns(change))];
                if (changes.Length == 0)
                {
                    throw Conflict(entryId, "All that this entry changed is gone for good; there is nothing to put back.");
                }

                await new Reversal(db, decision, entryId, changes, cancellationToken).ApplyAsync();
                return true;
            },
            cancellationToken);

    private static FailureException Conflict(long entryId, string sentence) => new(Failure.Conflict, sentence) { Details = EntryDetail(entryId) };

    private static Dictionary<string, object?> EntryDetail(long entryId) => new() { ["entry_id"] = entryId };

    private sealed class Reversal(IdentityDb db, Decision decision, long entryId, LedgerChange[] changes, CancellationToken cancellationToken)
    {
        private readonly LedgerChange[] _people = [.. changes.Where(change => change.FaceId is null)];
        private readonly LedgerChange[] _faces = [.. changes.Where(change => change.FaceId is not null && change.PersonId is null)];
        private readonly LedgerChange[] _negatives = [.. changes.Where(change => change.FaceId is not null && change.PersonId is not null)];

        public async Task ApplyAsync()
        {
            await PutBackPeopleAsync();
            var faces = await decision.FindFacesAsync([.. _faces.Concat(_negatives).Select(change => change.FaceId!.Value)]);
            var states = _faces.ToDictionary(change => change.FaceId!.Value, change => LedgerJson.Read<FaceState>(change.Before));
            var named = states.Values.SelectMany(state => new[] { state?.PersonId, state?.ProposedPersonId }).OfType<long>()
                .Concat(_negatives.Where(change => change.Before is not null).Select(change => change.PersonId!.Value)).Distinct().ToArray();
            var people = await decision.FindPeopleAsync(named);
            if (named.Where(id => !people.ContainsKey(id)).Order().Cast<long?>().FirstOrDefault() is { } missing)
            {
                throw Conflict(entryId, $"Person {missing} is not there any more.");
            }

            foreach (var change in _faces)
            {
                await PutBackFaceAsync(change, faces);
            }

            foreach (var change in _negatives)
            {
                PutBackNegative(change, faces);
            }
        }

        private async Task PutBackPeopleAsync()
        {
            var ids = _people.Select(change => change.PersonId!.Value).ToArray();
            var present = await decision.FindPeopleAsync(ids);
            foreach (var change in _people)
            {
                var id = change.PersonId!.Value;
                var after = LedgerJson.Read<PersonState>(change.After);
                var before = LedgerJson.Read<PersonState>(change.Before);
                var now = present.GetValueOrDefault(id)?.Now;
                if (now != after)
                {
                    throw Conflict(entryId, now is null
                        ? $"Person {id}, {after!.Name}, is not there any more."
                        : after is null ? $"Person {id}, {now.Name}, is there again." : $"Person {id} is called {now.Name} by now.");
                }

                if (before is not null && before.Name != now?.Name
                    && await db.People.Where(p => p.GalleryId == decision.GalleryId && p.Name == before.Name && !ids.Contains(p.Id))
                        .Select(p => (long?)p.Id).SingleOrDefaultAsync(cancellationToken) is { } other)
                {
                    throw Conflict(entryId, $"Somebody else, person {other}, is called {before.Name} by now.");
                }

                decision.Absent(id).Now = before;
            }
        }

        private async Task PutBackFaceAsync(LedgerChange change, IReadOnlyDictionary<long, DecidedFace> faces)
        {
            var id = change.FaceId!.Value;
            if (change.After is null || !faces.TryGetValue(id, out var face))
            {
                throw Conflict(entryId, $"Face {id} was deleted for good.");
            }

            if (face.Now != LedgerJson.Read<FaceState>(change.After))
            {
                throw Conflict(entryId, $"Face {id} {await NowAsync(face.Now)} by now.");
            }

            face.Now = LedgerJson.Read<FaceState>(change.Before) ?? throw new InvalidOperationException($"Entry {entryId} made face {id}; none does.");
        }

        private void PutBackNegative(LedgerChange change, IReadOnlyDictionary<long, DecidedFace> faces)
        {
            var (faceId, personId) = (change.FaceId!.Value, change.PersonId!.Value);
            if (!faces.ContainsKey(faceId))
            {
                throw Conflict(entryId, $"Face {faceId} was deleted for good.");
            }

            var negative = decision.Negative(faceId, personId);
            if (negative.Now != change.After is not null)
            {
                throw Conflict(entryId, negative.Now
                    ? $"It is remembered by now that face {faceId} is not person {personId}."
                    : $"It is not remembered any more that face {faceId} is not person {personId}.");
            }

            negative.Now = change.Before is not null;
        }

        /// <summary>What is with a face, to go after its name in a sentence.</summary>
        private async Task<string> NowAsync(FaceState now)
        {
            if ((now.PersonId ?? now.ProposedPersonId) is { } id)
            {
                var name = (await decision.FindPeopleAsync([id])).GetValueOrDefault(id)?.Name;
                return now.PersonId is null ? $"waits for a review as {name}"
                    : now.AssignedBy == Assigner.Automatic ? $"was assigned to {name} automatically" : $"is assigned to {name}";
            }

            return now.Mark switch
            {
                FaceMark.Invalid => "is marked as invalid",
                FaceMark.Unknown => "is marked as unknown",
                _ => "is nobody's",
            };
        }
    }
}
