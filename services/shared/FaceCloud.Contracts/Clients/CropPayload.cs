using System.Buffers.Binary;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Clients;

/// <summary>
/// Crops one after the other. First how their chips are cut, for all alike: geometry and side, two little-endian 32-bit numbers; side 0 for no
/// chips. Then each crop's <see cref="FaceCrop.Bytes"/>, and after them those of its chip. No crops are no bytes.
/// </summary>
internal static class CropPayload
{
    private const int Header = 2 * sizeof(int);

    public static byte[] Pack(IReadOnlyList<FaceCrop> crops)
    {
        if (crops.Count == 0)
        {
            return [];
        }

        var shape = crops[0].Chip?.Shape ?? default;
        var payload = new byte[Header + (crops.Count * (FaceCrop.Bytes + shape.Bytes))];
        BinaryPrimitives.WriteInt32LittleEndian(payload, (int)shape.Geometry);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(sizeof(int)), shape.Side);
        var rest = payload.AsSpan(Header);
        foreach (var crop in crops)
        {
            if ((crop.Chip?.Shape ?? default) != shape)
            {
                throw new ArgumentException("The chips of some crops are cut in another way than those of others.", nameof(crops));
            }

            crop.Rgb.Span.CopyTo(rest);
            crop.Chip?.Rgb.Span.CopyTo(rest[FaceCrop.Bytes..]);
            rest = rest[(FaceCrop.Bytes + shape.Bytes)..];
        }

        return payload;
    }

    /// <returns>Slices of the payload.</returns>
    /// <exception cref="DamagedFrameException">Not that many crops.</exception>
    public static FaceCrop[] Unpack(ReadOnlyMemory<byte> payload, int count)
    {
        if (count == 0 && payload.IsEmpty)
        {
            return [];
        }

        var shape = payload.Length < Header ? default : new CropShape(
            (CropGeometry)BinaryPrimitives.ReadInt32LittleEndian(payload.Span),
            BinaryPrimitives.ReadInt32LittleEndian(payload.Span[sizeof(int)..]));
        var each = FaceCrop.Bytes + (3L * shape.Side * shape.Side);
        if (count < 0 || shape.Side < 0 || !Enum.IsDefined(shape.Geometry) || payload.Length != Header + (count * each))
        {
            throw new DamagedFrameException($"{count} crops are not {payload.Length} bytes long.");
        }

        var crops = new FaceCrop[count];
        for (var i = 0; i < count; i++)
        {
            var crop = payload.Slice(Header + (int)(i * each), (int)each);
            crops[i] = new FaceCrop(crop[..FaceCrop.Bytes], shape.Side == 0 ? null : new FaceChip(shape, crop[FaceCrop.Bytes..]));
        }

        return crops;
    }
}
