using System.Buffers.Binary;

namespace FaceCloud.Imaging.Tests;

public sealed class ExifOrientationTests
{
    private const byte Low = 20;
    private const byte High = 235;

    // What each corner of the upright picture looks like: red at the left, green at the top.
    private static readonly (byte Red, byte Green, byte Blue)[] Upright = [(High, High, 128), (Low, High, 128), (High, Low, 128), (Low, Low, 128)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Each_orientation_of_a_jpeg_is_turned_upright(ushort orientation)
    {
        var stored = StoredAs(orientation);
        var file = WithOrientation(JpegEncoder.Encode(stored.Pixels, stored.Width, stored.Height, 95), orientation);

        foreach (var shrinkTo in (int[])[0, 60])
        {
            using var decoded = ImageDecoder.Decode(file, shrinkTo, new ImagingOptions());

            Assert.Equal((240, 140), (decoded.Width, decoded.Height));
            var (right, bottom) = (decoded.Pixels.Width - 3, decoded.Pixels.Height - 3);
            AssertNear(Upright[0], Picture.At(decoded.Pixels, 2, 2));
            AssertNear(Upright[1], Picture.At(decoded.Pixels, right, 2));
            AssertNear(Upright[2], Picture.At(decoded.Pixels, 2, bottom));
            AssertNear(Upright[3], Picture.At(decoded.Pixels, right, bottom));
        }

        stored.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(65535)]
    public void An_orientation_that_does_not_exist_is_ignored(ushort orientation)
    {
        using var stored = Picture.Smooth(64, 40);
        var file = WithOrientation(JpegEncoder.Encode(stored.Pixels, 64, 40, 95), orientation);

        using var decoded = ImageDecoder.Decode(file, 0, new ImagingOptions());

        Picture.AssertClose(stored, decoded.Pixels, mean: 2, worst: 20);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(31, 65)]
    [InlineData(64, 33)]
    [InlineData(200, 3)]
    public void Turning_moves_every_pixel_to_its_place(int width, int height)
    {
        using var source = Picture.Noise(width, height, seed: 5);

        for (var orientation = 1; orientation <= 8; orientation++)
        {
            using var upright = ExifOrientation.Apply(source, orientation);

            for (var y = 0; y < upright.Height; y++)
            {
                for (var x = 0; x < upright.Width; x++)
                {
                    // EXIF 2.32, 4.6.4: the sides of the picture that the stored row 0 and column 0 are.
                    var (sourceX, sourceY) = orientation switch
                    {
                        1 => (x, y),
                        2 => (width - 1 - x, y),
                        3 => (width - 1 - x, height - 1 - y),
                        4 => (x, height - 1 - y),
                        5 => (y, x),
                        6 => (y, height - 1 - x),
                        7 => (width - 1 - y, height - 1 - x),
                        _ => (width - 1 - y, x),
                    };
                    Assert.Equal(Picture.At(source, sourceX, sourceY), Picture.At(upright, x, y));
                }
            }
        }
    }

    private static RgbImage StoredAs(int orientation)
    {
        var (width, height) = orientation >= 5 ? (140, 240) : (240, 140);

        // Row 0 and column 0 by the table of the standard; "rows run along the picture's columns" from 5 on.
        var (top, left) = orientation switch
        {
            1 => ("top", "left"),
            2 => ("top", "right"),
            3 => ("bottom", "right"),
            4 => ("bottom", "left"),
            5 => ("left", "top"),
            6 => ("right", "top"),
            7 => ("right", "bottom"),
            _ => ("left", "bottom"),
        };
        return Picture.Fill(width, height, (x, y) =>
        {
            var sides = (string[])[y < height / 2 ? top : Opposite(top), x < width / 2 ? left : Opposite(left)];
            return (sides.Contains("left") ? High : Low, sides.Contains("top") ? High : Low, 128);
        });
    }

    private static string Opposite(string side) => side switch
    {
        "top" => "bottom",
        "bottom" => "top",
        "left" => "right",
        _ => "left",
    };

    /// <summary>Puts an APP1 segment after the start-of-image marker: "Exif", a big-endian TIFF header, one directory with one entry.</summary>
    private static byte[] WithOrientation(byte[] jpeg, ushort orientation)
    {
        byte[] segment =
        [
            0xFF, 0xE1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(28), orientation);
        return [.. jpeg.AsSpan(0, 2), .. segment, .. jpeg.AsSpan(2)];
    }

    private static void AssertNear((byte Red, byte Green, byte Blue) expected, (byte Red, byte Green, byte Blue) actual) =>
        Assert.True(
            Math.Abs(expected.Red - actual.Red) < 30 && Math.Abs(expected.Green - actual.Green) < 30 && Math.Abs(expected.Blue - actual.Blue) < 30,
            $"{expected} expected, {actual} found");
}
