using FaceCloud.Identity.Data;

namespace FaceCloud.Identity;

/// <summary>What a decision changes, as the ledger keeps it.</summary>
internal static class LedgerChanges
{
    /// <summary>People, then faces, then negatives, each by id; empty if everything stays as it was.</summary>
    public static List<LedgerChange> Of(Decision decision)
    {
        var people = decision.People.Where(person => !person.Erased && person.Before != person.Now).OrderBy(person => person.Id)
            .Select(person => new LedgerChange
            {
                PersonId = person.Id,
                Before = LedgerJson.Write(person.Before),
                After = LedgerJson.Write(person.Now),
            });
        var faces = decision.Faces.Where(face => face.Deleted || face.Before != face.Now).OrderBy(face => face.Id)
            .Select(face => new LedgerChange
            {
                FaceId = face.Id,
                Before = LedgerJson.Write(face.Before),
                After = face.Deleted ? null : LedgerJson.Write(face.Now),
            });

        // With a face or a person that goes for good goes what was remembered of them, and nothing could put it back.
        var gone = decision.Faces.Where(face => face.Deleted).Select(face => face.Id).ToHashSet();
        var erased = decision.People.Where(person => person.Erased).Select(person => person.Id).ToHashSet();
        var negatives = decision.Negatives
            .Where(negative => negative.Before != negative.Now && !gone.Contains(negative.FaceId) && !erased.Contains(negative.PersonId))
            .OrderBy(negative => negative.FaceId).ThenBy(negative => negative.PersonId)
            .Select(negative => new LedgerChange
            {
                FaceId = negative.FaceId,
                PersonId = negative.PersonId,
                Before = LedgerJson.Write(negative.Before ? NegativeState.There : null),
                After = LedgerJson.Write(negative.Now ? NegativeState.There : null),
            });
        List<LedgerChange> changes = [.. people, .. faces, .. negatives];

        // A person's history is found by their id: an entry that only moved faces of theirs says so by a change from nothing to nothing.
        var named = changes.Where(change => change.PersonId is not null).Select(change => change.PersonId!.Value).ToHashSet();
        var concerned = decision.Faces.Where(face => face.Deleted || face.Before != face.Now)
            .SelectMany(face => new[] { face.Before.PersonId, face.Before.ProposedPersonId, face.Now.PersonId, face.Now.ProposedPersonId })
            .OfType<long>().Where(id => !named.Contains(id) && !erased.Contains(id)).Distinct().Order();
        changes.AddRange(concerned.Select(id => new LedgerChange { PersonId = id }));
        return changes;
    }

    /// <summary>It only says that the entry is about the person.</summary>
    public static bool OnlyConcerns(LedgerChange change) => change is { FaceId: null, Before: null, After: null };
}
