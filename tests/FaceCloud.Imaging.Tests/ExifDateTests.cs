using System.Buffers.Binary;
using System.Text;

namespace FaceCloud.Imaging.Tests;

public sealed class ExifDateTests
{
    [Fact]
    public void A_photo_says_when_it_was_taken_by_the_camera_s_clock() =>
        Assert.Equal(new DateTime(2023, 1, 31, 12, 34, 56), TakenAt(WithDate("2023:01:31 12:34:56", null)));

    [Theory]
    [InlineData("+02:00", 10)]
    [InlineData("-05:30", 18)]
    public void Where_it_names_its_zone_the_date_is_universal_time(string offset, int hour) =>
        Assert.Equal(hour, TakenAt(WithDate("2023:01:31 12:34:56", offset))!.Value.Hour);

    [Theory]
    [InlineData("0000:00:00 00:00:00")]
    [InlineData("2023:02:30 12:00:00")]
    [InlineData("                   ")]
    [InlineData("2023-01-31 12:34:56")]
    [InlineData("yesterday, at noon.")]
    public void A_date_that_does_not_exist_is_none(string text) => Assert.Null(TakenAt(WithDate(text, null)));

    [Fact]
    public void A_zone_that_does_not_exist_leaves_the_camera_s_clock() =>
        Assert.Equal(12, TakenAt(WithDate("2023:01:31 12:34:56", "+99:99"))!.Value.Hour);

    [Fact]
    public void A_photo_without_exif_says_nothing() => Assert.Null(TakenAt(Jpeg()));

    private static DateTime? TakenAt(byte[] file)
    {
        using var image = ImageDecoder.Decode(file, 0, new ImagingOptions());
        return image.TakenAt;
    }

    private static byte[] Jpeg()
    {
        using var picture = Picture.Smooth(32, 32);
        return JpegEncoder.Encode(picture.Pixels, 32, 32, 90);
    }

    /// <summary>Puts in an APP1 segment: "Exif", a big-endian TIFF header, IFD 0 with the pointer (0x8769) to the directory that holds the dates.</summary>
    private static byte[] WithDate(string date, string? offset)
    {
        var texts = new List<(ushort Tag, byte[] Text)> { (0x9003, Encoding.ASCII.GetBytes(date + '\0')) };
        if (offset is not null)
        {
            texts.Add((0x9011, Encoding.ASCII.GetBytes(offset + '\0')));
        }

        const int ExifDirectory = 8 + 2 + 12 + 4;
        var data = ExifDirectory + 2 + (texts.Count * 12) + 4;
        var tiff = new byte[data + texts.Sum(text => text.Text.Length)];
        "MM\0*"u8.CopyTo(tiff);
        BinaryPrimitives.WriteInt32BigEndian(tiff.AsSpan(4), 8);
        BinaryPrimitives.WriteInt16BigEndian(tiff.AsSpan(8), 1);
        Entry(10, 0x8769, type: 4, count: 1, ExifDirectory);
        BinaryPrimitives.WriteInt16BigEndian(tiff.AsSpan(ExifDirectory), (short)texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            Entry(ExifDirectory + 2 + (i * 12), texts[i].Tag, type: 2, texts[i].Text.Length, data);
            texts[i].Text.CopyTo(tiff, data);
            data += texts[i].Text.Length;
        }

        byte[] head = [0xFF, 0xE1, 0, 0, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0];
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(2), (short)(head.Length - 2 + tiff.Length));
        var jpeg = Jpeg();
        return [.. jpeg.AsSpan(0, 2), .. head, .. tiff, .. jpeg.AsSpan(2)];

        void Entry(int at, ushort tag, ushort type, int count, int value)
        {
            BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at), tag);
            BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(at + 2), type);
            BinaryPrimitives.WriteInt32BigEndian(tiff.AsSpan(at + 4), count);
            BinaryPrimitives.WriteInt32BigEndian(tiff.AsSpan(at + 8), value);
        }
    }
}
