using System.Text;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using FaceCloud.Identity.Library;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>The calls of the library dialect that compare faces without deciding, naming a group, and strangers beside a library.</summary>
public sealed class LikenessTests(LibraryDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Similar_faces_are_those_of_the_gallery_without_itself_the_most_similar_first()
    {
        var (gallery, other) = (await LikeFaces.CreateAsync(database), await LikeFaces.CreateAsync(database));
        var random = new Random(1);
        var vector = LikeFaces.Anybody(random);
        var anna = await gallery.PersonAsync("Anna", LikeFaces.Like(vector, 0.7, random));
        var photo = await gallery.PhotoAsync(vector, LikeFaces.Like(vector, 0.6, random), LikeFaces.Like(vector, 0.3, random));
        await gallery.AddAsync([LikeFaces.Like(vector, 0.9, random)], face => face with { Mark = FaceMark.Invalid });
        await other.PhotoAsync(LikeFaces.Like(vector, 0.9, random));

        var answer = await SimilarAsync(gallery, photo[0]);
        Assert.Equal((photo[0], $"/processed/faces/face_{photo[0]}.jpg"), (answer.BaseFace.Id, answer.BaseFace.FaceImagePath));
        Assert.Equal((0.8, LibraryDatabase.Recogniser.Name), (answer.Threshold, answer.Model));
        Assert.Equal([0.7, 0.6], answer.SimilarFaces.Select(face => face.Cosine), (a, b) => Math.Abs(a - b) < 0.001);
        Assert.Equal((anna, null, null), (answer.SimilarFaces[0].Person!.Id, answer.SimilarFaces[0].Image, answer.SimilarFaces[0].FaceImagePath));
        Assert.Equal((photo[1], "IMG_001.jpg", null), (answer.SimilarFaces[1].Id, answer.SimilarFaces[1].Image!.Filename, answer.SimilarFaces[1].Person));
        Assert.Equal(3, (await SimilarAsync(gallery, photo[0], threshold: 0.4)).SimilarFaces.Length);
        Assert.Single((await SimilarAsync(gallery, photo[0], limit: 1)).SimilarFaces);

        var failure = await Assert.ThrowsAsync<FailureException>(() => SimilarAsync(other, photo[0]));
        Assert.Equal((Failure.NotFound, "Face not found"), (failure.Failure, failure.Message));
        failure = await Assert.ThrowsAsync<FailureException>(() => SimilarAsync(gallery, photo[0], limit: 1001));
        Assert.Equal(Failure.InvalidRequest, failure.Failure);
    }

    [Fact]
    public async Task A_face_that_no_network_described_is_similar_to_none()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var face = (await gallery.PhotoAsync(LikeFaces.Anybody(new Random(2))))[0];
        await gallery.AskAsync((IdentityDb db) => db.Embeddings.Where(embedding => embedding.FaceId == face).ExecuteDeleteAsync(Cancel));
        Assert.Empty((await SimilarAsync(gallery, face)).SimilarFaces);
    }

    [Fact]
    public async Task A_group_is_listed_named_and_its_naming_undone()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(3);
        var (anna, ben) = (LikeFaces.Anybody(random), LikeFaces.Anybody(random));
        float[][] Faces(float[] of, int count) => [.. Enumerable.Range(0, count).Select(_ => LikeFaces.Like(of, 0.85, random))];
        var small = await gallery.PhotoAsync(Faces(anna, 3));
        var large = await gallery.PhotoAsync(Faces(ben, 8));
        var lonely = await gallery.PhotoAsync(LikeFaces.Anybody(random));

        // Nothing runs in the background here: reading has few faces worked out first.
        var list = await ListAsync(gallery);
        Assert.Equal((2, 2, 0), (list.Count, list.TotalCount, list.Pending));
        Assert.Equal([(large[0], 8, 6), (small[0], 3, 3)], list.Groups.Select(group => (group.Id, group.Count, group.Faces.Length)));
        Assert.Equal("IMG_001.jpg", list.Groups[1].Faces[0].Image!.Filename);
        Assert.InRange(list.Groups[0].Cohesion, 0.65, 0.8);
        Assert.Equal(3, (await ListAsync(gallery, minFaces: 1)).TotalCount);
        Assert.Equal(lonely[0], Assert.Single((await ListAsync(gallery, minFaces: 1, offset: 2)).Groups).Id);
        var whole = await gallery.AskAsync((IServiceProvider services) => GetGroup.HandleAsync(
            Request(gallery), Get<IdentityDb>(services), Get<FreshGroups>(services), large[0], Cancel));
        Assert.Equal(large.Order(), whole.Value!.Faces.Select(face => face.Id).Order());

        var named = await NameAsync(gallery, large[0], """{"name":" Ben "}""");
        Assert.Equal(("Ben", 8, 8), (named.Person.Name, named.Person.FaceCount, named.Count));
        Assert.Equal(small[0], Assert.Single((await ListAsync(gallery)).Groups).Id);
        Assert.Equal(Assigner.Manual, (await gallery.FaceAsync(large[7])).AssignedBy);
        var taken = await Assert.ThrowsAsync<FailureException>(() => NameAsync(gallery, small[0], """{"name":"Ben"}"""));
        Assert.Equal(Failure.Conflict, taken.Failure);
        Assert.Equal(named.Person.Id, taken.Details!["person_id"]);
        Assert.Contains("personId", taken.Message, StringComparison.Ordinal);
        Assert.Equal(11, (await NameAsync(gallery, small[0], $$"""{"personId":{{named.Person.Id}}}""")).Person.FaceCount);
        Assert.Empty((await ListAsync(gallery)).Groups);
        Assert.Equal(Failure.NotFound, (await Assert.ThrowsAsync<FailureException>(() => NameAsync(gallery, small[0], """{"name":"Carl"}"""))).Failure);
        Assert.Equal(Failure.Malformed, (await Assert.ThrowsAsync<FailureException>(() => NameAsync(gallery, small[0], "{}"))).Failure);

        var entries = await gallery.AskAsync((IdentityDb db) => db.Ledger.Where(e => e.GalleryId == gallery.Id).OrderBy(e => e.Id).ToListAsync(Cancel));
        Assert.All(entries, entry => Assert.Equal("name_group", entry.Action));
        Assert.Equal(2, entries.Count);
        foreach (var entry in Enumerable.Reverse(entries))
        {
            await gallery.AskAsync(async (LedgerUndo undo) =>
            {
                await undo.UndoAsync(gallery.Name, "library", entry.Id, null, Cancel);
                return 0;
            });
        }

        Assert.Equal([8, 3], (await ListAsync(gallery)).Groups.Select(group => group.Count));
        Assert.False(await gallery.AskAsync((IdentityDb db) => db.People.AnyAsync(person => person.GalleryId == gallery.Id, Cancel)));
    }

    [Fact]
    public async Task People_with_like_faces_are_suggested_to_be_one_unless_they_are_in_a_photo_together()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(4);
        var (anna, ben, carl) = (LikeFaces.Anybody(random), LikeFaces.Anybody(random), LikeFaces.Anybody(random));
        var faces = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            faces.AddRange(await gallery.PhotoAsync(LikeFaces.Like(anna, 0.8, random)));
        }

        var twins = await gallery.PhotoAsync(LikeFaces.Like(ben, 0.9, random), LikeFaces.Like(ben, 0.9, random));
        var alone = await gallery.PhotoAsync(LikeFaces.Like(carl, 0.9, random));
        await gallery.GroupAsync();
        var people = new List<long>();
        foreach (var name in new[] { "Anna", "Anna Maria", "Ben", "Bernd", "Carl" })
        {
            people.Add(await gallery.PersonAsync(name));
        }

        await gallery.AssignAsync(people[0], faces[0], faces[1]);
        await gallery.AssignAsync(people[1], faces[2], faces[3]);
        await gallery.AssignAsync(people[2], twins[0]);
        await gallery.AssignAsync(people[3], twins[1]);
        await gallery.AssignAsync(people[4], alone[0]);
        var answer = (await gallery.AskAsync((IServiceProvider services) => PeopleSuggestions.HandleAsync(
            Request(gallery), Get<IdentityDb>(services), Get<IFaceEmbedder>(services), Get<Scores>(services),
            Get<AuditTrail>(services), null, null, Cancel))).Value!;
        var suggestion = Assert.Single(answer.Suggestions);
        Assert.Equal(1, answer.Count);
        Assert.Equal([("Anna", 2L), ("Anna Maria", 2L)], suggestion.People.Select(person => (person.Name, person.FaceCount)));
        Assert.Equal(4, suggestion.Links);
        Assert.InRange(suggestion.Cosine, 0.55, 0.75);
    }

    [Fact]
    public async Task A_remembered_stranger_is_found_behind_any_number_of_faces_from_photos()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(5);
        var face = LikeFaces.Anybody(random);
        for (var i = 0; i < 5; i++)
        {
            await gallery.AddAsync([.. Enumerable.Range(0, 10).Select(_ => LikeFaces.Like(face, 0.9, random))], setup => setup);
        }

        var stranger = await gallery.AskAsync(async (IdentityDb db) =>
        {
            var row = new Stranger { GalleryId = gallery.Id, FirstSeen = DateTime.UtcNow, LastSeen = DateTime.UtcNow, DetectionCount = 1 };
            db.Strangers.Add(row);
            await db.SaveChangesAsync(Cancel);
            return row.Id;
        });
        await gallery.AddAsync([LikeFaces.Like(face, 0.5, random)], setup => setup with { StrangerId = stranger }, withPhoto: false);

        var seen = await LookAsync(face);
        Assert.Equal(stranger, seen!.Stranger.Id);
        Assert.Equal(0.5, seen.Cosine!.Value, 0.001);

        // One remembered face, one chance for a passer-by: the guard does not count the fifty of photos, which would ask for 0.57.
        Assert.Equal(0.5, seen.Threshold);
        Assert.Null(await LookAsync(LikeFaces.Anybody(random)));

        async Task<Sighting?> LookAsync(float[] vector)
        {
            var box = new FaceBox(0, 0, 50, 50);
            var recognised = new Recognised(
                [new RecognisedFace(new DetectedFace(box, default, 0.9f, null, null), new FaceEmbedding(vector), [])], 0.5, LibraryDatabase.Recogniser, "test");
            return (await gallery.AskAsync((Strangers strangers) => strangers.LookAsync(gallery.Name, recognised, Cancel)))[0];
        }
    }

    private static T Get<T>(IServiceProvider services) => (T)services.GetService(typeof(T))!;

    private static HttpRequest Request(LikeFaces gallery, string? json = null, IServiceProvider? services = null)
    {
        var request = new DefaultHttpContext { RequestServices = services! }.Request;
        request.Headers[GalleryHeader.Name] = gallery.Name;
        if (json is not null)
        {
            request.HttpContext.Features.Set<IHttpMaxRequestBodySizeFeature>(new NoLimit());
            request.ContentType = "application/json";
            request.Body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        }

        return request;
    }

    private sealed class NoLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }

    private static async Task<Similar.Response> SimilarAsync(LikeFaces gallery, long face, double? threshold = null, int? limit = null) =>
        (await gallery.AskAsync((IServiceProvider services) => Similar.HandleAsync(
            Request(gallery), Get<IdentityDb>(services), Get<IFaceIndex>(services), Get<IFaceEmbedder>(services), Get<Scores>(services),
            Get<AuditTrail>(services),
            face, threshold, limit, Cancel))).Value!;

    private static async Task<ListGroups.Response> ListAsync(LikeFaces gallery, int? minFaces = null, int? offset = null) =>
        (await gallery.AskAsync((IServiceProvider services) => ListGroups.HandleAsync(
            Request(gallery), Get<IdentityDb>(services), Get<FreshGroups>(services), null, offset, minFaces, Cancel))).Value!;

    private static async Task<NameGroup.Response> NameAsync(LikeFaces gallery, long group, string json) =>
        (await gallery.AskAsync((IServiceProvider services) => NameGroup.HandleAsync(
            Request(gallery, json, services), Get<IdentityDb>(services), Get<FreshGroups>(services), Get<Ledger>(services), group, Cancel))).Value!;
}
