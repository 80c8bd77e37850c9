using FaceCloud.Contracts;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Library;

/// <summary>What a user decides about people, each call one entry of the ledger.</summary>
internal sealed class PeopleCuration(IdentityDb db, Ledger ledger)
{
    /// <exception cref="FailureException"><see cref="Failure.Conflict"/>: the name is taken.</exception>
    public async Task<DecidedPerson> CreateAsync(string gallery, string name, CancellationToken cancellationToken) =>
        await ledger.DecideAsync(
            await db.GalleryIdAsync(gallery, cancellationToken),
            new Origin(LibraryApi.Dialect, LedgerAction.CreatePerson),
            async decision =>
            {
                await RequireFreeAsync(decision, name);
                return await decision.CreateAsync(name);
            },
            cancellationToken);

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>; <see cref="Failure.Conflict"/>: another person has the name.</exception>
    public Task<DecidedPerson> RenameAsync(string gallery, long personId, string name, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.RenamePerson),
            async decision =>
            {
                var person = await decision.PersonAsync(personId);
                if (person.Name != name)
                {
                    await RequireFreeAsync(decision, name);
                    person.Now = person.Now! with { Name = name };
                }

                return person;
            },
            cancellationToken);

    /// <summary>Removes a person. Faces of photos are nobody's afterwards; those without a photo, which nobody could look at any more, go for good.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public Task DeleteAsync(string gallery, long personId, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.DeletePerson),
            async decision =>
            {
                await decision.ReleaseAsync(await decision.PersonAsync(personId));
                return true;
            },
            cancellationToken);

    /// <summary>Makes several people one: the target has all faces, proposals and denials afterwards, the others are gone.</summary>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public Task<DecidedPerson> MergeAsync(string gallery, long targetId, IReadOnlyCollection<long> sourceIds, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(LibraryApi.Dialect, LedgerAction.Merge),
            async decision =>
            {
                var target = await decision.PersonAsync(targetId);
                foreach (var id in sourceIds)
                {
                    (await decision.PersonAsync(id)).Now = null;
                }

                var moved = (await decision.FacesOfAsync(sourceIds)).Values;
                var denials = await decision.NegativesOfAsync(sourceIds);
                foreach (var face in moved)
                {
                    face.Now = face.Now.PersonId is null ? face.Now with { ProposedPersonId = targetId } : face.Now with { PersonId = targetId };
                }

                var denied = await decision.FindFacesAsync([.. denials.Select(denial => denial.FaceId)]);
                foreach (var denial in denials)
                {
                    denial.Now = false;
                    decision.Negative(denial.FaceId, targetId).Now = true;
                }

                // A face that now is the person's was denied of somebody who turned out to be the same; a proposal that is denied is none.
                foreach (var face in moved.Concat(denied.Values))
                {
                    var denial = decision.Negative(face.Id, targetId);
                    if (face.Now.PersonId == targetId)
                    {
                        denial.Now = false;
                    }
                    else if (denial.Now && face.Now.ProposedPersonId == targetId)
                    {
                        face.Now = FaceState.Unidentified;
                    }
                }

                return target;
            },
            cancellationToken);

    private static async Task RequireFreeAsync(Decision decision, string name)
    {
        if (await decision.FindPersonAsync(name) is { } other)
        {
            throw new FailureException(Failure.Conflict, "A person of this name exists already")
            {
                Details = new Dictionary<string, object?> { ["person_id"] = other.Id },
            };
        }
    }
}
