using System.Globalization;
using FaceCloud.Identity;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

/// <summary>What <c>facecloud evaluate</c> measures, of both packs on the same photos. The figures are printed side by side.</summary>
public sealed class PackTests(MeasuredPacks packs, ITestOutputHelper output) : IClassFixture<MeasuredPacks>
{
    private static readonly double StrangerGuard = new ScoreOptions().StrangerGuard;

    [Fact]
    public async Task The_open_pack_finds_the_main_face_of_a_photo()
    {
        // In these photos of 250 pixels it is in the middle.
        const float Middle = 125;
        var labelled = await packs.OpenAsync();
        var photos = labelled.Faces.Count + labelled.Faceless.Count;
        var aside = labelled.Faces.Where(face => !(face.Box.X < Middle && Middle < face.Box.Right && face.Box.Y < Middle && Middle < face.Box.Bottom)).ToList();
        var found = (double)(labelled.Faces.Count - aside.Count) / photos;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Main faces found: {100 * found:F2} % of {photos}; missed: "
                + $"{string.Join(", ", labelled.Faceless.Concat(aside.Select(face => face.Photo)).Select(photo => Path.GetFileName(photo.File)))}."));
        Assert.True(found >= 0.995);
    }

    [Fact]
    public async Task Both_packs_tell_people_apart()
    {
        Assert.True(Verify("open", await packs.OpenAsync()) >= 0.985);
        Assert.True(Verify("arcface", await packs.ArcFaceAsync()) >= 0.99);
    }

    [Fact]
    public async Task Both_packs_name_who_is_known_by_one_photo_and_leave_strangers_unnamed()
    {
        var open = Identify("open", await packs.OpenAsync());
        Assert.Equal((280, 659, 320), (open.Enrolled, open.Probes, open.Strangers));
        Assert.True(open.RightRate >= 0.80);
        Assert.True(open.StrangersNamedRate <= 0.02);

        var arcface = Identify("arcface", await packs.ArcFaceAsync());
        Assert.Equal((280, 659, 320), (arcface.Enrolled, arcface.Probes, arcface.Strangers));
        Assert.True(arcface.RightRate >= 0.96);
        Assert.True(arcface.StrangersNamedRate <= 0.02);
    }

    private double Verify(string pack, LabelledFaces labelled)
    {
        var verification = Verification.Of(labelled);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pack,-8} {labelled.Recogniser.Name,-10} "
                + $"verification {100 * verification.Accuracy:F2} % of {verification.SamePairs} + {verification.DifferentPairs} pairs"));
        return verification.Accuracy;
    }

    private Identification Identify(string pack, LabelledFaces labelled)
    {
        var identification = Identification.Of(labelled, StrangerGuard);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pack,-8} {labelled.Recogniser.Name,-10} named rightly {100 * identification.RightRate:F2} % of {identification.Probes}, "
                + $"wrongly {100 * identification.WrongRate:F2} %, "
                + $"strangers named {100 * identification.StrangersNamedRate:F2} % of {identification.Strangers}"));
        return identification;
    }
}
