using System.Diagnostics;
using FaceCloud.Contracts;

namespace FaceCloud.Imaging.Tests;

/// <summary>Tests that watch the process's memory; what other tests take would count as theirs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class ManyDecodesTests
{
    private static readonly string[] Formats =
    [
        "jpegsave_buffer:Q=85", "pngsave_buffer", "webpsave_buffer:Q=85", "tiffsave_buffer:compression=lzw", "gifsave_buffer",
    ];

    [Fact]
    public void Decodes_that_run_together_give_what_single_ones_give()
    {
        using var image = Picture.Smooth(501, 333);
        var files = Formats.Select(format => Picture.Encode(image, format)).ToArray();
        var expected = files.Select(file => Decode(file, 100)).ToArray();

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            // Failures of one request must not reach another: every fifth file is damaged.
            var file = files[i % files.Length];
            if (i % 5 == 4 && i % 2 == 0)
            {
                Assert.Throws<FailureException>(() => ImageDecoder.Decode(file.AsMemory(0, file.Length / 2), 100, new ImagingOptions()));
            }
            else
            {
                Assert.Equal(expected[i % files.Length], Decode(file, 100));
            }
        });
    }

    [Fact]
    public void Memory_stays_flat_over_thousands_of_decodes()
    {
        using var image = Picture.Smooth(640, 480);
        var files = Formats.Select(format => Picture.Encode(image, format)).ToArray();
        var options = new ImagingOptions();
        Repeat(300);
        var before = ResidentBytes();

        Repeat(2000);

        // One undisposed image in ten decodes would be 180 MB; pools and the allocator may still grow a little.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 40L << 20);

        void Repeat(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var file = files[i % files.Length];
                using var decoded = ImageDecoder.Decode(file, 320, options);
                Assert.Throws<FailureException>(() => ImageDecoder.Decode(file.AsMemory(0, file.Length / 3), 0, options));
            }
        }
    }

    private static byte[] Decode(byte[] file, int shrinkTo)
    {
        using var decoded = ImageDecoder.Decode(file, shrinkTo, new ImagingOptions());
        return decoded.Pixels.Pixels.ToArray();
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
