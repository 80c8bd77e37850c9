using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Clients;

/// <summary>Crops one after the other, each of <see cref="FaceCrop.Bytes"/>.</summary>
internal static class CropPayload
{
    public static byte[] Pack(IReadOnlyList<FaceCrop> crops)
    {
        var payload = new byte[crops.Count * FaceCrop.Bytes];
        for (var i = 0; i < crops.Count; i++)
        {
            crops[i].Rgb.Span.CopyTo(payload.AsSpan(i * FaceCrop.Bytes, FaceCrop.Bytes));
        }

        return payload;
    }

    /// <returns>Slices of the payload.</returns>
    /// <exception cref="DamagedFrameException">Not that many crops.</exception>
    public static FaceCrop[] Unpack(ReadOnlyMemory<byte> payload, int count) =>
        count >= 0 && payload.Length == (long)count * FaceCrop.Bytes
            ? [.. Enumerable.Range(0, count).Select(i => new FaceCrop(payload.Slice(i * FaceCrop.Bytes, FaceCrop.Bytes)))]
            : throw new DamagedFrameException($"{count} crops are not {payload.Length} bytes long.");
}
