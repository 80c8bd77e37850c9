using System.Text.Json;
using FaceCloud.Contracts.Faces;
using FaceCloud.Testing;

namespace FaceCloud.Imaging.Tests;

public sealed class FaceAlignerTests
{
    [Fact]
    public void A_face_that_lies_on_the_template_is_cut_out_unchanged()
    {
        using var pixels = Picture.Noise(112, 112, seed: 21);
        using var image = new DecodedImage(pixels, 112, 112);

        var crop = FaceAligner.Align(image, FaceAligner.ArcFaceTemplate);

        Assert.Equal(FaceCrop.Bytes, crop.Rgb.Length);
        using var found = RgbImage.From(crop.Rgb.Span, 112, 112);
        Picture.AssertClose(pixels, found, mean: 0.05, worst: 1);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(20, 1.7)]
    [InlineData(-90, 0.6)]
    [InlineData(180, 3)]
    [InlineData(45, 5.9)]
    public void However_a_face_is_turned_and_sized_its_crop_is_the_same(double degrees, double size)
    {
        // The same smooth pattern, painted where this transform puts it.
        var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
        var toImage = new SimilarityTransform(size * cosine, size * sine, 500 - 56 * size * (cosine - sine), 500 - 56 * size * (cosine + sine));
        var toCrop = toImage.Inverse();
        using var pixels = Picture.Fill(1000, 1000, (x, y) => Pattern(toCrop.Apply(new FacePoint(x, y))));
        using var image = new DecodedImage(pixels, 1000, 1000);

        var crop = FaceAligner.Align(image, Move(FaceAligner.ArcFaceTemplate, toImage));

        using var expected = Picture.Fill(112, 112, (x, y) => Pattern(new FacePoint(x, y)));
        using var found = RgbImage.From(crop.Rgb.Span, 112, 112);
        Picture.AssertClose(expected, found, mean: 1, worst: 5);
    }

    [Fact]
    public void Fine_stripes_of_a_large_face_become_grey()
    {
        using var pixels = Picture.Fill(900, 900, (x, _) => x % 2 == 0 ? ((byte)0, (byte)0, (byte)0) : ((byte)255, (byte)255, (byte)255));
        using var image = new DecodedImage(pixels, 900, 900);

        var crop = FaceAligner.Align(image, Move(FaceAligner.ArcFaceTemplate, new SimilarityTransform(7, 0, 50, 50)));

        foreach (var value in crop.Rgb.Span)
        {
            Assert.InRange(value, 105, 150);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Beyond_the_edge_of_the_image_the_crop_is_black(double size)
    {
        // Half of the face is left of the image.
        var side = (int)(112 * size);
        using var pixels = Picture.Plain(side, side, 200, 100, 50);
        using var image = new DecodedImage(pixels, side, side);

        var crop = FaceAligner.Align(image, Move(FaceAligner.ArcFaceTemplate, new SimilarityTransform(size, 0, -56 * size, 0)));

        using var found = RgbImage.From(crop.Rgb.Span, 112, 112);
        Assert.Equal((0, 0, 0), Picture.At(found, 53, 60));
        Assert.Equal((200, 100, 50), Picture.At(found, 58, 60));
    }

    [Theory]
    [InlineData(1, 1e6)]
    [InlineData(4, -1e5)]
    [InlineData(1000, 1e9)]
    [InlineData(0.001, 1e9)]
    public void A_face_far_outside_the_image_is_a_black_crop(double size, double away)
    {
        using var pixels = Picture.Plain(50, 50, 255, 255, 255);
        using var image = new DecodedImage(pixels, 50, 50);
        using var chip = new RgbImage(112, 112);
        chip.Pixels.Fill(99);

        FaceAligner.Warp(pixels, new SimilarityTransform(size, 0, away, away).Inverse(), chip);

        Assert.Equal(-1, chip.Pixels.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_face_as_large_as_a_planet_is_sampled_without_harm()
    {
        using var pixels = Picture.Plain(50, 50, 255, 255, 255);
        using var chip = new RgbImage(112, 112);

        FaceAligner.Warp(pixels, new SimilarityTransform(1e-7, 0, 56, 56), chip);

        Assert.InRange(Picture.At(chip, 0, 0).Red, 0, 0);
    }

    [Fact]
    public void Edges_are_mixed_with_black_as_the_training_crops_were()
    {
        using var pixels = Picture.Plain(10, 10, 200, 200, 200);
        using var chip = new RgbImage(12, 12);

        FaceAligner.Warp(pixels, new SimilarityTransform(1, 0, 0.75, 0), chip);

        // Chip pixel 0 lies a quarter of a pixel inside the last black one, pixel 10 three quarters beyond the last white one.
        Assert.Equal((50, 200, 150, 0), (Picture.At(chip, 0, 5).Red, Picture.At(chip, 5, 5).Red, Picture.At(chip, 10, 5).Red, Picture.At(chip, 11, 5).Red));
    }

    [Fact]
    public void A_chip_may_have_any_template_and_size()
    {
        using var pixels = Picture.Smooth(300, 300);
        using var image = new DecodedImage(pixels, 600, 600);
        var landmarks = Move(FaceAligner.ArcFaceTemplate, new SimilarityTransform(3, 0, 100, 100));
        var template = Move(FaceAligner.ArcFaceTemplate, new SimilarityTransform(80 / 112.0, 0, 0, 0));
        using var chip = new RgbImage(80, 90);

        var transform = FaceAligner.Transform(image, landmarks, template);
        FaceAligner.Warp(pixels, transform, chip);

        // Decoded at half size, the face is 1.5 times the template, the chip 80/112 of it.
        Assert.Equal(80 / 112.0 / 1.5, transform.Scale, 1e-4);
        using var expected = Picture.Fill(80, 90, (x, y) =>
        {
            var at = transform.Inverse().Apply(new FacePoint(x, y));
            return Picture.At(pixels, (int)Math.Round(at.X), (int)Math.Round(at.Y));
        });
        Picture.AssertClose(expected, chip, mean: 1.5, worst: 5);
    }

    [Fact]
    public void A_face_looks_the_same_whether_the_photo_was_shrunk_on_load_or_not()
    {
        using var photo = Picture.Smooth(1600, 1200);
        var file = JpegEncoder.Encode(photo.Pixels, 1600, 1200, 95);
        var landmarks = Move(FaceAligner.ArcFaceTemplate, new SimilarityTransform(6, 1, 400, 200));
        using var full = ImageDecoder.Decode(file, 0, new ImagingOptions());
        using var small = ImageDecoder.Decode(file, 800, new ImagingOptions());

        using var expected = RgbImage.From(FaceAligner.Align(full, landmarks).Rgb.Span, 112, 112);
        using var found = RgbImage.From(FaceAligner.Align(small, landmarks).Rgb.Span, 112, 112);

        Assert.Equal(800, small.Pixels.Width);
        Picture.AssertClose(expected, found, mean: 2, worst: 8);
    }

    [Fact]
    public void The_landmarks_of_the_reference_photos_come_to_lie_on_the_template()
    {
        var file = TestFiles.Photo("reference", "reference-arcface.json");
        using var reference = JsonDocument.Parse(File.ReadAllBytes(file));
        var faces = 0;
        foreach (var entry in reference.RootElement.GetProperty("images").EnumerateArray())
        {
            var photo = TestFiles.Photo("reference", entry.GetProperty("file").GetString()!);
            using var image = ImageDecoder.Decode(File.ReadAllBytes(photo), 0, new ImagingOptions());
            var landmarks = Landmarks.From([.. entry.GetProperty("landmarks").EnumerateArray().Select(point =>
                new FacePoint(point[0].GetSingle(), point[1].GetSingle()))]);

            var transform = FaceAligner.Transform(image, landmarks, FaceAligner.ArcFaceTemplate);

            // Faces differ from the template by their proportions, and by the nose where they look aside.
            var distances = landmarks.ToArray().Select(transform.Apply).Zip(FaceAligner.ArcFaceTemplate.ToArray(), Distance).ToArray();
            Assert.True(distances.Average() < 6 && distances.Max() < 12, $"{photo}: {string.Join(' ', distances)}");
            Assert.Equal(FaceCrop.Bytes, FaceAligner.Align(image, landmarks).Rgb.Length);
            faces++;
        }

        Assert.Equal(12, faces);
    }

    private static double Distance(FacePoint a, FacePoint b) => Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));

    private static Landmarks Move(Landmarks landmarks, SimilarityTransform by) =>
        Landmarks.From([.. landmarks.ToArray().Select(by.Apply)]);

    private static (byte Red, byte Green, byte Blue) Pattern(FacePoint at) => (
        (byte)(128 + 100 * Math.Sin(at.X / 9)), (byte)(128 + 100 * Math.Sin(at.Y / 11)), (byte)(128 + 100 * Math.Cos((at.X + at.Y) / 13)));
}
