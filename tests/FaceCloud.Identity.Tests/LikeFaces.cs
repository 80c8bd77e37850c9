using System.Numerics.Tensors;
using System.Security.Cryptography;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>A gallery of one test whose faces are as like each other as the test says.</summary>
internal sealed class LikeFaces
{
    private readonly LibraryDatabase _database;
    private int _photos;

    private LikeFaces(LibraryDatabase database, string name, long id) => (_database, Name, Id) = (database, name, id);

    public string Name { get; }

    public long Id { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<LikeFaces> CreateAsync(LibraryDatabase database)
    {
        var name = Guid.NewGuid().ToString("n");
        return new LikeFaces(database, name, await database.AskAsync((IdentityDb db) => db.GalleryIdAsync(name, Cancel)));
    }

    /// <summary>A unit vector that no other is like: of 512 random numbers.</summary>
    public static float[] Anybody(Random random)
    {
        var vector = new float[512];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        }

        return Unit(vector);
    }

    /// <summary>A unit vector with this cosine to another.</summary>
    public static float[] Like(float[] other, double cosine, Random random)
    {
        var aside = Anybody(random);
        TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<float>(other, aside), aside, aside);
        Unit(aside);
        return Unit([.. other.Zip(aside, (along, across) => (float)((cosine * along) + (Math.Sqrt(1 - (cosine * cosine)) * across)))]);
    }

    /// <summary>A photo with faces of nobody yet, searchable and noted for grouping as after an upload.</summary>
    public async Task<long[]> PhotoAsync(params float[][] vectors)
    {
        var ids = await AddAsync(vectors, face => face);
        await _database.AskAsync(async (FaceLinking linking) =>
        {
            await linking.NoteAsync(ids, Cancel);
            return 0;
        });
        return ids;
    }

    /// <summary>A photo with faces, each as the test wants its row.</summary>
    public async Task<long[]> AddAsync(float[][] vectors, Func<FaceSetup, FaceSetup> setup, bool withPhoto = true)
    {
        return await _database.AskAsync(async (IServiceProvider services) =>
        {
            var db = (IdentityDb)services.GetService(typeof(IdentityDb))!;
            var index = (IndexSync)services.GetService(typeof(IndexSync))!;
            Photo? photo = null;
            if (withPhoto)
            {
                photo = new Photo
                {
                    GalleryId = Id, Sha256 = RandomNumberGenerator.GetBytes(32),
                    Filename = $"IMG_{++_photos:000}.jpg", Extension = "jpg", Status = PhotoStatus.Processed,
                };
                db.Photos.Add(photo);
                await db.SaveChangesAsync(Cancel);
            }

            var rows = vectors.Select((vector, i) =>
            {
                var with = setup(new FaceSetup());
                return new Face
                {
                    GalleryId = Id,
                    PhotoId = photo?.Id,
                    Ordinal = photo is null ? null : i,
                    PersonId = with.PersonId,
                    AssignedBy = with.PersonId is null ? null : Assigner.Manual,
                    StrangerId = with.StrangerId,
                    Mark = with.Mark,
                    Box = new FaceBox(10, 10, with.Height * 0.8f, with.Height),
                    Landmarks = new float[10],
                    Confidence = with.Confidence,
                    Detector = "test",
                    Embeddings = { new Embedding { Recogniser = LibraryDatabase.Recogniser.Name, Vector = vector } },
                };
            }).ToArray();
            db.Faces.AddRange(rows);
            await db.SaveChangesAsync(Cancel);
            long[] ids = [.. rows.Select(row => row.Id)];
            await index.NoteAsync(ids, Cancel);
            await index.FollowAsync(ids);
            return ids;
        });
    }

    /// <summary>Somebody with faces that were enrolled without photos.</summary>
    public async Task<long> PersonAsync(string name, params float[][] vectors)
    {
        var person = await _database.AskAsync(async (IdentityDb db) =>
        {
            var row = new Person { GalleryId = Id, Name = name, Alias = name };
            db.People.Add(row);
            await db.SaveChangesAsync(Cancel);
            return row.Id;
        });
        await AddAsync(vectors, face => face with { PersonId = person }, withPhoto: false);
        return person;
    }

    public Task<T> AskAsync<TService, T>(Func<TService, Task<T>> ask)
        where TService : notnull =>
        _database.AskAsync(ask);

    public Task<Face> FaceAsync(long id) =>
        _database.AskAsync((IdentityDb db) => db.Faces.AsNoTracking().SingleAsync(face => face.Id == id, Cancel));

    /// <summary>Gives faces to a person as a user does.</summary>
    public Task AssignAsync(long personId, params long[] faces) => DecideAsync(
        faces, (decision, face) => decision.Assign(face, personId, Assigner.Manual, null));

    /// <summary>A user's decision about faces.</summary>
    public Task DecideAsync(long[] faces, Action<Decision, DecidedFace> decide) => _database.AskAsync((Ledger ledger) => ledger.DecideAsync(
        Id,
        new Origin("library", LedgerAction.Assign),
        async decision =>
        {
            foreach (var face in (await decision.FindFacesAsync(faces)).Values)
            {
                decide(decision, face);
            }

            return 0;
        },
        Cancel));

    /// <summary>What the background worker does.</summary>
    public Task<int> GroupAsync() => _database.AskAsync(async (Grouping grouping) =>
    {
        await grouping.CatchUpAsync(Id, Cancel);
        return 0;
    });

    /// <summary>The groups of several faces, each by its faces in ascending order; checked against what is counted of them.</summary>
    public Task<List<long[]>> GroupsAsync() => _database.AskAsync(async (IdentityDb db) =>
    {
        var faces = await db.Faces.Where(face => face.GalleryId == Id && face.GroupId != null)
            .Select(face => new { face.Id, GroupId = face.GroupId!.Value }).ToListAsync(Cancel);
        var groups = faces.GroupBy(face => face.GroupId, face => face.Id).ToDictionary(group => group.Key, group => group.Order().ToArray());
        var counted = await db.FaceGroups.Where(group => group.GalleryId == Id).ToDictionaryAsync(group => group.Id, group => group.Faces, Cancel);
        Assert.Equal(counted.OrderBy(pair => pair.Key), groups.ToDictionary(pair => pair.Key, pair => pair.Value.Length).OrderBy(pair => pair.Key));
        Assert.All(groups, group => Assert.Equal(group.Key, group.Value[0]));
        return groups.Values.Where(group => group.Length > 1).OrderBy(group => group[0]).ToList();
    });

    private static float[] Unit(float[] vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}

/// <summary>What a test wants of a face.</summary>
internal sealed record FaceSetup(
    long? PersonId = null, long? StrangerId = null, FaceMark Mark = FaceMark.None, float Height = 100, float Confidence = 0.8f);
