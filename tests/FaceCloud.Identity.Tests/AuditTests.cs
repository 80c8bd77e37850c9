using FaceCloud.Contracts;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace FaceCloud.Identity.Tests;

/// <summary>The audit trail: an entry for each decision and each look-up, which nobody changes.</summary>
public sealed class AuditTests(IdentityDatabase database) : IClassFixture<IdentityDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_decision_is_in_the_trail_with_its_people_and_faces_and_one_that_fails_is_not()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(2);
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await gallery.AssignAsync(faces[0], anna);
        await Assert.ThrowsAsync<FailureException>(() => gallery.AssignAsync(faces[0], ben));
        await gallery.FacesAsync(curation => curation.ReassignAsync(gallery.Name, faces[0], anna, ben, null, null, Cancel));
        var people = await UuidsAsync(db =>
            db.People.Where(person => person.GalleryId == gallery.Id).OrderBy(person => person.Id).Select(person => person.Uuid));
        var face = await UuidsAsync(db => db.Faces.Where(row => row.Id == faces[0]).Select(row => row.Uuid));
        await gallery.FacesAsync(curation => curation.DeleteAsync(gallery.Name, faces[0], Cancel));
        await gallery.PeopleAsync(curation => curation.DeleteAsync(gallery.Name, anna, Cancel));

        Assert.Equal(
            [
                Entry("create_person", [people[0]], []),
                Entry("create_person", [people[1]], []),
                Entry("assign", [people[0]], face),
                Entry("reassign", people, face),
                Entry("delete", [people[1]], face),
                Entry("delete", [people[0]], []),
            ],
            (await EntriesAsync(gallery)).Select(Told));
    }

    [Fact]
    public async Task A_deleted_photo_is_in_the_trail_with_those_on_it_and_a_removed_identity_is()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(2);
        var anna = await gallery.PersonAsync("Anna");
        await gallery.AssignAsync(faces[0], anna);
        var uuid = await UuidsAsync(db => db.People.Where(person => person.Id == anna).Select(person => person.Uuid));
        var shown = await UuidsAsync(db => db.Faces.Where(face => faces.Contains(face.Id)).Select(face => face.Uuid));
        await database.AskAsync(async (IServiceProvider services) =>
        {
            var photo = await ((IdentityDb)services.GetService(typeof(IdentityDb))!).Photos
                .Where(photo => photo.GalleryId == gallery.Id).Select(photo => photo.Id).SingleAsync(Cancel);
            return await ((PhotoRemoval)services.GetService(typeof(PhotoRemoval))!).RemoveAsync(gallery.Id, photo, Cancel);
        });
        Assert.True(await database.AskAsync((Removal removal) => removal.RemovePersonAsync("device", gallery.Name, "Anna", Cancel)));
        Assert.Equal([Entry("delete", uuid, shown), Entry("delete", uuid, [])], (await EntriesAsync(gallery))[2..].Select(Told));
    }

    [Fact]
    public async Task A_look_up_names_those_who_were_named_and_still_are_there()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var anna = await gallery.PersonAsync("Anna");
        var uuid = await UuidsAsync(db => db.People.Where(person => person.Id == anna).Select(person => person.Uuid));
        await LookUpAsync(gallery, uuid[0], uuid[0], Guid.NewGuid());
        await LookUpAsync(gallery);
        Assert.Equal([Entry("lookup", uuid, []), Entry("lookup", [], [])], (await EntriesAsync(gallery))[1..].Select(Told));
    }

    [Fact]
    public async Task Nobody_changes_or_deletes_entries()
    {
        var gallery = await TestGallery.CreateAsync(database);
        await gallery.PersonAsync("Anna");
        foreach (var change in (string[])["UPDATE identity.audit SET actor = 'nobody'", "DELETE FROM identity.audit", "TRUNCATE identity.audit"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => database.AskAsync((IdentityDb db) => db.Database.ExecuteSqlRawAsync(change, Cancel)));
            Assert.Equal("The audit trail is append-only.", refused.MessageText);
        }

        Assert.Single(await EntriesAsync(gallery));
    }

    [Fact]
    public async Task Entries_older_than_the_retention_go_and_no_others()
    {
        var gallery = await TestGallery.CreateAsync(database);
        foreach (var (actor, days) in ((string, int)[])[("old", 31), ("new", 29)])
        {
            await database.AskAsync((IdentityDb db) => db.Database.ExecuteSqlAsync(
                $"""
                 INSERT INTO identity.audit (at, actor, dialect, action, gallery, people, faces)
                 VALUES (now() - make_interval(days => {days}), {actor}, 'device', 'lookup', {gallery.Name}, ARRAY[]::uuid[], ARRAY[]::uuid[])
                 """,
                Cancel));
        }

        await database.AskAsync((AuditTrail trail) => trail.ForgetAsync(TimeSpan.FromDays(30), Cancel));
        Assert.Equal(
            ["new"],
            await database.AskAsync((IdentityDb db) =>
                db.Audit.Where(entry => entry.Gallery == gallery.Name).Select(entry => entry.Actor).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Look_ups_that_meet_an_erasure_leave_nothing_that_identifies()
    {
        for (var round = 0; round < 10; round++)
        {
            var gallery = await TestGallery.CreateAsync(database);
            var anna = await gallery.PersonAsync("Anna");
            var uuid = (await UuidsAsync(db => db.People.Where(person => person.Id == anna).Select(person => person.Uuid)))[0];
            var erasure = Task.Run(() => database.AskAsync((PersonErasure erasing) => erasing.EraseAsync(gallery.Id, anna, Cancel)), Cancel);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                async () =>
                {
                    do
                    {
                        await LookUpAsync(gallery, uuid);
                    }
                    while (!erasure.IsCompleted);
                },
                Cancel)).Append(erasure));

            var entries = await EntriesAsync(gallery);
            Assert.DoesNotContain(uuid, entries.SelectMany(entry => entry.People));
            Assert.Equal([await erasure], Assert.Single(entries, entry => entry.Action == "erase").People);
        }
    }

    private Task LookUpAsync(TestGallery gallery, params Guid[] people) =>
        database.TellAsync((AuditTrail trail) => trail.LookedUpAsync("device", gallery.Name, people, Cancel));

    private Task<Guid[]> UuidsAsync(Func<IdentityDb, IQueryable<Guid>> of) => database.AskAsync((IdentityDb db) => of(db).ToArrayAsync(Cancel));

    private Task<AuditEntry[]> EntriesAsync(TestGallery gallery) => database.AskAsync((IdentityDb db) =>
        db.Audit.AsNoTracking().Where(entry => entry.Gallery == gallery.Name).OrderBy(entry => entry.Id).ToArrayAsync(Cancel));

    private static string Entry(string action, IEnumerable<Guid> people, IEnumerable<Guid> faces) =>
        $"{action} {string.Join(',', people.Order())} {string.Join(',', faces.Order())}";

    private static string Told(AuditEntry entry) => Entry(entry.Action, entry.People, entry.Faces);
}
