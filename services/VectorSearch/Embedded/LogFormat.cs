using System.Runtime.InteropServices;
using System.Runtime.CompilerServices;

namespace FaceCloud.VectorSearch.Embedded;

// The log: one FileHeader, then records, each a RecordHeader and, for an upsert, the vector (Layout.Stride floats). Everything is
// little-endian and a multiple of 64 bytes. Records are only appended, in commits: a commit is written, synced and only then
// acknowledged, and the next one begins after that. So a crash leaves every commit whole but the last.
//
// One thing is changed in place: the vector of a replaced or deleted face is overwritten with zeros, after the record that supersedes it
// is on disk. That is why the vector has a checksum of its own: a superseded record whose vector no longer matches is an erased one.

/// <summary>The first bytes of a log.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct FileHeader
{
    public const int Size = 64;

    /// <summary>"FACEVEC1": the name and the version of this format.</summary>
    public const ulong CurrentMagic = 0x3143_4556_4543_4146;

    public ulong Magic;
    public int Dimension;

    /// <summary>Start value of the file's checksums; random, never 0.</summary>
    public uint Salt;

    /// <summary>Of the fields above, with their salt.</summary>
    public uint Checksum;

    public readonly bool IsValid => Magic == CurrentMagic && Salt != 0 && Dimension is > 0 and <= Layout.MaxDimension && Checksum == Sum();

    public readonly uint Sum()
    {
        var copy = this;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<FileHeader>(ref copy));
        return Embedded.Checksum.Of(bytes[..16], Salt);
    }
}

internal enum RecordKind : uint
{
    /// <summary>A face with its tags; a vector follows.</summary>
    Upsert = 1,

    /// <summary>The face is gone.</summary>
    Delete = 2,

    /// <summary>Everything before is complete: written at close, and at open after a check, so that later damage is not taken for a torn write.</summary>
    Seal = 3,
}

/// <summary>The fixed part of a record. It never changes once written.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct RecordHeader
{
    public const int Size = 64;

    /// <summary>Of the bytes that follow it in this header.</summary>
    public uint Checksum;

    /// <summary>Of the vector as it was written.</summary>
    public uint VectorChecksum;

    public RecordKind Kind;

    /// <summary>How many records of the same commit follow.</summary>
    public uint Remaining;

    /// <summary>Number of the commit, counted from 1.</summary>
    public long Commit;

    public long FaceId;
    public long GalleryId;

    /// <summary><see cref="Layout.None"/>: no person.</summary>
    public long PersonId;

    /// <summary><see cref="Layout.None"/>: no album.</summary>
    public long AlbumId;

    /// <summary>Where in the file this record begins: bytes elsewhere are never mistaken for it.</summary>
    public long Offset;

    public readonly bool IsValid(long offset, uint salt) =>
        Offset == offset && Kind is RecordKind.Upsert or RecordKind.Delete or RecordKind.Seal && Checksum == Sum(salt);

    public readonly uint Sum(uint salt)
    {
        var copy = this;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<RecordHeader>(ref copy));
        return Embedded.Checksum.Of(bytes[Unsafe.SizeOf<uint>()..], salt);
    }
}
