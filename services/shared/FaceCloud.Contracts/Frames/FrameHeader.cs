using System.Buffers.Binary;

namespace FaceCloud.Contracts.Frames;

/// <summary>
/// The first 16 bytes of a frame, little endian:
/// <code>
/// offset  0  4 bytes  magic, "FCFR"
///         4  uint32   version, 1
///         8  int32    length of the metadata, JSON in UTF-8, that follows the header
///        12  int32    length of the payload that follows the metadata
/// </code>
/// </summary>
internal readonly record struct FrameHeader(int MetadataLength, int PayloadLength)
{
    public const int Size = 16;

    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "FCFR"u8;

    public long FrameLength => (long)Size + MetadataLength + PayloadLength;

    public void Write(Span<byte> header)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], MetadataLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], PayloadLength);
    }

    /// <exception cref="DamagedFrameException">Too short, another magic, another version, or a length that cannot be.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> header)
    {
        if (header.Length < Size)
        {
            throw new DamagedFrameException($"A frame starts with {Size} bytes; {header.Length} came.");
        }

        if (!header.StartsWith(Magic))
        {
            throw new DamagedFrameException("This is no frame: it does not start with FCFR.");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (version != Version)
        {
            throw new DamagedFrameException($"The frame is of version {version}; this program reads version {Version}.");
        }

        var read = new FrameHeader(BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        return read is { MetadataLength: > 0, PayloadLength: >= 0 }
            ? read
            : throw new DamagedFrameException($"A frame cannot have {read.MetadataLength} bytes of metadata and {read.PayloadLength} of payload.");
    }
}
