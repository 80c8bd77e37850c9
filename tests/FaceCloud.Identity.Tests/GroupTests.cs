using System.Numerics.Tensors;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>Unidentified faces that are probably one person.</summary>
public sealed class GroupTests(LibraryDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Faces_of_one_person_are_a_group_and_a_lonely_face_is_in_none()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(1);
        var (anna, ben) = (LikeFaces.Anybody(random), LikeFaces.Anybody(random));
        var first = await gallery.PhotoAsync(LikeFaces.Like(anna, 0.8, random), LikeFaces.Like(ben, 0.8, random));
        var second = await gallery.PhotoAsync(LikeFaces.Like(anna, 0.8, random), LikeFaces.Anybody(random));
        var third = await gallery.PhotoAsync(LikeFaces.Like(ben, 0.8, random));
        await gallery.GroupAsync();

        Assert.Equal([[first[0], second[0]], [first[1], third[0]]], await gallery.GroupsAsync());
        Assert.False(await gallery.AskAsync((IdentityDb db) => db.GroupChanges.AnyAsync(change => change.GalleryId == gallery.Id, Cancel)));
    }

    [Fact]
    public async Task A_face_that_is_decided_about_leaves_its_group_and_comes_back_when_that_is_undone()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(2);
        var anna = LikeFaces.Anybody(random);
        var faces = await gallery.PhotoAsync([.. Enumerable.Range(0, 4).Select(_ => LikeFaces.Like(anna, 0.85, random))]);
        await gallery.GroupAsync();
        Assert.Equal([faces], await gallery.GroupsAsync());

        await gallery.DecideAsync([faces[0]], (_, face) => face.Now = FaceState.Marked(FaceMark.Unknown));
        await gallery.GroupAsync();
        Assert.Equal([faces[1..]], await gallery.GroupsAsync());
        Assert.Null((await gallery.FaceAsync(faces[0])).GroupId);

        await gallery.DecideAsync([faces[0]], (_, face) => face.Now = FaceState.Unidentified);
        await gallery.GroupAsync();
        Assert.Equal([faces], await gallery.GroupsAsync());
    }

    [Fact]
    public async Task A_gallery_groups_its_own_faces_only()
    {
        var (mine, yours) = (await LikeFaces.CreateAsync(database), await LikeFaces.CreateAsync(database));
        var random = new Random(3);
        var anna = LikeFaces.Anybody(random);
        float[][] Photo() => [LikeFaces.Like(anna, 0.9, random), LikeFaces.Like(anna, 0.9, random)];
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.AddRange(await mine.PhotoAsync(Photo()));
            await yours.PhotoAsync(Photo());
        }

        await mine.GroupAsync();
        await yours.GroupAsync();
        Assert.Equal([ids.ToArray()], await mine.GroupsAsync());
        Assert.Equal(6, Assert.Single(await yours.GroupsAsync()).Length);
        var foreign = await mine.AskAsync((IdentityDb db) => db.FaceLinks.CountAsync(
            link => db.Faces.Single(face => face.Id == link.FaceA).GalleryId != db.Faces.Single(face => face.Id == link.FaceB).GalleryId, Cancel));
        Assert.Equal(0, foreign);
    }

    [Fact]
    public async Task More_shots_of_one_moment_than_a_face_has_nearest_links_do_not_cut_a_person_in_two()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(4);
        var anna = LikeFaces.Anybody(random);
        for (var burst = 0; burst < 2; burst++)
        {
            var moment = LikeFaces.Like(anna, 0.75, random);
            for (var photo = 0; photo < 10; photo++)
            {
                await gallery.PhotoAsync([.. Enumerable.Range(0, 5).Select(_ => LikeFaces.Like(moment, 0.97, random))]);
            }
        }

        await gallery.GroupAsync();
        Assert.Equal(100, Assert.Single(await gallery.GroupsAsync()).Length);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task The_same_faces_are_the_same_groups_in_whatever_order_they_came_and_whoever_left(int seed)
    {
        var random = new Random(seed);

        // Between one person and the next there are faces that may be either: where order could matter, if it did.
        var people = Enumerable.Range(0, 8).Select(_ => LikeFaces.Anybody(random)).ToList();
        for (var i = 1; i < people.Count; i += 2)
        {
            people[i] = LikeFaces.Like(people[i - 1], 0.45, random);
        }

        var vectors = people.SelectMany(person => Enumerable.Range(0, 3 + random.Next(14))
            .Select(_ => LikeFaces.Like(person, 0.6 + (0.3 * random.NextDouble()), random))).ToArray();
        var staying = vectors.Where(_ => random.Next(4) > 0).ToHashSet();

        var expected = await GroupsAsync(await LikeFaces.CreateAsync(database), [.. staying], staying, random, batch: vectors.Length);
        Assert.Contains(expected, group => group.Count > 2);
        for (var order = 0; order < 3; order++)
        {
            var shuffled = vectors.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(expected, await GroupsAsync(await LikeFaces.CreateAsync(database), shuffled, staying, random, batch: 1 + random.Next(20)), SameGroups);
        }
    }

    [Fact]
    public void A_part_with_too_many_faces_is_taken_apart_where_its_links_are_weakest()
    {
        // Two tight bunches of three, held together by one weaker link.
        Link[] links = [new(0, 1, 0.9f), new(1, 2, 0.9f), new(2, 3, 0.5f), new(3, 4, 0.8f), new(4, 5, 0.8f)];
        Assert.Equal([[0, 1, 2, 3, 4, 5]], LinkComponents.Split(6, links, 0.4f, maxFaces: 6));
        Assert.Equal([[0, 1, 2], [3, 4, 5]], LinkComponents.Split(6, links, 0.4f, maxFaces: 5).OrderBy(part => part[0]));
        Assert.Equal([[0], [1], [2]], LinkComponents.Split(3, [], 0.4f, maxFaces: 2).OrderBy(part => part[0]));

        // The same picture many times over has no weakest link.
        Assert.Equal([[0, 1], [2]], LinkComponents.Split(3, [new(0, 1, 1), new(1, 2, 1)], 0.4f, maxFaces: 2).OrderBy(part => part[0]));
    }

    [Fact]
    public void Average_linkage_is_not_led_along_a_chain()
    {
        // a is like b and b is like c, but a is nothing like c.
        var random = new Random(5);
        var b = LikeFaces.Anybody(random);
        var aside = LikeFaces.Like(b, 0, random);
        float[] Turned(double angle) => [.. b.Zip(aside, (x, y) => (float)((Math.Cos(angle) * x) + (Math.Sin(angle) * y)))];
        var (a, c) = (Turned(1), Turned(-1.05));
        Assert.Equal(0.54, TensorPrimitives.Dot<float>(a, b), 0.01);
        Assert.Equal([0, 0, 2], AverageLinkage.Group([a, b, c], 0.4f));
        Assert.Equal([0, 0], AverageLinkage.Group([a, a], 0.4f));
        Assert.Equal(TensorPrimitives.Dot<float>(a, b), AverageLinkage.Cohesion([a, b]), 4);
    }

    [Fact]
    public void The_threshold_rises_with_the_faces_and_chance_links_do_not()
    {
        var calibration = LibraryDatabase.Recogniser.Calibration;
        var thresholds = new long[] { 10, 1024, 1025, 100_000, 10_000_000 }
            .Select(faces => GroupThreshold.Cosine(GroupThreshold.Level(faces), calibration)).ToList();
        Assert.Equal(thresholds.Order(), thresholds);
        Assert.Equal(thresholds[0], thresholds[1]);
        Assert.True(thresholds[2] > thresholds[1]);
        Assert.Equal(thresholds[0], GroupThreshold.Floor(calibration));
    }

    // Faces come in batches of any size, and those that do not stay leave in between: half are deleted, half get a name.
    private static async Task<List<HashSet<float[]>>> GroupsAsync(LikeFaces gallery, float[][] vectors, HashSet<float[]> staying, Random random, int batch)
    {
        var ids = new Dictionary<long, float[]>();
        var leaving = new List<long>();
        var person = await gallery.PersonAsync("Somebody");
        foreach (var portion in vectors.Chunk(batch))
        {
            foreach (var vector in portion)
            {
                var id = (await gallery.PhotoAsync(vector))[0];
                ids[id] = vector;
                if (!staying.Contains(vector))
                {
                    leaving.Add(id);
                }
            }

            await gallery.GroupAsync();
            foreach (var id in leaving.Where(_ => random.Next(2) == 0).ToList())
            {
                leaving.Remove(id);
                await LeaveAsync(id);
            }

            await gallery.GroupAsync();
        }

        foreach (var id in leaving)
        {
            await LeaveAsync(id);
        }

        await gallery.GroupAsync();
        return [.. (await gallery.GroupsAsync()).Select(group => group.Select(id => ids[id]).ToHashSet())];

        Task LeaveAsync(long id) => gallery.DecideAsync([id], (decision, face) =>
        {
            if (random.Next(2) == 0)
            {
                face.Deleted = true;
            }
            else
            {
                decision.Assign(face, person, Assigner.Manual, null);
            }
        });
    }

    private static bool SameGroups(List<HashSet<float[]>> a, List<HashSet<float[]>> b) =>
        a.Count == b.Count && a.TrueForAll(group => b.Exists(group.SetEquals));
}
