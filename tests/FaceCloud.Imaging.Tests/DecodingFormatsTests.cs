namespace FaceCloud.Imaging.Tests;

public sealed class DecodingFormatsTests
{
    private static readonly ImagingOptions Options = new();

    [Theory]
    [InlineData("jpegsave_buffer:Q=95", 1.5, 12)]
    [InlineData("jpegsave_buffer:Q=95,interlace=true", 1.5, 12)]
    [InlineData("pngsave_buffer", 0, 0)]
    [InlineData("pngsave_buffer:interlace=true", 0, 0)]
    [InlineData("pngsave_buffer:palette=true", 8, 60)]
    [InlineData("webpsave_buffer:lossless=true", 0, 0)]
    [InlineData("webpsave_buffer:Q=95", 2, 20)]
    [InlineData("tiffsave_buffer", 0, 0)]
    [InlineData("tiffsave_buffer:compression=lzw,predictor=horizontal", 0, 0)]
    [InlineData("tiffsave_buffer:compression=deflate,tile=true,tile-width=64,tile-height=64", 0, 0)]
    [InlineData("tiffsave_buffer:compression=jpeg,Q=95", 2, 20)]
    [InlineData("tiffsave_buffer:bigtiff=true", 0, 0)]
    [InlineData("gifsave_buffer", 8, 60)]
    [InlineData("heifsave_buffer:compression=av1,Q=90,effort=0", 2, 20)]
    public void An_image_comes_back_from_every_format(string format, double mean, int worst)
    {
        using var original = Picture.Smooth(150, 101);

        using var decoded = ImageDecoder.Decode(Picture.Encode(original, format), 0, Options);

        Assert.Equal((150, 101, 1f, 1f), (decoded.Width, decoded.Height, decoded.ScaleX, decoded.ScaleY));
        Picture.AssertClose(original, decoded.Pixels, mean, worst);
    }

    [Theory]
    [InlineData("pngsave_buffer")]
    [InlineData("tiffsave_buffer")]
    public void Sixteen_bits_a_channel_become_eight(string format)
    {
        using var original = Picture.Smooth(60, 40);
        var file = Picture.Encode(original, format, "colourspace:space=rgb16");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        Picture.AssertClose(original, decoded.Pixels, mean: 0, worst: 0);
    }

    [Theory]
    [InlineData("jpegsave_buffer:Q=95", 3)]
    [InlineData("pngsave_buffer", 0)]
    [InlineData("tiffsave_buffer", 0)]
    public void Grey_is_spread_over_the_three_colours(string format, int worst)
    {
        using var grey = Picture.Fill(64, 48, (x, y) => ((byte)(x * 2 + y), (byte)(x * 2 + y), (byte)(x * 2 + y)));
        var file = Picture.Encode(grey, format, "colourspace:space=b-w");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        Picture.AssertClose(grey, decoded.Pixels, mean: worst, worst);
    }

    [Fact]
    public void Sixteen_bit_grey_becomes_eight_bit_rgb()
    {
        using var grey = Picture.Fill(64, 48, (x, y) => ((byte)(x * 2 + y), (byte)(x * 2 + y), (byte)(x * 2 + y)));
        var file = Picture.Encode(grey, "pngsave_buffer", "colourspace:space=grey16");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        Picture.AssertClose(grey, decoded.Pixels, mean: 1, worst: 1);
    }

    [Fact]
    public void One_bit_pixels_are_black_and_white()
    {
        using var halves = Picture.Fill(40, 8, (x, _) => x < 20 ? ((byte)0, (byte)0, (byte)0) : ((byte)255, (byte)255, (byte)255));
        var file = Picture.Encode(halves, "pngsave_buffer:bitdepth=1", "colourspace:space=b-w");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        Picture.AssertClose(halves, decoded.Pixels, mean: 0, worst: 0);
    }

    [Fact]
    public void Cmyk_is_converted()
    {
        // Without ink the paper is white; all of cyan takes away the red.
        byte[] paperAndCyan = [0, 0, 0, 0, 255, 0, 0, 0];
        var cmyk = new byte[16 * 8 * 4];
        for (var i = 0; i < 128; i++)
        {
            paperAndCyan.AsSpan(i % 16 < 8 ? 0 : 4, 4).CopyTo(cmyk.AsSpan(i * 4));
        }

        var file = Picture.Encode(cmyk, 16, 8, 4, "jpegsave_buffer:Q=100", "copy:interpretation=cmyk");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        var (red, green, blue) = Picture.At(decoded.Pixels, 2, 4);
        Assert.True(Math.Min(red, Math.Min(green, blue)) > 245, $"paper {red} {green} {blue}");
        (red, green, blue) = Picture.At(decoded.Pixels, 13, 4);
        Assert.True(red < 60 && green > 120 && blue > 180, $"cyan {red} {green} {blue}");
    }

    [Theory]
    [InlineData("pngsave_buffer", 0)]
    [InlineData("webpsave_buffer:lossless=true,exact=true", 0)]
    [InlineData("tiffsave_buffer", 0)]
    [InlineData("heifsave_buffer:compression=av1,lossless=true", 3)]
    public void Transparency_shows_white(string format, int worst)
    {
        // A red image whose alpha goes from nothing to all.
        var rgba = new byte[64 * 16 * 4];
        for (var i = 0; i < 64 * 16; i++)
        {
            (rgba[i * 4], rgba[i * 4 + 3]) = (255, (byte)(i % 64 * 255 / 63));
        }

        var file = Picture.Encode(rgba, 64, 16, 4, format, "copy:interpretation=srgb");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        using var expected = Picture.Fill(64, 16, (x, _) => ((byte)255, (byte)(255 - x * 255 / 63), (byte)(255 - x * 255 / 63)));
        Picture.AssertClose(expected, decoded.Pixels, mean: worst + 0.7, worst: worst + 1);
    }

    [Fact]
    public void Sixteen_bit_transparency_shows_white()
    {
        var rgba = new byte[8 * 8 * 4];
        for (var i = 0; i < 64; i++)
        {
            (rgba[i * 4 + 1], rgba[i * 4 + 3]) = (255, (byte)(i % 8 < 4 ? 0 : 255));
        }

        var file = Picture.Encode(rgba, 8, 8, 4, "pngsave_buffer", "copy:interpretation=srgb", "colourspace:space=rgb16");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        Assert.Equal((255, 255, 255), Picture.At(decoded.Pixels, 1, 4));
        Assert.Equal((0, 255, 0), Picture.At(decoded.Pixels, 6, 4));
    }

    [Fact]
    public void Of_an_animation_the_first_frame_is_taken()
    {
        using var frames = Picture.Fill(20, 40, (_, y) => y < 20 ? ((byte)255, (byte)0, (byte)0) : ((byte)0, (byte)0, (byte)255));
        var file = Picture.Encode(frames, "gifsave_buffer:page-height=20");

        using var decoded = ImageDecoder.Decode(file, 0, Options);

        using var red = Picture.Plain(20, 20, 255, 0, 0);
        Picture.AssertClose(red, decoded.Pixels, mean: 4, worst: 8);
    }

    [Fact]
    public void A_single_pixel_is_an_image()
    {
        using var dot = Picture.Plain(1, 1, 10, 200, 30);

        using var decoded = ImageDecoder.Decode(Picture.Encode(dot, "pngsave_buffer"), 640, Options);

        Assert.Equal((10, 200, 30), Picture.At(decoded.Pixels, 0, 0));
    }
}
