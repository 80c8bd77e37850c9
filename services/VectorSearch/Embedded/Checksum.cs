using System.Numerics;
using System.Runtime.InteropServices;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>CRC-32C (RFC 3720, appendix B.4), which processors compute in hardware.</summary>
internal static class Checksum
{
    /// <param name="bytes">What to sum; its length is a multiple of 4.</param>
    /// <param name="salt">Start value. Each file has its own, so that what another file left in a disk block is never taken for a record.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint salt)
    {
        var crc = salt;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var word in MemoryMarshal.Cast<byte, uint>(bytes[(words.Length * sizeof(ulong))..]))
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        return crc;
    }
}
