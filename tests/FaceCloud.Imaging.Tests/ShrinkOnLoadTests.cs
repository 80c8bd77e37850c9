namespace FaceCloud.Imaging.Tests;

public sealed class ShrinkOnLoadTests
{
    [Theory]
    [InlineData("jpegsave_buffer:Q=95")]
    [InlineData("webpsave_buffer:Q=95")]
    [InlineData("pngsave_buffer")]
    [InlineData("tiffsave_buffer")]
    [InlineData("gifsave_buffer")]
    public void A_large_image_comes_out_smaller_but_not_below_the_side_asked_for(string format)
    {
        using var original = Picture.Smooth(803, 402);
        var file = Picture.Encode(original, format);

        foreach (var (shrinkTo, factor) in ((int, int)[])[(0, 1), (803, 1), (402, 1), (401, 2), (201, 2), (200, 4), (100, 8), (1, 8)])
        {
            using var decoded = ImageDecoder.Decode(file, shrinkTo, new ImagingOptions());

            Assert.Equal((803, 402), (decoded.Width, decoded.Height));
            Assert.InRange(decoded.Pixels.Width, Math.Max(shrinkTo, 803 / factor), 803 / factor + 1);
            Assert.Equal(decoded.Pixels.Width / 803f, decoded.ScaleX);
            Assert.Equal(decoded.Pixels.Height / 402f, decoded.ScaleY);
        }
    }

    [Theory]
    [InlineData("jpegsave_buffer:Q=95")]
    [InlineData("webpsave_buffer:Q=95")]
    [InlineData("pngsave_buffer")]
    [InlineData("heifsave_buffer:compression=av1,Q=90,effort=0")]
    public void The_smaller_image_shows_the_same(string format)
    {
        using var original = Picture.Smooth(640, 480);
        using var expected = Resampler.Resize(original, 160, 120);

        using var decoded = ImageDecoder.Decode(Picture.Encode(original, format), 160, new ImagingOptions());

        Picture.AssertClose(expected, decoded.Pixels, mean: 3, worst: 25);
    }

    [Theory]
    [InlineData("jpegsave_buffer:Q=95")]
    [InlineData("webpsave_buffer:Q=95")]
    [InlineData("pngsave_buffer")]
    public void A_strip_is_not_shrunk_to_nothing(string format)
    {
        using var strip = Picture.Plain(3000, 2, 90, 90, 90);

        using var decoded = ImageDecoder.Decode(Picture.Encode(strip, format), 100, new ImagingOptions());

        Assert.Equal((1500, 1), (decoded.Pixels.Width, decoded.Pixels.Height));
    }

    [Fact]
    public void Transparent_and_sixteen_bit_images_shrink_too()
    {
        var rgba = new byte[400 * 200 * 4];
        Array.Fill<byte>(rgba, 128);
        var file = Picture.Encode(rgba, 400, 200, 4, "pngsave_buffer", "copy:interpretation=srgb", "colourspace:space=rgb16");

        using var decoded = ImageDecoder.Decode(file, 100, new ImagingOptions());

        // 128 of 255 over white, half of each.
        using var expected = Picture.Plain(100, 50, 191, 191, 191);
        Picture.AssertClose(expected, decoded.Pixels, mean: 1, worst: 1);
    }
}
