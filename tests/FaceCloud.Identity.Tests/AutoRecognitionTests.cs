using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>What automatic recognition does, and what it never does.</summary>
public sealed class AutoRecognitionTests(LibraryDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sure_face_is_assigned_a_likely_one_goes_to_review_and_the_rest_is_untouched()
    {
        var (gallery, random, anna) = await WithAnnaAsync(1);
        var sure = (await gallery.PhotoAsync(Similar(anna.Vector, 0.93, random)))[0];
        var likely = (await gallery.PhotoAsync(Similar(anna.Vector, 0.75, random)))[0];
        var hardly = (await gallery.PhotoAsync(Similar(anna.Vector, 0.65, random)))[0];

        var done = await RunAsync(gallery);
        Assert.Equal((3, 1), (done.Processed, done.TrainedPeople));
        Assert.Equal([(sure, AutoAction.Assign), (likely, AutoAction.Review)], done.Matches.Select(match => (match.Face.Id, match.Action)));
        Assert.All(done.Matches, match => Assert.Equal((anna.Id, null), (match.PersonId, match.Reason)));
        Assert.Equal(0.93, done.Matches[0].Score, 0.01);
        Assert.Null(done.Matches[0].Margin);

        var assigned = await gallery.FaceAsync(sure);
        Assert.Equal((anna.Id, Assigner.Automatic, null), (assigned.PersonId, assigned.AssignedBy, assigned.ProposedPersonId));
        Assert.Equal(0.93f, assigned.PersonConfidence!.Value, 0.01f);
        var proposed = await gallery.FaceAsync(likely);
        Assert.Equal((null, anna.Id), (proposed.PersonId, proposed.ProposedPersonId));
        var untouched = await gallery.FaceAsync(hardly);
        Assert.Equal((null, null), (untouched.PersonId, untouched.ProposedPersonId));
        Assert.NotNull(untouched.RecognisedAt);

        var entry = Assert.Single(await gallery.AskAsync((IdentityDb db) => db.Ledger.Where(e => e.GalleryId == gallery.Id).ToListAsync(Cancel)));
        Assert.Equal(("auto_recognize", "library"), (entry.Action, entry.Dialect));
    }

    [Fact]
    public async Task A_lower_confidence_promotes_what_waits_for_review()
    {
        var (gallery, random, anna) = await WithAnnaAsync(2);
        var likely = (await gallery.PhotoAsync(Similar(anna.Vector, 0.8, random)))[0];
        Assert.Equal(AutoAction.Review, Assert.Single((await RunAsync(gallery)).Matches).Action);
        Assert.Equal(AutoAction.Assign, Assert.Single((await RunAsync(gallery, minConfidence: 0.75)).Matches).Action);
        var face = await gallery.FaceAsync(likely);
        Assert.Equal((anna.Id, null), (face.PersonId, face.ProposedPersonId));
        Assert.Equal(0, (await RunAsync(gallery)).Processed);
    }

    [Fact]
    public async Task A_confidence_below_the_review_floor_assigns_and_reviews_nothing()
    {
        var (gallery, random, anna) = await WithAnnaAsync(3);
        await gallery.PhotoAsync(Similar(anna.Vector, 0.6, random));
        Assert.Equal(AutoAction.Assign, Assert.Single((await RunAsync(gallery, minConfidence: 0.5)).Matches).Action);
        await gallery.PhotoAsync(Similar(anna.Vector, 0.4, random));
        Assert.Empty((await RunAsync(gallery, minConfidence: 0.5)).Matches);
    }

    [Fact]
    public async Task A_person_is_as_similar_as_the_most_similar_of_their_faces()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(4);
        var (young, old) = (LikeFaces.Anybody(random), LikeFaces.Anybody(random));
        var anna = await gallery.PersonAsync("Anna", young, old);
        var face = (await gallery.PhotoAsync(LikeFaces.Like(old, 0.9, random)))[0];
        Assert.Equal(AutoAction.Assign, Assert.Single((await RunAsync(gallery)).Matches).Action);
        Assert.Equal(anna, (await gallery.FaceAsync(face)).PersonId);
    }

    [Fact]
    public async Task The_margin_to_the_second_person_is_told_and_too_small_a_one_asks()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(5);
        var face = LikeFaces.Anybody(random);

        // More faces of the best person than a first search finds lie before the second person's.
        var anna = await gallery.PersonAsync("Anna", [.. Enumerable.Range(0, 40).Select(_ => LikeFaces.Like(face, 0.7, random))]);
        await gallery.PersonAsync("Ben", LikeFaces.Like(face, 0.66, random));
        var id = (await gallery.PhotoAsync(face))[0];

        var match = Assert.Single((await RunAsync(gallery)).Matches);
        Assert.Equal((AutoAction.Review, AutoRules.Margin, anna), (match.Action, match.Reason, match.PersonId));
        Assert.Equal(0.04, match.Margin!.Value, 0.005);
        Assert.Equal(anna, (await gallery.FaceAsync(id)).ProposedPersonId);

        var unconcerned = await database.AskAsync(
            new Dictionary<string, string?> { ["Library:MinMargin"] = "0" },
            (AutoRecognition recognition) => recognition.RecogniseAsync(gallery.Name, 50, null, false, Cancel));
        Assert.Equal(AutoAction.Assign, Assert.Single(unconcerned.Matches).Action);
    }

    [Fact]
    public async Task Of_two_faces_of_a_photo_the_more_similar_one_is_the_person_and_the_other_asks()
    {
        var (gallery, random, anna) = await WithAnnaAsync(6);
        var photo = await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, 0.6, random), LikeFaces.Like(anna.Vector, 0.8, random));
        var done = await RunAsync(gallery);
        Assert.Equal(
            [(photo[1], AutoAction.Assign, null), (photo[0], AutoAction.Review, AutoRules.SamePhoto)],
            done.Matches.Select(m => (m.Face.Id, m.Action, m.Reason)));

        // The same holds against a face that has the person already, and not where a person may be in a photo twice.
        Assert.Equal(AutoRules.SamePhoto, Assert.Single((await RunAsync(gallery)).Matches).Reason);
        Assert.Equal(AutoAction.Assign, Assert.Single((await RunAsync(gallery, allowSamePhoto: true)).Matches).Action);
    }

    [Fact]
    public async Task Small_and_unclear_faces_are_reviewed_at_most()
    {
        var (gallery, random, anna) = await WithAnnaAsync(7);
        await gallery.AddAsync([LikeFaces.Like(anna.Vector, 0.9, random)], face => face with { Height = 20 });
        await gallery.AddAsync([LikeFaces.Like(anna.Vector, 0.9, random)], face => face with { Confidence = 0.45f });
        var done = await RunAsync(gallery, minConfidence: 0);
        Assert.Equal(2, done.Matches.Count);
        Assert.All(done.Matches, match => Assert.Equal((AutoAction.Review, AutoRules.Quality), (match.Action, match.Reason)));
    }

    [Fact]
    public async Task Who_a_face_is_not_is_never_said_again()
    {
        var (gallery, random, anna) = await WithAnnaAsync(8);
        var ben = await gallery.PersonAsync("Ben", LikeFaces.Like(anna.Vector, 0.7, random));
        var face = (await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, 0.95, random)))[0];
        await gallery.DecideAsync([face], (decision, decided) => decision.Negative(decided.Id, anna.Id).Now = true);

        // The next best is somebody else, without a margin to the one who is ruled out.
        var match = Assert.Single((await RunAsync(gallery)).Matches);
        Assert.Equal((ben, AutoAction.Assign, null), (match.PersonId, match.Action, match.Margin));
        await gallery.DecideAsync([face], (decision, decided) =>
        {
            decided.Now = FaceState.Unidentified;
            decision.Negative(decided.Id, ben).Now = true;
        });
        Assert.Empty((await RunAsync(gallery, minConfidence: 0)).Matches);
    }

    [Fact]
    public async Task A_face_with_a_person_or_a_mark_is_not_looked_at()
    {
        var (gallery, random, anna) = await WithAnnaAsync(9);
        var ben = await gallery.PersonAsync("Ben", LikeFaces.Anybody(random));
        var faces = await gallery.PhotoAsync(
            LikeFaces.Like(anna.Vector, 0.9, random), LikeFaces.Like(anna.Vector, 0.9, random), LikeFaces.Like(anna.Vector, 0.9, random));
        await gallery.AssignAsync(ben, faces[0]);
        await gallery.DecideAsync([faces[1]], (_, face) => face.Now = FaceState.Marked(FaceMark.Invalid));
        await gallery.DecideAsync([faces[2]], (_, face) => face.Now = FaceState.Marked(FaceMark.Unknown));
        Assert.Equal(0, (await RunAsync(gallery, minConfidence: 0)).Processed);
        Assert.Equal(ben, (await gallery.FaceAsync(faces[0])).PersonId);
    }

    [Fact]
    public async Task Repeated_calls_get_through_the_library()
    {
        var (gallery, random, _) = await WithAnnaAsync(10);
        var faces = await gallery.PhotoAsync([.. Enumerable.Range(0, 7).Select(_ => LikeFaces.Anybody(random))]);
        for (var call = 0; call < 4; call++)
        {
            Assert.Equal(2, (await RunAsync(gallery, limit: 2)).Processed);
        }

        Assert.All(await Task.WhenAll(faces.Select(gallery.FaceAsync)), face => Assert.NotNull(face.RecognisedAt));
    }

    [Fact]
    public async Task People_of_another_gallery_are_nobody_here()
    {
        var (_, random, anna) = await WithAnnaAsync(11);
        var other = await LikeFaces.CreateAsync(database);
        await other.PersonAsync("Anna", LikeFaces.Anybody(random));
        var face = (await other.PhotoAsync(LikeFaces.Like(anna.Vector, 0.95, random)))[0];
        Assert.Empty((await RunAsync(other, minConfidence: 0.1)).Matches);
        Assert.Null((await other.FaceAsync(face)).PersonId);
    }

    [Fact]
    public async Task Without_anybody_to_recognise_it_says_what_to_do()
    {
        var gallery = await LikeFaces.CreateAsync(database);
        await gallery.PersonAsync("Nobody yet");
        await gallery.PhotoAsync(LikeFaces.Anybody(new Random(12)));
        var failure = await Assert.ThrowsAsync<FailureException>(() => RunAsync(gallery));
        Assert.Equal((Failure.InsufficientData, "No trained people found for recognition"), (failure.Failure, failure.Message));
        Assert.Equal("Train at least one person before running auto-recognition", failure.Details!["suggestion"]);
    }

    [Fact]
    public async Task In_raw_mode_scores_and_both_thresholds_are_cosines()
    {
        var (gallery, random, anna) = await WithAnnaAsync(13);
        var review = LibraryDatabase.Recogniser.Calibration.Cosine(0.70);
        var assign = LibraryDatabase.Recogniser.Calibration.Cosine(0.90);
        await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, assign + 0.01, random));
        await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, review + 0.01, random));
        await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, review - 0.01, random));
        var raw = await database.AskAsync(
            new Dictionary<string, string?> { ["Scores:Mode"] = "Raw" },
            (AutoRecognition recognition) => recognition.RecogniseAsync(gallery.Name, 50, null, false, Cancel));
        Assert.Equal([AutoAction.Assign, AutoAction.Review], raw.Matches.Select(match => match.Action));
        Assert.All(raw.Matches, match => Assert.Equal(match.Cosine, match.Score));
        Assert.Equal(assign, raw.Rules.AssignFrom, 6);
    }

    [Fact]
    public async Task The_faces_of_an_uploaded_photo_can_be_recognised_alone()
    {
        var (gallery, random, anna) = await WithAnnaAsync(14);
        var other = (await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, 0.9, random)))[0];
        var mine = (await gallery.PhotoAsync(LikeFaces.Like(anna.Vector, 0.9, random)))[0];
        var photo = (await gallery.FaceAsync(mine)).PhotoId!.Value;
        await gallery.AskAsync(async (AutoRecognition recognition) =>
        {
            await recognition.RecognisePhotoAsync(gallery.Id, photo, Cancel);
            return 0;
        });
        Assert.Equal(anna.Id, (await gallery.FaceAsync(mine)).PersonId);
        Assert.Null((await gallery.FaceAsync(other)).PersonId);
        var entry = Assert.Single(await gallery.AskAsync((IdentityDb db) => db.Ledger.Where(e => e.GalleryId == gallery.Id).ToListAsync(Cancel)));
        Assert.Equal("pipeline", entry.Dialect);
    }

    private async Task<(LikeFaces Gallery, Random Random, (long Id, float[] Vector) Anna)> WithAnnaAsync(int seed)
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var random = new Random(seed);
        var vector = LikeFaces.Anybody(random);
        return (gallery, random, (await gallery.PersonAsync("Anna", vector), vector));
    }

    private static float[] Similar(float[] other, double similarity, Random random) =>
        LikeFaces.Like(other, LibraryDatabase.Recogniser.Calibration.Cosine(similarity), random);

    private static Task<AutoRecognised> RunAsync(LikeFaces gallery, int limit = 50, double? minConfidence = null, bool allowSamePhoto = false) =>
        gallery.AskAsync((AutoRecognition recognition) => recognition.RecogniseAsync(gallery.Name, limit, minConfidence, allowSamePhoto, Cancel));
}
