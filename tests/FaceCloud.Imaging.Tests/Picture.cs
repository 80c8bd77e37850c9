using FaceCloud.Imaging.Native;

namespace FaceCloud.Imaging.Tests;

/// <summary>Test images: made, encoded in any format, compared.</summary>
internal static unsafe class Picture
{
    /// <summary>Slow waves of different lengths in each colour: nothing in it suffers from lossy formats, and no two places look the same.</summary>
    public static RgbImage Smooth(int width, int height) => Fill(width, height, (x, y) => (
        Wave(x * 2.1 / width + y * 0.9 / height), Wave(0.3 + x * 0.7 / width - y * 1.6 / height), Wave(x * 1.1 / width + y * 2.3 / height)));

    public static RgbImage Noise(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    public static RgbImage Plain(int width, int height, byte red, byte green, byte blue) => Fill(width, height, (_, _) => (red, green, blue));

    public static RgbImage Fill(int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> colour)
    {
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = y * image.Stride + x * 3;
                (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = colour(x, y);
            }
        }

        return image;
    }

    public static (byte Red, byte Green, byte Blue) At(RgbImage image, int x, int y)
    {
        var pixel = image.Pixels.Slice(y * image.Stride + x * 3, 3);
        return (pixel[0], pixel[1], pixel[2]);
    }

    /// <summary>Encodes with libvips.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="format">The saver and its options, for instance <c>pngsave_buffer:palette=true</c>.</param>
    /// <param name="steps">Operations before that, for instance <c>colourspace:space=b-w</c>.</param>
    public static byte[] Encode(RgbImage image, string format, params ReadOnlySpan<string> steps)
    {
        fixed (byte* memory = image.Pixels)
        {
            using var raw = VipsImage.Over(memory, image.Width, image.Height, 3);
            return Encode(raw, format, ["copy:interpretation=srgb", .. steps]);
        }
    }

    /// <summary>Encodes grey with alpha, RGBA, or any other count of 8-bit channels.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int bands, string format, params ReadOnlySpan<string> steps)
    {
        fixed (byte* memory = pixels)
        {
            using var raw = VipsImage.Over(memory, width, height, bands);
            return Encode(raw, format, steps);
        }
    }

    public static void AssertClose(RgbImage expected, RgbImage actual, double mean, int worst)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        ReadOnlySpan<byte> a = expected.Pixels, b = actual.Pixels;
        var (sum, most) = (0L, 0);
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs(a[i] - b[i]);
            sum += difference;
            most = Math.Max(most, difference);
        }

        Assert.True((double)sum / a.Length <= mean && most <= worst, $"mean difference {(double)sum / a.Length:0.00}, worst {most}");
    }

    private static byte[] Encode(VipsImage raw, string format, ReadOnlySpan<string> steps)
    {
        var image = raw;
        foreach (var step in steps)
        {
            var next = image.Apply(step.Split(':')[0], step.Split(':')[1]);
            if (image != raw)
            {
                image.Dispose();
            }

            image = next;
        }

        var saver = format.Split(':');
        var file = image.Save(saver[0], saver.Length > 1 ? saver[1] : "");
        if (image != raw)
        {
            image.Dispose();
        }

        return file;
    }

    private static byte Wave(double turns) => (byte)Math.Round(127.5 + 110 * Math.Sin(turns * Math.Tau));
}
