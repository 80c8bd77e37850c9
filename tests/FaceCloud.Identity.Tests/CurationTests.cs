using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>Decisions one by one, on a real database.</summary>
public sealed class CurationTests(IdentityDatabase database) : IClassFixture<IdentityDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_people_who_get_a_face_at_once_exactly_one_has_it()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(8);
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        foreach (var face in faces)
        {
            var outcomes = await Task.WhenAll(OutcomeAsync(gallery.AssignAsync(face, anna)), OutcomeAsync(gallery.AssignAsync(face, ben)));
            Assert.Equal([null, Failure.Conflict], outcomes.Order());
        }
    }

    [Fact]
    public async Task Decisions_that_cross_do_not_wait_for_each_other_in_a_circle()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(20);
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await AssignAllAsync(gallery, faces, anna);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => OutcomeAsync((i % 4) switch
        {
            0 => AssignAllAsync(gallery, i % 8 == 0 ? faces : [.. faces.Reverse()], anna),
            1 => gallery.PeopleAsync(people => people.MergeAsync(gallery.Name, anna, [ben], Cancel)),
            2 => gallery.PeopleAsync(people => people.MergeAsync(gallery.Name, ben, [anna], Cancel)),
            _ => gallery.FacesAsync(curation => curation.DeleteAsync(gallery.Name, faces[i], Cancel)),
        })));
        Assert.All(outcomes, outcome => Assert.True(outcome is null or Failure.NotFound or Failure.Conflict));
        var after = await gallery.SnapshotAsync();
        var left = Assert.Single(after.People.Keys);
        Assert.Equal(20 - 3, after.Faces.Count);
        Assert.All(after.Faces.Values, face => Assert.Equal(left, face.PersonId));
        await gallery.IndexFollowsAsync();
    }

    [Fact]
    public async Task Undoing_a_merge_restores_both_people_with_their_faces_proposals_and_denials()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(6);
        var (anna, ann) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ann"));
        await AssignAllAsync(gallery, faces[..2], anna);
        await AssignAllAsync(gallery, faces[2..4], ann);
        await gallery.ConcludeAsync(new AutomaticConclusion(faces[4], ann, 0.8f, false));
        await gallery.AssignAsync(faces[5], ann);
        await gallery.FacesAsync(curation => curation.RemoveFromPersonAsync(gallery.Name, faces[5], Cancel));
        var before = await gallery.SnapshotAsync();

        await gallery.PeopleAsync(people => people.MergeAsync(gallery.Name, anna, [ann], Cancel));
        var merged = await gallery.SnapshotAsync();
        Assert.Equal([anna], merged.People.Keys);
        Assert.All(faces[..4], face => Assert.Equal(anna, merged.Faces[face].PersonId));
        Assert.Equal(anna, merged.Faces[faces[4]].ProposedPersonId);
        Assert.Equal([(faces[5], anna)], merged.Negatives);
        await gallery.IndexFollowsAsync();

        var undo = await gallery.UndoAsync(await gallery.LastEntryAsync());
        (await gallery.SnapshotAsync()).IsEqualTo(before);
        await gallery.IndexFollowsAsync();
        await gallery.UndoAsync(undo);
        (await gallery.SnapshotAsync()).IsEqualTo(merged);
    }

    [Fact]
    public async Task An_undo_that_would_overwrite_something_newer_says_what()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var face = (await gallery.PhotoAsync(1))[0];
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await gallery.AssignAsync(face, anna);
        var assignment = await gallery.LastEntryAsync();
        await gallery.FacesAsync(curation => curation.ReassignAsync(gallery.Name, face, anna, ben, null, null, Cancel));
        Assert.Equal($"Face {face} is assigned to Ben by now.", await ConflictAsync(gallery.UndoAsync(assignment)));

        await gallery.PeopleAsync(people => people.RenameAsync(gallery.Name, anna, "Annabel", Cancel));
        var renaming = await gallery.LastEntryAsync();
        await gallery.PeopleAsync(people => people.DeleteAsync(gallery.Name, anna, Cancel));
        var deletion = await gallery.LastEntryAsync();
        Assert.Equal($"Person {anna}, Annabel, is not there any more.", await ConflictAsync(gallery.UndoAsync(renaming)));
        var other = await gallery.PersonAsync("Annabel");
        Assert.Equal($"Somebody else, person {other}, is called Annabel by now.", await ConflictAsync(gallery.UndoAsync(deletion)));
        Assert.Equal(Failure.NotFound, await OutcomeAsync(gallery.UndoAsync(long.MaxValue)));
    }

    [Fact]
    public async Task A_person_who_got_faces_since_does_not_go_by_an_undo()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var face = (await gallery.PhotoAsync(1))[0];
        var anna = await gallery.PersonAsync("Anna");
        var creation = await gallery.LastEntryAsync();
        await gallery.AssignAsync(face, anna);
        Assert.Contains("1 face", await ConflictAsync(gallery.UndoAsync(creation)), StringComparison.Ordinal);
        Assert.Equal(anna, (await gallery.FaceAsync(face)).PersonId);
    }

    [Fact]
    public async Task Automatic_conclusions_touch_no_word_of_a_user()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(6);
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await gallery.AssignAsync(faces[0], ben);
        await gallery.FacesAsync(curation => curation.MarkAsync(gallery.Name, faces[1], FaceMark.Unknown, Cancel));
        await gallery.AssignAsync(faces[2], anna);
        await gallery.FacesAsync(curation => curation.RemoveFromPersonAsync(gallery.Name, faces[2], Cancel));

        var written = await gallery.ConcludeAsync(
        [
            .. faces[..3].Select(face => new AutomaticConclusion(face, anna, 0.95f, true)),
            new AutomaticConclusion(faces[3], anna, 0.95f, true), new AutomaticConclusion(faces[4], anna, 0.75f, false),
            new AutomaticConclusion(faces[5], long.MaxValue, 0.95f, true),
        ]);
        Assert.Equal([faces[3], faces[4]], written.Select(conclusion => conclusion.FaceId));
        Assert.Equal(FaceState.Assigned(anna, Assigner.Automatic, 0.95f), await gallery.FaceAsync(faces[3]));
        Assert.Equal(FaceState.Proposed(anna, 0.75f), await gallery.FaceAsync(faces[4]));

        await gallery.FacesAsync(curation => curation.RejectAsync(gallery.Name, faces[4], Cancel));
        Assert.Empty(await gallery.ConcludeAsync(new AutomaticConclusion(faces[4], anna, 0.99f, true)));
        Assert.Single(await gallery.ConcludeAsync(new AutomaticConclusion(faces[4], ben, 0.99f, true)));
    }

    [Fact]
    public async Task A_person_is_concluded_once_a_photo_where_that_is_asked_for()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var (one, other) = (await gallery.PhotoAsync(3), await gallery.PhotoAsync(1));
        var anna = await gallery.PersonAsync("Anna");
        await gallery.AssignAsync(one[0], anna);
        var conclusions = new[] { one[1], one[2], other[0] }.Select(face => new AutomaticConclusion(face, anna, 0.95f, true)).ToArray();
        var written = await database.AskAsync((Ledger ledger) => ledger.ConcludeAsync(gallery.Id, "library", conclusions, oncePerPhoto: true, Cancel));
        Assert.Equal([other[0]], written.Select(conclusion => conclusion.FaceId));
    }

    [Fact]
    public async Task A_deleted_face_leaves_no_row_vector_crop_or_word()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(2);
        var anna = await gallery.PersonAsync("Anna");
        await AssignAllAsync(gallery, faces, anna);
        var assignment = await gallery.LastEntryAsync();
        Assert.Contains(faces[0], database.Index.People(gallery.Id).Keys);
        var crop = await database.AskAsync(async (IdentityDb db) =>
            PhotoFiles.Crop(await db.Photos.Where(photo => photo.GalleryId == gallery.Id).Select(photo => photo.Uuid).SingleAsync(Cancel), 0));
        await database.TellAsync((IFileStore files) => files.WriteAsync(crop, new MemoryStream([1, 2, 3]), Cancel));
        await gallery.FacesAsync(curation => curation.DeleteAsync(gallery.Name, faces[0], Cancel));

        Assert.DoesNotContain(faces[0], database.Index.People(gallery.Id).Keys);
        Assert.DoesNotContain(faces[0], (await gallery.SnapshotAsync()).Faces.Keys);
        var told = await database.AskAsync((IdentityDb db) => db.LedgerChanges.Where(change => change.FaceId == faces[0]).ToListAsync(Cancel));
        Assert.Equal([await gallery.LastEntryAsync()], told.Select(change => change.EntryId));
        Assert.Equal($"Face {faces[0]} was deleted for good.", await ConflictAsync(gallery.UndoAsync(told[0].EntryId)));
        Assert.Null(await database.AskAsync((IFileStore files) => files.OpenAsync(crop, Cancel)));

        // What is left of the older entry can still be undone.
        await gallery.UndoAsync(assignment);
        Assert.Equal(FaceState.Unidentified, await gallery.FaceAsync(faces[1]));
        Assert.Equal(1, await database.AskAsync((IdentityDb db) =>
            db.Faces.Where(face => face.Id == faces[1]).Select(face => face.Ordinal).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task A_deleted_person_comes_back_with_the_faces_of_photos_unless_others_went_for_good()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var face = (await gallery.PhotoAsync(1))[0];
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await gallery.AssignAsync(face, anna);
        var before = await gallery.SnapshotAsync();
        await gallery.PeopleAsync(people => people.DeleteAsync(gallery.Name, anna, Cancel));
        Assert.Equal(FaceState.Unidentified, await gallery.FaceAsync(face));
        await gallery.UndoAsync(await gallery.LastEntryAsync());
        (await gallery.SnapshotAsync()).IsEqualTo(before);

        var enrolled = await gallery.EnrolledAsync(ben);
        await gallery.PeopleAsync(people => people.DeleteAsync(gallery.Name, ben, Cancel));
        Assert.DoesNotContain(enrolled, database.Index.People(gallery.Id).Keys);
        Assert.Equal($"Face {enrolled} was deleted for good.", await ConflictAsync(gallery.UndoAsync(await gallery.LastEntryAsync())));
    }

    [Fact]
    public async Task Nothing_is_held_of_the_name_of_a_person_whom_a_device_removed_nor_of_those_merged_into_them()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(2);
        var (anna, nickname, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Annchen"), await gallery.PersonAsync("Ben"));
        await gallery.AssignAsync(faces[0], ben);
        await gallery.FacesAsync(curation => curation.ReassignAsync(gallery.Name, faces[0], ben, nickname, null, "This is Annchen", Cancel));
        await gallery.PeopleAsync(people => people.MergeAsync(gallery.Name, anna, [nickname], Cancel));
        await gallery.EnrolledAsync(anna);

        Assert.True(await database.AskAsync((Removal removal) => removal.RemovePersonAsync("device", gallery.Name, "Anna", Cancel)));
        var after = await gallery.SnapshotAsync();
        Assert.Equal([ben], after.People.Keys);
        Assert.Equal(faces.Order(), after.Faces.Keys.Order());
        Assert.All(after.Faces.Values, face => Assert.Equal(FaceState.Unidentified, face));
        foreach (var entry in await gallery.EntriesAsync())
        {
            var told = string.Concat((await gallery.ChangesAsync(entry)).Select(change => change.Before + change.After))
                + await database.AskAsync((IdentityDb db) => db.Ledger.Where(e => e.Id == entry).Select(e => e.Reason).SingleAsync(Cancel));
            Assert.DoesNotContain("Ann", told, StringComparison.Ordinal);
            Assert.DoesNotContain("ann", told, StringComparison.Ordinal);
        }

        Assert.Equal($"Person {anna} is not there any more.", await ConflictAsync(gallery.UndoAsync(await gallery.LastEntryAsync())));
        await gallery.IndexFollowsAsync();
    }

    [Fact]
    public async Task A_face_keeps_the_number_of_its_first_record()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var faces = await gallery.PhotoAsync(3);
        var (anna, ben) = (await gallery.PersonAsync("Anna"), await gallery.PersonAsync("Ben"));
        await AssignAllAsync(gallery, faces[..2], anna);
        await gallery.UndoAsync(await gallery.LastEntryAsync());
        await AssignAllAsync(gallery, faces, ben);
        Assert.Equal(new long[] { 0, 1, 2 }, await database.AskAsync((IdentityDb db) =>
            db.Faces.Where(face => face.GalleryId == gallery.Id).OrderBy(face => face.Id).Select(face => face.EmbeddingIndex!.Value).ToArrayAsync(Cancel)));
    }

    [Fact]
    public async Task A_stranger_is_forgotten_when_a_face_like_theirs_gets_a_name()
    {
        var gallery = await TestGallery.CreateAsync(database);
        var face = (await gallery.PhotoAsync(1))[0];
        var anna = await gallery.PersonAsync("Anna");
        var (same, another) = await database.AskAsync(async (IdentityDb db) =>
        {
            var vector = await db.Embeddings.Where(embedding => embedding.FaceId == face).Select(embedding => embedding.Vector).SingleAsync(Cancel);
            return (await StrangerAsync(db, gallery, vector), await StrangerAsync(db, gallery, [.. vector.Select(value => -value)]));
        });
        await gallery.AssignAsync(face, anna);
        Assert.Equal(new[] { another }, await database.AskAsync((IdentityDb db) =>
            db.Strangers.Where(stranger => stranger.GalleryId == gallery.Id).Select(stranger => stranger.Id).ToArrayAsync(Cancel)));
        Assert.False(await database.AskAsync((IdentityDb db) => db.Faces.AnyAsync(row => row.StrangerId == same, Cancel)));
    }

    private static async Task<long> StrangerAsync(IdentityDb db, TestGallery gallery, float[] vector)
    {
        var stranger = new Stranger { GalleryId = gallery.Id, FirstSeen = DateTime.UtcNow, LastSeen = DateTime.UtcNow, DetectionCount = 1 };
        db.Strangers.Add(stranger);
        await db.SaveChangesAsync(Cancel);
        db.Faces.Add(new Face
        {
            GalleryId = gallery.Id,
            StrangerId = stranger.Id,
            Box = new FaceBox(0, 0, 10, 10),
            Landmarks = new float[10],
            Detector = "test",
            Embeddings = { new Data.Embedding { Recogniser = TestGallery.Recogniser, Vector = vector } },
        });
        await db.SaveChangesAsync(Cancel);
        return stranger.Id;
    }

    private static Task AssignAllAsync(TestGallery gallery, long[] faces, long personId) => gallery.FacesAsync(curation =>
        curation.AssignManyAsync(gallery.Name, faces, personId, null, new Origin("library", LedgerAction.BatchAssign), Cancel));

    private static async Task<Failure?> OutcomeAsync(Task decision)
    {
        try
        {
            await decision;
            return null;
        }
        catch (FailureException e)
        {
            return e.Failure;
        }
    }

    private static async Task<string> ConflictAsync(Task decision)
    {
        var refused = await Assert.ThrowsAsync<FailureException>(() => decision);
        Assert.Equal(Failure.Conflict, refused.Failure);
        return refused.Message;
    }
}
