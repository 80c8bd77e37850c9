using FaceCloud.Contracts;

namespace FaceCloud.Imaging.Tests;

public sealed class MutationFuzzTests
{
    private const int Mutants = 500;

    [Theory]
    [InlineData("jpegsave_buffer:Q=80")]
    [InlineData("jpegsave_buffer:Q=80,interlace=true")]
    [InlineData("pngsave_buffer")]
    [InlineData("pngsave_buffer:palette=true,interlace=true")]
    [InlineData("webpsave_buffer:Q=80")]
    [InlineData("webpsave_buffer:lossless=true")]
    [InlineData("tiffsave_buffer:compression=lzw")]
    [InlineData("tiffsave_buffer:compression=jpeg,tile=true,tile-width=32,tile-height=32")]
    [InlineData("gifsave_buffer")]
    [InlineData("heifsave_buffer:compression=av1,effort=0")]
    public void A_damaged_file_is_decoded_or_refused_and_nothing_else(string format)
    {
        using var image = Picture.Smooth(90, 60);
        Attack(Picture.Encode(image, format));
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 1)]
    [InlineData(16, 3)]
    [InlineData(24, 0)]
    [InlineData(32, 0)]
    public void A_damaged_bitmap_is_decoded_or_refused_and_nothing_else(byte bits, byte compression)
    {
        var file = new byte[14 + 40 + 12 + 40 + 20 * 20 * 4];
        new Random(2).NextBytes(file.AsSpan(106));
        "BM"u8.CopyTo(file);
        (file[10], file[14], file[18], file[22], file[26], file[28], file[30], file[46]) = (106, 40, 20, 20, 1, bits, compression, 13);
        (file[55], file[58], file[59], file[62]) = (0xF8, 0xE0, 0x07, 0x1F);
        Attack(file);
    }

    private static void Attack(byte[] original)
    {
        var random = new Random(original.Length);
        var options = new ImagingOptions { MaxPixels = 1_000_000 };
        var (decoded, refused) = (0, 0);
        for (var i = 0; i < Mutants; i++)
        {
            var mutant = Mutate(original, random);
            try
            {
                using var image = ImageDecoder.Decode(mutant, random.Next(3) * 30, options);
                Assert.True((long)image.Width * image.Height <= options.MaxPixels && image.Pixels.Width <= image.Width);
                decoded++;
            }
            catch (FailureException refusal) when (refusal.Failure is Failure.InvalidImage or Failure.TooLarge)
            {
                refused++;
            }
        }

        // Mutants that all fail at the first byte would prove little.
        Assert.True(decoded + refused == Mutants && refused > 0, $"{decoded} decoded, {refused} refused");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var mutant = (byte[])original.Clone();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            // Headers are where sizes and offsets are: half of the edits go there.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(mutant.Length, 200) : mutant.Length);
            switch (random.Next(5))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant.AsSpan(at, Math.Min(4, mutant.Length - at)).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)0);
                    break;
                case 3:
                    var length = Math.Min(random.Next(1, 40), mutant.Length - at);
                    mutant.AsSpan(random.Next(mutant.Length - length + 1), length).CopyTo(mutant.AsSpan(at));
                    break;
                default:
                    mutant = random.Next(8) == 0 && at > 16 ? mutant[..at] : mutant;
                    break;
            }
        }

        return mutant;
    }
}
