using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>Duplicates and outliers are those that comparing each face with each finds.</summary>
public sealed class DuplicatesTests(RunningApi api, ITestOutputHelper output) : IClassFixture<RunningApi>
{
    private readonly string _gallery = Guid.NewGuid().ToString("n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Anna => api.Client(_gallery, "anna", "photographer");

    private HttpClient Ben => api.Client(_gallery, "ben", "photographer");

    private HttpClient Admin => api.Client(_gallery, "root", "admin");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_made_up_people_with_more_faces_than_links_the_best_pairs_are_found_as_faces_come_and_go(bool linked)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        var random = new Random(seed);
        var (hers, his) = (await RunningApi.AlbumAsync(Anna), await RunningApi.AlbumAsync(Ben));
        var people = Enumerable.Range(0, 3).Select(_ => LikeFaces.Anybody(random)).ToArray();
        var names = new[] { (await api.PersonAsync(_gallery, "Eve")).Id, (await api.PersonAsync(_gallery, "Adam")).Id };
        NewFace Somebody() => new()
        {
            HasCrop = false,
            Vector = LikeFaces.Like(people[random.Next(people.Length)], 0.75 + (0.24 * random.NextDouble()), random),
            PersonId = random.Next(3) is var who && who < 2 ? names[who] : null,
            Mark = FaceMark.None,
        };
        for (var round = 0; round < 2; round++)
        {
            for (var photo = 0; photo < 8; photo++)
            {
                await api.PhotoAsync(_gallery, random.Next(3) switch { 0 => hers, 1 => his, _ => null }, Somebody(), Somebody(), Somebody());
            }

            if (linked)
            {
                await api.LinkAsync(_gallery);
            }

            await AssertAllAsync(hers);
            await api.AskAsync(async (IdentityDb db) =>
            {
                // The nearest ones go, and what was not linked because of them has to be looked for again.
                var gallery = await db.GalleryIdAsync(_gallery, Cancel);
                var near = await db.FaceLinks.Where(link => db.Faces.Any(face => face.Id == link.FaceA && face.GalleryId == gallery))
                    .OrderByDescending(link => link.Cosine).Take(6).ToListAsync(Cancel);
                var any = await db.Faces.Where(face => face.GalleryId == gallery).OrderBy(face => face.Id).Select(face => face.Id).Take(6).ToListAsync(Cancel);
                long[] gone = linked ? [.. near.Select(link => link.FaceA).Distinct()] : [.. any.Take(4)];
                long[] invalid = linked ? [.. near.Select(link => link.FaceB).Except(gone).Take(2)] : [.. any.Skip(4)];
                await db.Faces.Where(face => gone.Contains(face.Id)).ExecuteDeleteAsync(Cancel);
                await db.Faces.Where(face => invalid.Contains(face.Id))
                    .ExecuteUpdateAsync(face => face.SetProperty(f => f.Mark, FaceMark.Invalid).SetProperty(f => f.PersonId, (long?)null), Cancel);
                return 0;
            });
            await AssertAllAsync(hers);
        }

        async Task AssertAllAsync(Guid album)
        {
            var faces = await FacesAsync();
            foreach (var (who, name) in ((HttpClient, string?)[])[(Anna, "anna"), (Ben, "ben"), (Admin, null)])
            {
                var own = faces.Where(face => name is null || face.Owner == name).ToList();
                await AssertDuplicatesAsync(own, who, "?limit=200&threshold=0.8", 0.8, 200);
                await AssertDuplicatesAsync(own, who, "?limit=20&threshold=0.99", 0.99, 20);
                await AssertDuplicatesAsync(own, who, "", 0.95, 50);
                await AssertOutliersAsync(own, who, "?limit=200&threshold=0.8", 0.8, 200);
                await AssertOutliersAsync(own, who, "", 0.6, 50);
            }

            await AssertDuplicatesAsync([.. faces.Where(face => face.Album == album)], Anna, $"?album_id={album}&limit=10", 0.95, 10);
        }
    }

    [Fact]
    public async Task Of_real_photos_duplicates_and_outliers_are_those_of_a_comparison_of_each_with_each()
    {
        var labelled = (await LabelledFaces.AllAsync()).GroupBy(face => face.Person).Where(person => person.Count() > 2).Take(40).ToList();
        var random = new Random(1);
        foreach (var person in labelled)
        {
            var id = (await api.PersonAsync(_gallery, person.Key)).Id;
            foreach (var face in person)
            {
                // Every tenth is said to be nobody, and every thirtieth somebody else.
                var said = random.Next(30) switch { 0 => (await SomebodyAsync()).Id, < 4 => (long?)null, _ => id };
                await api.PhotoAsync(_gallery, null, new NewFace { HasCrop = false, Vector = face.Vector, PersonId = said });
            }
        }

        await api.LinkAsync(_gallery);
        var faces = await FacesAsync();
        await AssertDuplicatesAsync(faces, Admin, "?limit=200&threshold=0.8", 0.8, 200);
        await AssertDuplicatesAsync(faces, Admin, "", 0.95, 50);
        await AssertOutliersAsync(faces, Admin, "?limit=200&threshold=0.8", 0.8, 200);
        await AssertOutliersAsync(faces, Admin, "", 0.6, 50);
        output.WriteLine($"{faces.Count} faces of {labelled.Count} people.");

        Task<Person> SomebodyAsync() => api.AskAsync(async (IdentityDb db) =>
        {
            var gallery = await db.GalleryIdAsync(_gallery, Cancel);
            return await db.People.Where(person => person.GalleryId == gallery).OrderBy(person => person.Id).FirstAsync(Cancel);
        });
    }

    [Fact]
    public async Task Duplicates_and_outliers_answer_in_the_printed_form()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var person = await api.PersonAsync(_gallery, "John Doe");
        var random = new Random(1);
        var vector = LikeFaces.Anybody(random);
        foreach (var like in (float[][])[vector, LikeFaces.Like(vector, 0.9, random), LikeFaces.Anybody(random)])
        {
            await api.PhotoAsync(_gallery, album, new NewFace { Vector = like, PersonId = person.Id });
        }

        var pair = Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna, $"?album_id={album}&threshold=0.95&limit=100"));
        Assert.Equal(
            [
                "face_id_1", "face_id_2", "similarity_score", "photo_id_1", "photo_id_2", "thumbnail_url_1",
                "thumbnail_url_2", "cosine", "threshold", "model"
            ],
            pair.Select(field => field.Key));
        Assert.Equal((0.9, 0.95, "made-up"), (Math.Round((double)pair["cosine"]!, 3), (double)pair["threshold"]!, (string?)pair["model"]));
        var face = Assert.Single(await QualityFacesTests.OutliersAsync(Anna, $"?person_id={person.Uuid}&threshold=0.6"), face => (double)face["cosine"]! < 0.2);
        Assert.Equal(
            [
                "face_id", "photo_id", "person_id", "person_name", "confidence", "avg_similarity_to_cluster",
                "thumbnail_url", "cosine", "threshold", "model"
            ],
            face.Select(field => field.Key));
        Assert.Equal((person.Uuid, "John Doe", 0.9), ((Guid)face["person_id"]!, (string?)face["person_name"], (double)face["confidence"]!));
        using var http = new HttpClient();
        foreach (var (id, link) in ((string, string)[])[
            ((string)pair["face_id_1"]!, (string)pair["thumbnail_url_1"]!),
            ((string)pair["face_id_2"]!, (string)pair["thumbnail_url_2"]!),
            ((string)face["face_id"]!, (string)face["thumbnail_url"]!)])
        {
            Assert.Equal(RunningApi.Crop(Guid.Parse(id)), await http.GetByteArrayAsync(new Uri(link), Cancel));
        }
    }

    [Fact]
    public async Task Each_answer_is_a_look_up_in_the_audit_trail_of_those_whose_faces_it_shows()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var (shown, other) = (await api.PersonAsync(_gallery, "John Doe"), await api.PersonAsync(_gallery, "Jane Roe"));
        var random = new Random(1);
        var vector = LikeFaces.Anybody(random);
        foreach (var face in (NewFace[])[
            new() { Vector = vector, PersonId = shown.Id }, new() { Vector = LikeFaces.Like(vector, 0.99, random) },
            new() { Vector = LikeFaces.Anybody(random), PersonId = shown.Id }, new() { Vector = LikeFaces.Anybody(random), PersonId = other.Id }])
        {
            await api.PhotoAsync(_gallery, album, face);
        }

        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna, ""));
        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna, "")); // out of the cache
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Ben, ""));
        Assert.Equal(2, (await QualityFacesTests.OutliersAsync(Anna, "")).Count);
        var entries = await api.AskAsync((IdentityDb db) => db.Audit.AsNoTracking()
            .Where(entry => entry.Gallery == _gallery && entry.Action == "lookup").OrderBy(entry => entry.Id).ToListAsync(Cancel));
        Assert.All(entries, entry => Assert.Equal("quality", entry.Dialect));
        Assert.Equal(["anna", "anna", "ben", "anna"], entries.Select(entry => entry.Actor));
        Assert.Equal([[shown.Uuid], [shown.Uuid], [], [shown.Uuid]], entries.Select(entry => entry.People));
    }

    [Fact]
    public async Task Duplicates_are_kept_for_ten_minutes_and_forgotten_when_faces_change()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var random = new Random(1);
        var vector = LikeFaces.Anybody(random);
        var first = (await api.PhotoAsync(_gallery, album, new NewFace { HasCrop = false, Vector = vector }))[0];
        var second = (await api.PhotoAsync(_gallery, album, new NewFace { HasCrop = false, Vector = vector }))[0];
        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna));

        // Behind the program's back: only a kept answer still has the old likeness.
        await api.AskAsync((IdentityDb db) => db.Embeddings.Where(embedding => embedding.FaceId == second.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(embedding => embedding.Vector, LikeFaces.Anybody(random)), Cancel));
        await api.AskAsync(async (IndexSync index) =>
        {
            await index.NoteAsync([second.Id], Cancel);
            return await index.SweepAsync(TimeSpan.Zero, Cancel);
        });
        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna));
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Anna, "?limit=51"));
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Admin));
        api.Clock.Ahead += TimeSpan.FromMinutes(9);
        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna));
        api.Clock.Ahead += TimeSpan.FromMinutes(2);
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Anna));

        // Another face comes, is marked, and leaves the album.
        var third = (await api.PhotoAsync(_gallery, album, new NewFace { HasCrop = false, Vector = vector }))[0];
        Assert.Equal(first.Uuid, (Guid)Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna))["face_id_1"]!);
        await api.AskAsync((IdentityDb db) =>
            db.Faces.Where(face => face.Id == third.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(face => face.Mark, FaceMark.Invalid), Cancel));
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Anna));
        await api.AskAsync((IdentityDb db) =>
            db.Faces.Where(face => face.Id == third.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(face => face.Mark, FaceMark.None), Cancel));
        Assert.Single(await QualityFacesTests.DuplicatesAsync(Anna));
        await api.AskAsync((IdentityDb db) =>
            db.Photos.Where(photo => photo.Id == third.PhotoId)
                .ExecuteUpdateAsync(row => row.SetProperty(photo => photo.AlbumId, (long?)null), Cancel));
        Assert.Empty(await QualityFacesTests.DuplicatesAsync(Anna));
    }

    private Task<List<Known>> FacesAsync() => api.AskAsync(async (IdentityDb db) =>
    {
        var gallery = await db.GalleryIdAsync(_gallery, Cancel);
        return await (
            from face in db.Faces
            join photo in db.Photos on face.PhotoId equals photo.Id
            join album in db.Albums on photo.AlbumId equals album.Id into albums
            from album in albums.DefaultIfEmpty()
            join embedding in db.Embeddings on face.Id equals embedding.FaceId
            where face.GalleryId == gallery && face.Mark != FaceMark.Invalid
            orderby face.Id
            select new Known(face.Uuid, photo.Uuid, (Guid?)album.Uuid, album.Owner, face.PersonId, embedding.Vector)).ToListAsync(Cancel);
    });

    private static async Task AssertDuplicatesAsync(List<Known> faces, HttpClient http, string query, double threshold, int limit)
    {
        var expected = (
            from a in Enumerable.Range(0, faces.Count)
            from b in Enumerable.Range(a + 1, faces.Count - a - 1)
            where faces[a].Photo != faces[b].Photo
            let cosine = TensorPrimitives.Dot<float>(faces[a].Vector, faces[b].Vector)
            where LibraryDatabase.Recogniser.Calibration.Similarity(cosine) >= threshold
            orderby cosine descending
            select (faces[a].Id, faces[b].Id, Cosine: cosine)).Take(limit).ToList();
        var found = await QualityFacesTests.DuplicatesAsync(http, query);
        Assert.Equal(expected.Count, found.Count);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Cosine, (double)pair.Second["cosine"]!, 0.0001));
        Assert.Equal(found.Count, found.Select(pair => (Id(pair, "face_id_1"), Id(pair, "face_id_2"))).Distinct().Count());
        var (photoOf, vectorOf) = (faces.ToDictionary(face => face.Id, face => face.Photo), faces.ToDictionary(face => face.Id, face => face.Vector));
        Assert.All(found, pair =>
        {
            var (a, b) = (Id(pair, "face_id_1"), Id(pair, "face_id_2"));
            Assert.Equal((photoOf[a], photoOf[b]), (Id(pair, "photo_id_1"), Id(pair, "photo_id_2")));
            Assert.NotEqual(photoOf[a], photoOf[b]);
            Assert.Equal(TensorPrimitives.Dot<float>(vectorOf[a], vectorOf[b]), (double)pair["cosine"]!, 0.0001);
            Assert.Equal(LibraryDatabase.Recogniser.Calibration.Similarity((double)pair["cosine"]!), (double)pair["similarity_score"]!, 0.001);
        });

        static Guid Id(JsonObject pair, string name) => (Guid)pair[name]!;
    }

    private static async Task AssertOutliersAsync(List<Known> faces, HttpClient http, string query, double threshold, int limit)
    {
        var expected = (
            from face in faces
            where face.Person is not null
            let others = faces.Where(other => other.Person == face.Person && other != face).ToList()
            where others.Count > 0
            let cosine = others.Average(other => (double)TensorPrimitives.Dot<float>(other.Vector, face.Vector))
            where LibraryDatabase.Recogniser.Calibration.Similarity(cosine) < threshold
            orderby cosine
            select (face.Id, Cosine: cosine)).Take(limit).ToList();
        var found = await QualityFacesTests.OutliersAsync(http, query);
        Assert.Equal(expected.Count, found.Count);
        Assert.Equal(found.Count, found.Select(face => (Guid)face["face_id"]!).Distinct().Count());
        var cosineOf = expected.ToDictionary(face => face.Id, face => face.Cosine);
        Assert.All(expected.Zip(found), pair =>
        {
            Assert.Equal(pair.First.Cosine, (double)pair.Second["cosine"]!, 0.0001);
            Assert.Equal(LibraryDatabase.Recogniser.Calibration.Similarity(pair.First.Cosine), (double)pair.Second["avg_similarity_to_cluster"]!, 0.001);
            Assert.Equal(cosineOf[(Guid)pair.Second["face_id"]!], (double)pair.Second["cosine"]!, 0.0001);
        });
    }

    private sealed record Known(Guid Id, Guid Photo, Guid? Album, string? Owner, long? Person, float[] Vector);
}
