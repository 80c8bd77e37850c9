using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>A gallery of one test, with faces on photos, and what a user does with them.</summary>
internal sealed class TestGallery
{
    public const string Recogniser = "test";
    public const int Dimension = 8;

    private static int _random = 1;

    private readonly IdentityDatabase _database;

    private TestGallery(IdentityDatabase database, string name, long id) => (_database, Name, Id) = (database, name, id);

    public string Name { get; }

    public long Id { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TestGallery> CreateAsync(IdentityDatabase database)
    {
        var name = Guid.NewGuid().ToString("n");
        return new TestGallery(database, name, await database.AskAsync((IdentityDb db) => db.GalleryIdAsync(name, Cancel)));
    }

    /// <summary>A photo with faces of nobody yet.</summary>
    public Task<long[]> PhotoAsync(int faces) => _database.AskAsync(async (IdentityDb db) =>
    {
        var photo = new Photo
        {
            GalleryId = Id, Sha256 = Guid.NewGuid().ToByteArray(), Filename = "IMG_001.jpg", Extension = "jpg", Status = PhotoStatus.Processed
        };
        db.Photos.Add(photo);
        await db.SaveChangesAsync(Cancel);
        var rows = Enumerable.Range(0, faces).Select(i => NewFace(photo.Id, i)).ToArray();
        db.Faces.AddRange(rows);
        await db.SaveChangesAsync(Cancel);
        return rows.Select(row => row.Id).ToArray();
    });

    /// <summary>A face that was enrolled without keeping its photo.</summary>
    public async Task<long> EnrolledAsync(long personId)
    {
        var id = await _database.AskAsync(async (IdentityDb db) =>
        {
            var row = NewFace(null, null);
            db.Faces.Add(row);
            await db.SaveChangesAsync(Cancel);
            return row.Id;
        });
        await AssignAsync(id, personId);
        return id;
    }

    public Task<long> PersonAsync(string name) =>
        _database.AskAsync(async (PeopleCuration people) => (await people.CreateAsync(Name, name, Cancel)).Id);

    public Task AssignAsync(long faceId, long personId) =>
        _database.TellAsync((FaceCuration faces) => faces.AssignAsync(Name, faceId, personId, Cancel));

    public Task FacesAsync(Func<FaceCuration, Task> decide) => _database.TellAsync(decide);

    public Task PeopleAsync(Func<PeopleCuration, Task> decide) => _database.TellAsync(decide);

    public Task<IReadOnlyList<AutomaticConclusion>> ConcludeAsync(params AutomaticConclusion[] conclusions) =>
        _database.AskAsync((Ledger ledger) => ledger.ConcludeAsync(Id, "library", conclusions, oncePerPhoto: false, Cancel));

    /// <returns>The entry of the undo.</returns>
    public Task<long> UndoAsync(long entryId) => _database.AskAsync(async (IServiceProvider services) =>
    {
        await ((LedgerUndo)services.GetService(typeof(LedgerUndo))!).UndoAsync(Name, "library", entryId, null, Cancel);
        return ((Ledger)services.GetService(typeof(Ledger))!).LastEntryId!.Value;
    });

    /// <summary>The ids of all entries, the oldest first.</summary>
    public Task<long[]> EntriesAsync() => _database.AskAsync((IdentityDb db) =>
        db.Ledger.Where(entry => entry.GalleryId == Id).OrderBy(entry => entry.Id).Select(entry => entry.Id).ToArrayAsync(Cancel));

    public Task<LedgerChange[]> ChangesAsync(long entryId) => _database.AskAsync((IdentityDb db) =>
        db.LedgerChanges.Where(change => change.EntryId == entryId).OrderBy(change => change.Ordinal).AsNoTracking().ToArrayAsync(Cancel));

    public async Task<long> LastEntryAsync() => (await EntriesAsync())[^1];

    public Task<FaceState> FaceAsync(long id) => _database.AskAsync(async (IdentityDb db) =>
        FaceState.Of(await db.Faces.AsNoTracking().SingleAsync(face => face.Id == id, Cancel)));

    /// <summary>Everything that the ledger answers for.</summary>
    public Task<Snapshot> SnapshotAsync() => _database.AskAsync(async (IdentityDb db) => new Snapshot(
        await db.Faces.Where(face => face.GalleryId == Id).AsNoTracking().ToDictionaryAsync(face => face.Id, FaceState.Of, Cancel),
        await db.People.Where(person => person.GalleryId == Id).AsNoTracking()
            .ToDictionaryAsync(person => person.Id, person => new PersonState(person.Uuid, person.Name, person.Alias, person.CreatedAt), Cancel),
        [.. (await db.Negatives.Where(negative => db.Faces.Any(face => face.Id == negative.FaceId && face.GalleryId == Id)).AsNoTracking().ToListAsync(Cancel))
            .Select(negative => (negative.FaceId, negative.PersonId))]));

    /// <summary>The index says of each face whose it is, as the database does.</summary>
    public async Task IndexFollowsAsync()
    {
        var held = _database.Index.People(Id);
        foreach (var (id, face) in (await SnapshotAsync()).Faces)
        {
            // One that never had a person was put into this database past the index.
            Assert.Equal(face.PersonId, held.GetValueOrDefault(id));
        }
    }

    private Face NewFace(long? photoId, int? ordinal)
    {
        var random = new Random(Interlocked.Increment(ref _random));
        return new Face
        {
            GalleryId = Id,
            PhotoId = photoId,
            Ordinal = ordinal,
            Box = new FaceBox(10, 10, 50, 60),
            Landmarks = new float[10],
            Confidence = 0.9f,
            Detector = "test",
            Embeddings = { new Data.Embedding { Recogniser = Recogniser, Vector = [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle())] } },
        };
    }
}

/// <summary>Everything that the ledger answers for.</summary>
internal sealed record Snapshot(Dictionary<long, FaceState> Faces, Dictionary<long, PersonState> People, HashSet<(long FaceId, long PersonId)> Negatives)
{
    public void IsEqualTo(Snapshot other)
    {
        Assert.Equal(other.People.OrderBy(pair => pair.Key), People.OrderBy(pair => pair.Key));
        Assert.Equal(other.Faces.OrderBy(pair => pair.Key), Faces.OrderBy(pair => pair.Key));
        Assert.Equal(other.Negatives.Order(), Negatives.Order());
    }
}
