using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// What is being decided, under the lock of its gallery: faces and people as they are, and as they are to be. Nothing is written before
/// <see cref="Ledger"/> writes all of it.
/// </summary>
internal sealed class Decision(IdentityDb db, long galleryId, CancellationToken cancellationToken)
{
    private readonly Dictionary<long, DecidedFace> _faces = [];
    private readonly Dictionary<long, DecidedPerson> _people = [];
    private readonly Dictionary<(long FaceId, long PersonId), DecidedNegative> _negatives = [];

    public long GalleryId => galleryId;

    /// <summary>Neither the ledger nor the audit trail says what this decision changes: whoever decides writes down what may be kept of it.</summary>
    public bool Unrecorded { get; set; }

    /// <summary>The crops of faces that go stay in the folder of their photo, and go with that.</summary>
    public bool KeepCrops { get; set; }

    public IEnumerable<DecidedFace> Faces => _faces.Values;

    public IEnumerable<DecidedPerson> People => _people.Values;

    public IEnumerable<DecidedNegative> Negatives => _negatives.Values;

    /// <summary>Those of the faces that exist in the gallery, with what is remembered as not theirs.</summary>
    public Task<IReadOnlyDictionary<long, DecidedFace>> FindFacesAsync(IReadOnlyCollection<long> ids)
    {
        var asked = ids.Distinct().ToArray();
        return LoadFacesAsync(db.Database.SqlQuery<FaceNow>(
            $"""
             SELECT id AS "Id", photo_id AS "PhotoId", ordinal AS "Ordinal", embedding_index AS "EmbeddingIndex", person_id AS "PersonId",
                    person_confidence AS "PersonConfidence", assigned_by AS "AssignedBy", proposed_person_id AS "ProposedPersonId", mark AS "Mark"
             FROM identity.faces WHERE gallery_id = {galleryId} AND id = ANY({asked}) ORDER BY id FOR NO KEY UPDATE
             """));
    }

    /// <summary>The faces that people have or are proposed for.</summary>
    public Task<IReadOnlyDictionary<long, DecidedFace>> FacesOfAsync(IReadOnlyCollection<long> personIds)
    {
        var people = personIds.ToArray();
        return LoadFacesAsync(db.Database.SqlQuery<FaceNow>(
            $"""
             SELECT id AS "Id", photo_id AS "PhotoId", ordinal AS "Ordinal", embedding_index AS "EmbeddingIndex", person_id AS "PersonId",
                    person_confidence AS "PersonConfidence", assigned_by AS "AssignedBy", proposed_person_id AS "ProposedPersonId", mark AS "Mark"
             FROM identity.faces
             WHERE gallery_id = {galleryId} AND (person_id = ANY({people}) OR proposed_person_id = ANY({people})) ORDER BY id FOR NO KEY UPDATE
             """));
    }

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public async Task<DecidedFace> FaceAsync(long id) => (await FindFacesAsync([id])).GetValueOrDefault(id) ?? throw Library.Missing.Face(id);

    /// <summary>Those of the people who exist in the gallery.</summary>
    public async Task<IReadOnlyDictionary<long, DecidedPerson>> FindPeopleAsync(IReadOnlyCollection<long> ids)
    {
        var missing = ids.Where(id => !_people.ContainsKey(id)).Distinct().ToArray();
        Load(await db.People.Where(p => p.GalleryId == galleryId && missing.Contains(p.Id)).AsNoTracking().ToListAsync(cancellationToken));
        return ids.Distinct().Where(id => _people.TryGetValue(id, out var person) && person.Now is not null).ToDictionary(id => id, id => _people[id]);
    }

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>.</exception>
    public async Task<DecidedPerson> PersonAsync(long id) => (await FindPeopleAsync([id])).GetValueOrDefault(id) ?? throw Library.Missing.Person(id);

    /// <summary>The person who has a name, or null.</summary>
    public async Task<DecidedPerson?> FindPersonAsync(string name)
    {
        Load(await db.People.Where(p => p.GalleryId == galleryId && p.Name == name).AsNoTracking().ToListAsync(cancellationToken));
        return _people.Values.SingleOrDefault(person => person.Now?.Name == name);
    }

    /// <summary>Somebody new. The name is checked and free.</summary>
    public async Task<DecidedPerson> CreateAsync(string name)
    {
        var id = (await db.Database.SqlQuery<long>(
            $"""SELECT nextval(pg_get_serial_sequence('identity.people', 'id')) AS "Value" """).ToListAsync(cancellationToken))[0];

        // Whole microseconds are what the database keeps; what is compared later has to be what was stored.
        var now = DateTime.UtcNow;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return _people[id] = new DecidedPerson(id, null) { Now = new PersonState(Guid.CreateVersion7(), name, PersonName.Alias(name, now), now) };
    }

    /// <summary>Somebody who was there once and comes back as they were, or was not loaded yet.</summary>
    public DecidedPerson Absent(long id) => _people.TryGetValue(id, out var known) ? known : _people[id] = new DecidedPerson(id, null);

    /// <summary>Gives a face to a person, which settles what was proposed, marked or denied of it.</summary>
    public void Assign(DecidedFace face, long personId, Assigner by, float? confidence)
    {
        face.Now = FaceState.Assigned(personId, by, confidence);
        Negative(face.Id, personId).Now = false;
    }

    /// <summary>What is remembered of a face that was loaded, and any person.</summary>
    public DecidedNegative Negative(long faceId, long personId) =>
        _negatives.TryGetValue((faceId, personId), out var known) ? known : _negatives[(faceId, personId)] = new DecidedNegative(faceId, personId, false);

    /// <summary>All that is remembered as not these people.</summary>
    public async Task<IReadOnlyList<DecidedNegative>> NegativesOfAsync(IReadOnlyCollection<long> personIds)
    {
        var people = personIds.ToArray();
        Load(await db.Negatives.Where(n => people.Contains(n.PersonId)).OrderBy(n => n.FaceId).AsNoTracking().ToListAsync(cancellationToken));
        return [.. _negatives.Values.Where(negative => negative.Now && people.Contains(negative.PersonId))];
    }

    /// <summary>
    /// A person goes: faces of photos and proposals are nobody's afterwards, faces without a photo, which nobody could look at any more, go for
    /// good, and what was denied of the person is forgotten.
    /// </summary>
    public async Task ReleaseAsync(DecidedPerson person)
    {
        foreach (var face in (await FacesOfAsync([person.Id])).Values)
        {
            face.Deleted = face.PhotoId is null && face.Now.PersonId == person.Id;
            face.Now = FaceState.Unidentified;
        }

        foreach (var negative in await NegativesOfAsync([person.Id]))
        {
            negative.Now = false;
        }

        person.Now = null;
    }

    private async Task<IReadOnlyDictionary<long, DecidedFace>> LoadFacesAsync(IQueryable<FaceNow> locked)
    {
        var rows = await locked.ToListAsync(cancellationToken);
        var ids = rows.Select(row => row.Id).ToArray();
        foreach (var row in rows.Where(row => !_faces.ContainsKey(row.Id)))
        {
            _faces[row.Id] = new DecidedFace(
                row.Id, row.PhotoId, row.Ordinal, row.EmbeddingIndex,
                new FaceState(row.PersonId, row.PersonConfidence, row.AssignedBy, row.ProposedPersonId, row.Mark));
        }

        Load(await db.Negatives.Where(n => ids.Contains(n.FaceId)).AsNoTracking().ToListAsync(cancellationToken));
        return ids.ToDictionary(id => id, id => _faces[id]);
    }

    private void Load(List<Negative> rows)
    {
        foreach (var row in rows)
        {
            _negatives.TryAdd((row.FaceId, row.PersonId), new DecidedNegative(row.FaceId, row.PersonId, true));
        }
    }

    private void Load(List<Person> rows)
    {
        foreach (var row in rows)
        {
            _people.TryAdd(row.Id, new DecidedPerson(row.Id, new PersonState(row.Uuid, row.Name, row.Alias, row.CreatedAt)));
        }
    }

    private sealed record FaceNow(
        long Id, long? PhotoId, int? Ordinal, long? EmbeddingIndex,
        long? PersonId, float? PersonConfidence, Assigner? AssignedBy, long? ProposedPersonId, FaceMark Mark);
}

/// <summary>A face that is being decided about.</summary>
internal sealed class DecidedFace(long id, long? photoId, int? ordinal, long? embeddingIndex, FaceState before)
{
    public long Id => id;

    public long? PhotoId => photoId;

    public int? Ordinal => ordinal;

    /// <inheritdoc cref="Face.EmbeddingIndex"/>
    public long? EmbeddingIndex { get; set; } = embeddingIndex;

    public FaceState Before { get; } = before;

    public FaceState Now { get; set; } = before;

    /// <summary>It goes for good: row, vector, crop and what the ledger says of it.</summary>
    public bool Deleted { get; set; }
}

/// <summary>A person who is being decided about.</summary>
internal sealed class DecidedPerson(long id, PersonState? before)
{
    public long Id => id;

    /// <summary>Null if they were not there.</summary>
    public PersonState? Before { get; } = before;

    /// <summary>Null if they go.</summary>
    public PersonState? Now { get; set; } = before;

    /// <summary>They go for good, with their names in the ledger.</summary>
    public bool Erased { get; set; }

    public string Name => (Now ?? Before)!.Name;
}

/// <summary>Whether it is remembered that a face is not a person.</summary>
internal sealed class DecidedNegative(long faceId, long personId, bool before)
{
    public long FaceId => faceId;

    public long PersonId => personId;

    public bool Before { get; } = before;

    public bool Now { get; set; } = before;
}
