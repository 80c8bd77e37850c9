using System.Buffers.Binary;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Clients;

/// <summary>The files of portraits one after the other, each after its length: a little-endian 32-bit number.</summary>
internal static class PortraitPayload
{
    public static byte[] Pack(IReadOnlyList<FacePortrait> portraits)
    {
        var payload = new byte[portraits.Sum(portrait => sizeof(int) + portrait.Jpeg.Length)];
        var rest = payload.AsSpan();
        foreach (var portrait in portraits)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, portrait.Jpeg.Length);
            portrait.Jpeg.Span.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + portrait.Jpeg.Length)..];
        }

        return payload;
    }

    /// <returns>The files, slices of the payload, and what follows them there.</returns>
    /// <exception cref="DamagedFrameException">Not that many files.</exception>
    public static (ReadOnlyMemory<byte>[] Files, ReadOnlyMemory<byte> Remainder) Unpack(ReadOnlyMemory<byte> payload, int count)
    {
        var files = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++)
        {
            var length = payload.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
            if (length < 0 || length > payload.Length - sizeof(int))
            {
                throw new DamagedFrameException($"The payload ends within the portraits: {i} of {count} are whole.");
            }

            files[i] = payload.Slice(sizeof(int), length);
            payload = payload[(sizeof(int) + length)..];
        }

        return (files, payload);
    }
}
