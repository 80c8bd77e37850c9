using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Quality;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>Every face is assessed, whatever way it comes and whoever is away, and the quality service is told what became of it.</summary>
public sealed class QualityTests(DatabaseServer databases)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Faces_of_photos_and_enrolled_faces_have_scores_and_the_quality_service_is_told_until_it_confirms()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(3, "Anna"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        await AskAsync(library, (Enrolment enrolment) => enrolment.EnrolAsync(
            new EnrolmentRequest("records", "default", "Ben", FakePorts.File(1, "Ben")), Cancel));
        var faces = await library.WithDbAsync(db => db.Faces.AsNoTracking().ToListAsync(Cancel));
        Assert.Equal(4, faces.Count);
        Assert.All(faces, face =>
        {
            Assert.InRange(face.BlurScore!.Value, 0.4f, 0.6f);
            Assert.Equal((0.5f, 0.75f), (face.BrightnessScore, face.ExposureScore));
            Assert.NotNull(face.AssessedAt);
        });

        var told = await ChangesAsync(library);
        Assert.Equal(faces.Select(face => face.Uuid).Order(), told.Select(change => change.Face).Distinct().Order());
        Assert.All(told, change => Assert.Equal((0.9f, 40f, Occlusion.Mouth), (change.Now!.Confidence, change.Now.Box.Height, change.Now.Occlusion)));
        Assert.Equal(told.Select(change => change.Id), (await ChangesAsync(library)).Select(change => change.Id));
        await ConfirmAsync(library, told);
        Assert.Empty(await ChangesAsync(library));

        // An album moves its faces, a deletion takes them away.
        var album = await library.WithDbAsync(async db =>
        {
            var row = new Album { GalleryId = photo.GalleryId, Name = "Summer" };
            db.Albums.Add(row);
            await db.SaveChangesAsync(Cancel);
            await db.Photos.ExecuteUpdateAsync(p => p.SetProperty(known => known.AlbumId, row.Id), Cancel);
            await db.NoteQualityAsync([.. faces.Where(face => face.PhotoId is not null).Select(face => face.Id)], Cancel);
            return row.Uuid;
        });
        told = await ChangesAsync(library);
        Assert.Equal(3, told.Count);
        Assert.All(told, change => Assert.Equal(album, change.Now!.Album));
        await ConfirmAsync(library, told);
        await AskAsync(library, (PhotoRemoval removal) => removal.RemoveAsync(photo.GalleryId, photo.Id, Cancel));
        Assert.Equal(3, (await ChangesAsync(library)).Count(change => change.Now is null));
    }

    [Fact]
    public async Task While_the_quality_service_is_away_nothing_waits_and_nothing_is_left_out()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        library.Assessor.IsAway = true;
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(2, "Anna"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        await AskAsync(library, (Enrolment enrolment) => enrolment.EnrolAsync(
            new EnrolmentRequest("records", "default", "Ben", FakePorts.File(1, "Ben")), Cancel));
        await library.WithDbAsync(async db =>
        {
            // Nothing is kept of it to look at, as of strangers whom the analytics dialect remembers.
            db.Faces.Add(new Face { GalleryId = photo.GalleryId, Box = new FaceBox(1, 2, 3, 4), Landmarks = new float[10], Detector = "fake" });
            return await db.SaveChangesAsync(Cancel);
        });
        Assert.All(await FacesAsync(library), face => Assert.Null(face.BlurScore));
        await Assert.ThrowsAsync<Contracts.FailureException>(() => AskAsync(library, (LateAssessment late) => late.AssessNextAsync(Cancel)));
        Assert.All(await FacesAsync(library), face => Assert.Null(face.AssessedAt));
        await ConfirmAsync(library, await ChangesAsync(library));

        library.Assessor.IsAway = false;
        Assert.Equal(4, await AskAsync(library, (LateAssessment late) => late.AssessNextAsync(Cancel)));
        Assert.Equal(0, await AskAsync(library, (LateAssessment late) => late.AssessNextAsync(Cancel)));
        var faces = await FacesAsync(library);
        Assert.All(faces, face => Assert.NotNull(face.AssessedAt));
        Assert.Equal([true, true, true, false], faces.Select(face => face.BlurScore is not null));
        Assert.Equal([Occlusion.Mouth, Occlusion.Mouth, Occlusion.Mouth, Occlusion.None], faces.Select(face => face.Occlusion));
        Assert.Equal(faces.Where(face => face.BlurScore is not null).Select(face => face.Uuid).Order(),
            (await ChangesAsync(library)).Where(change => change.Now is not null).Select(change => change.Face).Order());
    }

    [Fact]
    public async Task A_face_whose_crop_is_gone_keeps_no_other_waiting()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        library.Assessor.IsAway = true;
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(2, "Anna"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        await File.WriteAllTextAsync(Path.Combine(library.FileFolder, PhotoFiles.Crop(photo.Uuid, 0)), "no picture", Cancel);
        library.Assessor.IsAway = false;
        await AskAsync(library, (LateAssessment late) => late.AssessNextAsync(Cancel));
        Assert.Equal([false, true], (await FacesAsync(library)).Select(face => face.BlurScore is not null));
    }

    private static Task<List<Face>> FacesAsync(RunningLibrary library) =>
        library.WithDbAsync(db => db.Faces.AsNoTracking().OrderBy(face => face.Id).ToListAsync(Cancel));

    private static Task<IReadOnlyList<FaceChange>> ChangesAsync(RunningLibrary library) =>
        AskAsync(library, (IFaceDirectory directory) => directory.ChangesAsync(1000, Cancel));

    private static async Task ConfirmAsync(RunningLibrary library, IReadOnlyList<FaceChange> changes)
    {
        await using var scope = library.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IFaceDirectory>().ConfirmAsync([.. changes.Select(change => change.Id)], Cancel);
    }

    private static async Task<T> AskAsync<TService, T>(RunningLibrary library, Func<TService, Task<T>> ask)
        where TService : notnull
    {
        await using var scope = library.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
