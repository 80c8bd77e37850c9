using FaceCloud.Contracts;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Library;

/// <summary>What a user decides about faces, each call one entry of the ledger.</summary>
internal sealed class FaceCuration(Ledger ledger)
{
    /// <summary>Gives a face to a person; once more to the same person confirms it.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/>: another person has it.</exception>
    public Task<DecidedPerson> AssignAsync(string gallery, long faceId, long personId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.Assign),
            async decision =>
            {
                var person = await decision.PersonAsync(personId);
                var face = await decision.FaceAsync(faceId);
                if (face.Now.PersonId is { } owner && owner != personId)
                {
                    throw await OwnedAsync(decision, face);
                }

                Assign(decision, face, personId, null);
                return person;
            },
            cancellationToken);

    /// <summary>Gives faces to a person, one after the other; what is wrong with one leaves the others alone.</summary>
    /// <returns>The person, and for each face in order why it was not assigned; null where it was.</returns>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: the person.</exception>
    public Task<(DecidedPerson Person, IReadOnlyList<string?> Errors)> AssignManyAsync(
        string gallery, IReadOnlyList<long> faceIds, long personId, float? confidence, Origin origin, CancellationToken cancellationToken) =>
        ledger.DecideAsync<(DecidedPerson, IReadOnlyList<string?>)>(
            gallery,
            origin,
            async decision =>
            {
                var person = await decision.PersonAsync(personId);
                var faces = await decision.FindFacesAsync(faceIds);
                var errors = new string?[faceIds.Count];
                for (var i = 0; i < errors.Length; i++)
                {
                    if (!faces.TryGetValue(faceIds[i], out var face))
                    {
                        errors[i] = "Face not found";
                    }
                    else if (face.Now.PersonId is { } owner && owner != personId)
                    {
                        errors[i] = "Face already assigned to person";
                    }
                    else
                    {
                        Assign(decision, face, personId, confidence);
                    }
                }

                return (person, errors);
            },
            cancellationToken);

    /// <summary>Takes a face from one person, remembers that it is not theirs, and gives it to another.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/>: the first person does not have it.</exception>
    public Task<(DecidedPerson From, DecidedPerson To)> ReassignAsync(
        string gallery, long faceId, long fromId, long toId, float? confidence, string? reason, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.Reassign, reason),
            async decision =>
            {
                var face = await decision.FaceAsync(faceId);
                var from = await decision.PersonAsync(fromId);
                var to = await decision.PersonAsync(toId);
                if (face.Now.PersonId != fromId)
                {
                    throw new FailureException(Failure.Conflict, $"Face is not assigned to {from.Name}")
                    {
                        Details = new Dictionary<string, object?> { ["face_id"] = faceId, ["current_person"] = await OwnerAsync(decision, face) },
                    };
                }

                decision.Negative(faceId, fromId).Now = true;
                decision.Assign(face, toId, Assigner.Manual, confidence);
                return (from, to);
            },
            cancellationToken);

    /// <summary>Takes a face from its person and remembers that it is not theirs.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: the face, or it has no person.</exception>
    public Task RemoveFromPersonAsync(string gallery, long faceId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.RemoveFromPerson),
            async decision =>
            {
                var face = await decision.FaceAsync(faceId);
                if (face.Now.PersonId is not { } owner)
                {
                    throw new FailureException(Failure.NotFound, "Face is not assigned to a person")
                    {
                        Details = new Dictionary<string, object?> { ["face_id"] = faceId },
                    };
                }

                face.Now = FaceState.Unidentified;
                decision.Negative(faceId, owner).Now = true;
                return true;
            },
            cancellationToken);

    /// <summary>Says that a face is nobody to be named. A person or a proposal goes; whether it is theirs stays open.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public Task MarkAsync(string gallery, long faceId, FaceMark mark, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, mark == FaceMark.Invalid ? LedgerAction.MarkInvalid : LedgerAction.MarkUnknown),
            async decision =>
            {
                (await decision.FaceAsync(faceId)).Now = FaceState.Marked(mark);
                return true;
            },
            cancellationToken);

    /// <summary>Confirms who a face is said to be, or says who it is instead.</summary>
    /// <returns>Whose it is now.</returns>
    /// <exception cref="FailureException">
    /// <see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/>: nobody is proposed for it, or a user gave it to another person.
    /// </exception>
    public Task<long> ApproveAsync(string gallery, long faceId, long? personId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.Approve),
            async decision =>
            {
                var face = await decision.FaceAsync(faceId);
                var said = Said(face);
                var chosen = (await decision.PersonAsync(personId ?? said)).Id;
                if (chosen == said)
                {
                    decision.Assign(face, said, Assigner.Manual, face.Now.PersonConfidence);
                }
                else if (face.Now.AssignedBy == Assigner.Manual)
                {
                    throw await OwnedAsync(decision, face);
                }
                else
                {
                    decision.Negative(faceId, said).Now = true;
                    decision.Assign(face, chosen, Assigner.Manual, null);
                }

                return chosen;
            },
            cancellationToken);

    /// <summary>Says that a face is not who it is said to be, for ever.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/>: nobody is proposed for it.</exception>
    public Task RejectAsync(string gallery, long faceId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.Reject),
            async decision =>
            {
                var face = await decision.FaceAsync(faceId);
                decision.Negative(faceId, Said(face)).Now = true;
                face.Now = FaceState.Unidentified;
                return true;
            },
            cancellationToken);

    /// <summary>Deletes a face for good: row, vector, crop, and what the ledger says of it but that it was deleted.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public Task DeleteAsync(string gallery, long faceId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.DeleteFace),
            async decision =>
            {
                (await decision.FaceAsync(faceId)).Deleted = true;
                return true;
            },
            cancellationToken);

    /// <summary>The same person again keeps what was known of the likeness: it only becomes a user's word.</summary>
    private static void Assign(Decision decision, DecidedFace face, long personId, float? confidence) =>
        decision.Assign(face, personId, Assigner.Manual, confidence ?? (face.Now.PersonId == personId ? face.Now.PersonConfidence : null));

    /// <summary>Who a face is said to be.</summary>
    private static long Said(DecidedFace face) =>
        face.Now.PersonId ?? face.Now.ProposedPersonId ?? throw new FailureException(Failure.Conflict, "Face has nothing to review")
        {
            Details = new Dictionary<string, object?> { ["face_id"] = face.Id },
        };

    private static async Task<FailureException> OwnedAsync(Decision decision, DecidedFace face) =>
        new(Failure.Conflict, "Face already assigned to person")
        {
            Details = new Dictionary<string, object?> { ["face_id"] = face.Id, ["current_person"] = await OwnerAsync(decision, face) },
        };

    private static async Task<string?> OwnerAsync(Decision decision, DecidedFace face) =>
        face.Now.PersonId is { } owner ? (await decision.PersonAsync(owner)).Name : null;
}
