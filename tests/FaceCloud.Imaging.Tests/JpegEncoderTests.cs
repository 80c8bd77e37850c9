namespace FaceCloud.Imaging.Tests;

public sealed class JpegEncoderTests
{
    [Fact]
    public void A_jpeg_decodes_to_nearly_the_pixels_it_was_made_of()
    {
        using var original = Picture.Smooth(160, 120);

        var file = JpegEncoder.Encode(original.Pixels, original.Width, original.Height, quality: 95);

        using var decoded = ImageDecoder.Decode(file, 0, new ImagingOptions());
        Picture.AssertClose(original, decoded.Pixels, mean: 1.5, worst: 12);
    }

    [Fact]
    public void A_lower_quality_makes_a_smaller_file()
    {
        using var original = Picture.Noise(160, 120, seed: 1);

        var fine = JpegEncoder.Encode(original.Pixels, 160, 120, quality: 90);
        var coarse = JpegEncoder.Encode(original.Pixels, 160, 120, quality: 40);

        Assert.True(coarse.Length < fine.Length / 2, $"{coarse.Length} of {fine.Length} bytes");
    }

    [Theory]
    [InlineData(0, 10, 80)]
    [InlineData(10, -10, 80)]
    [InlineData(10, 9, 80)]
    [InlineData(10, 10, 0)]
    [InlineData(10, 10, 101)]
    public void Wrong_sizes_and_qualities_are_refused(int width, int height, int quality)
    {
        var rgb = new byte[300];

        Assert.ThrowsAny<ArgumentException>(() => JpegEncoder.Encode(rgb, width, height, quality));
    }
}
