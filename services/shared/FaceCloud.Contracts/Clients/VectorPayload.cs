using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Clients;

/// <summary>Vectors of one dimension one after the other, as 32-bit floats (IEEE 754), little endian.</summary>
internal static class VectorPayload
{
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: vectors of several dimensions, which no index takes either.</exception>
    public static byte[] Pack(IReadOnlyList<FaceEmbedding> vectors)
    {
        var dimension = vectors.Count == 0 ? 0 : vectors[0].Vector.Length;
        var payload = new byte[vectors.Count * dimension * sizeof(float)];
        var floats = MemoryMarshal.Cast<byte, float>(payload.AsSpan());
        for (var i = 0; i < vectors.Count; i++)
        {
            if (vectors[i].Vector.Length != dimension)
            {
                throw new FailureException(
                    Failure.InvalidRequest, $"Vectors of {dimension} and {vectors[i].Vector.Length} dimensions do not belong together.");
            }

            vectors[i].Vector.Span.CopyTo(floats[(i * dimension)..]);
        }

        Swap(floats);
        return payload;
    }

    /// <exception cref="DamagedFrameException">Not that many vectors of one dimension.</exception>
    public static FaceEmbedding[] Unpack(ReadOnlyMemory<byte> payload, int count)
    {
        var dimension = count > 0 ? payload.Length / sizeof(float) / count : 0;
        if (count < 0 || (count > 0 && dimension == 0) || (long)count * dimension * sizeof(float) != payload.Length)
        {
            throw new DamagedFrameException($"{count} vectors are not {payload.Length} bytes long.");
        }

        var floats = new float[count * dimension];
        payload.Span.CopyTo(MemoryMarshal.AsBytes(floats.AsSpan()));
        Swap(floats);
        return [.. Enumerable.Range(0, count).Select(i => new FaceEmbedding(floats.AsMemory(i * dimension, dimension)))];
    }

    private static void Swap(Span<float> floats)
    {
        if (!BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<float, uint>(floats);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
