using System.Globalization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Quality.Measuring;
using FaceCloud.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.Quality.Tests;

/// <summary>Real faces, cut out by the real detector.</summary>
public sealed class PhotoTests(ITestOutputHelper output) : IDisposable
{
    private readonly IHost _host = BuildHost();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_blurred_portrait_is_blurred()
    {
        var face = await AssessAsync(await FindAsync(TestFiles.Photo("hard", "blur.jpg")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"blur.jpg: {face.BlurScore:0.000}"));
        Assert.InRange(face.BlurScore, 0, 0.45f);
    }

    [Fact]
    public async Task Sharp_portraits_reach_nine_tenths_and_lose_it_when_they_are_blurred()
    {
        var scores = new List<float>();
        foreach (var photo in Portraits(every: 20))
        {
            var face = await FindAsync(photo);
            var score = (await AssessAsync(face)).BlurScore;
            var blurred = (await AssessAsync(face with { Crop = Blurred(face.Crop!) })).BlurScore;
            Assert.True(blurred < score, photo);
            if (score >= 0.9f)
            {
                Assert.InRange(blurred, 0, 0.5f);
            }

            scores.Add(score);
        }

        var sharp = scores.Count(score => score >= 0.9f);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sharp} of {scores.Count} portraits reach 0.9; the median is {scores.Order().ElementAt(scores.Count / 2):0.00}"));
        Assert.InRange(sharp, scores.Count * 0.15, scores.Count * 0.5);
    }

    [Fact]
    public async Task Brightness_is_the_mean_luminance_and_exposure_what_is_neither_black_nor_white()
    {
        var face = await FindAsync(Portraits(every: 20).First());
        foreach (var (level, exposure) in ((byte, float)[])[(0, 0), (5, 0), (6, 1), (128, 1), (249, 1), (250, 0), (255, 0)])
        {
            var flat = await AssessAsync(face with { Crop = Changed(face.Crop!, (_, _) => level) });
            Assert.Equal((0, level / 255f, exposure), (flat.BlurScore, flat.BrightnessScore, flat.ExposureScore), new Close());
        }

        // The upper half burnt out.
        var (whole, half) = (
            await AssessAsync(face),
            await AssessAsync(face with { Crop = Changed(face.Crop!, (y, value) => y < FaceCrop.Side / 2 ? (byte)255 : value) }));
        Assert.InRange(half.ExposureScore, 0.3f, 0.5f);
        Assert.True(half.BrightnessScore > whole.BrightnessScore);
    }

    [Fact]
    public async Task A_profile_and_tilted_heads_are_told_from_portraits()
    {
        var profile = (await AssessAsync(await FindAsync(TestFiles.Photo("hard", "right_face.png")))).Pose!;
        Assert.True(profile.Yaw > 35, $"{profile}");
        var left = (await AssessAsync(await FindAsync(TestFiles.Photo("hard", "left_wryneck.png")))).Pose!;
        var right = (await AssessAsync(await FindAsync(TestFiles.Photo("hard", "right_wryneck.png")))).Pose!;
        Assert.True(Math.Abs(left.Roll) > 30 && Math.Abs(right.Roll) > 30 && left.Roll * right.Roll < 0, $"{left} {right}");
    }

    [Fact]
    public async Task A_face_has_the_size_it_has_in_its_photo()
    {
        var face = await FindAsync(TestFiles.Photo("hard", "blur.jpg"));
        Assert.Equal(face.Box.Height, (await AssessAsync(face)).FaceSize);
    }

    [Fact]
    public async Task A_mask_is_seen_on_a_photo_of_one()
    {
        // The detector is less sure of masked faces than it has to be of others.
        using var lenient = BuildHost(minConfidence: 0.2f);
        Assert.Equal(Occlusion.Mouth, (await AssessAsync(await FindAsync(TestFiles.Photo("hard", "mask.png"), lenient))).Occlusion);
    }

    [Fact]
    public async Task Of_portraits_few_look_covered_and_nearly_all_that_a_mask_or_dark_glasses_are_painted_on()
    {
        (byte, byte, byte) white = (235, 235, 235), surgical = (150, 195, 225), black = (30, 30, 30);
        int all = 0, called = 0, glasses = 0;
        var masks = new int[3];
        foreach (var photo in Portraits(every: 6))
        {
            var face = await FindAsync(photo);
            all++;
            called += await SeenAsync(face.Crop!) == Occlusion.None ? 0 : 1;
            glasses += (await SeenAsync(Painted(face.Crop!, IsGlasses, black))).HasFlag(Occlusion.Eyes) ? 1 : 0;
            foreach (var (i, colour) in new[] { white, surgical, black }.Index())
            {
                masks[i] += (await SeenAsync(Painted(face.Crop!, IsMask, colour))).HasFlag(Occlusion.Mouth) ? 1 : 0;
            }

            async Task<Occlusion> SeenAsync(FaceCrop crop) => (await AssessAsync(face with { Crop = crop })).Occlusion;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Of {all} portraits {called} look covered; "
                + $"with painted masks {masks[0]} (white), {masks[1]} (blue) and {masks[2]} (black), with dark glasses {glasses}."));
        Assert.InRange(called, 0, all * 0.04);
        Assert.All(masks, seen => Assert.InRange(seen, all * 0.95, all));
        Assert.InRange(glasses, all * 0.9, all);
    }

    [Fact]
    public async Task Of_a_face_too_small_to_tell_nothing_is_said()
    {
        using var lenient = BuildHost(minConfidence: 0.2f);
        var face = await FindAsync(TestFiles.Photo("hard", "mask.png"), lenient);
        Assert.Equal(Occlusion.None, (await AssessAsync(face with { Box = face.Box with { Height = 79 } })).Occlusion);
    }

    private static IEnumerable<string> Portraits(int every) =>
        Directory.EnumerateFiles(TestFiles.Photo("people"), "*_0001.jpg", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Where((_, i) => i % every == 0);

    private static async Task<FaceAssessment> AssessAsync(DetectedFace face) =>
        (await new FaceAssessor().AssessAsync([FaceToAssess.Of(face)], TestContext.Current.CancellationToken))[0];

    private static FaceCrop Changed(FaceCrop crop, Func<int, byte, byte> change) =>
        new(crop.Rgb.ToArray().Select((value, i) => change(i / (3 * FaceCrop.Side), value)).ToArray());

    /// <summary>Each pixel the mean of those around it, 5 x 5.</summary>
    private static FaceCrop Blurred(FaceCrop crop)
    {
        const int Side = FaceCrop.Side;
        var pixels = new byte[FaceCrop.Bytes];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, c) = (i / 3 % Side, i / 3 / Side, i % 3);
            var (sum, count) = (0, 0);
            for (var v = Math.Max(0, y - 2); v <= Math.Min(Side - 1, y + 2); v++)
            {
                for (var u = Math.Max(0, x - 2); u <= Math.Min(Side - 1, x + 2); u++)
                {
                    (sum, count) = (sum + crop.Rgb.Span[(((v * Side) + u) * 3) + c], count + 1);
                }
            }

            pixels[i] = (byte)(sum / count);
        }

        return new FaceCrop(pixels);
    }

    private static FaceCrop Painted(FaceCrop crop, Func<int, int, bool> where, (byte Red, byte Green, byte Blue) colour)
    {
        var pixels = crop.Rgb.ToArray();
        for (var i = 0; i < pixels.Length; i += 3)
        {
            if (where(i / 3 % FaceCrop.Side, i / 3 / FaceCrop.Side))
            {
                (pixels[i], pixels[i + 1], pixels[i + 2]) = colour;
            }
        }

        return new FaceCrop(pixels);
    }

    /// <summary>From the bridge of the nose down, narrower towards the chin.</summary>
    private static bool IsMask(int x, int y) =>
        y > 66 + (8 * Math.Pow(Math.Abs(x - 56) / 34.0, 1.5)) && Math.Abs(x - 56) < 36 - (14 * Math.Clamp((y - 90) / 25.0, 0, 1));

    /// <summary>Two lenses and what joins them.</summary>
    private static bool IsGlasses(int x, int y) => IsLens(x - 38, y - 54) || IsLens(x - 74, y - 54) || (Math.Abs(x - 56) < 12 && Math.Abs(y - 50) < 2);

    private static bool IsLens(int x, int y) => Math.Pow(Math.Abs(x) / 15.0, 2.5) + Math.Pow(Math.Abs(y) / 11.0, 2.5) < 1;

    private static IHost BuildHost(float? minConfidence = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Models:Path"] = TestFiles.Models, ["Models:AcceptLicenses"] = "noncommercial" });
        builder.AddDetection();
        if (minConfidence is { } least)
        {
            builder.Services.Configure<DetectionOptions>(options => options.MinConfidence = least);
        }

        return builder.Build();
    }

    private async Task<DetectedFace> FindAsync(string photo, IHost? host = null) =>
        (await (host ?? _host).Services.GetRequiredService<IFaceDetector>().DetectAsync(
            await File.ReadAllBytesAsync(photo), new DetectionRequest(Crops: true), TestContext.Current.CancellationToken)).Faces[0];

    private sealed class Close : IEqualityComparer<(float, float, float)>
    {
        public bool Equals((float, float, float) x, (float, float, float) y) =>
            Math.Abs(x.Item1 - y.Item1) < 1e-5f && Math.Abs(x.Item2 - y.Item2) < 1e-5f && Math.Abs(x.Item3 - y.Item3) < 1e-5f;

        public int GetHashCode((float, float, float) obj) => 0;
    }
}
