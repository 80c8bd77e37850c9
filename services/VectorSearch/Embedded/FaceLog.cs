using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FaceCloud.Contracts.Ports;
using Microsoft.Win32.SafeHandles;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The file that holds the faces of one collection (LogFormat.cs describes it). One writer; vectors may be read meanwhile.
/// Vectors are read with positioned reads rather than mapped: a search reads a few hundred of them, which the page cache answers in
/// microseconds, the file may grow and be swapped without remapping, and a disk error is an exception instead of a signal.
/// </summary>
internal sealed class FaceLog : IDisposable
{
    // Large enough to make system calls rare, small enough to keep.
    private const int BufferBytes = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _zeros;
    private bool _sealed = true;
    private Exception? _broken;

    private FaceLog(SafeFileHandle file, FileHeader header)
    {
        _file = file;
        Dimension = header.Dimension;
        Stride = Layout.Stride(header.Dimension);
        Salt = header.Salt;
        _zeros = new byte[VectorBytes];
    }

    public int Dimension { get; }

    /// <summary>Floats of a stored vector: <see cref="Dimension"/> and zeros.</summary>
    public int Stride { get; }

    public uint Salt { get; }

    public int VectorBytes => Stride * sizeof(float);

    /// <summary>Where the next record goes.</summary>
    public long End { get; private set; } = FileHeader.Size;

    /// <summary>Number of the last commit; 0 before the first.</summary>
    public long Commit { get; private set; }

    /// <summary>Records in the file, of any kind.</summary>
    public long Records { get; private set; }

    public long FileLength => RandomAccess.GetLength(_file);

    /// <summary>A new, empty log; durable once flushed and its folder synced.</summary>
    public static FaceLog Create(string path, int dimension)
    {
        var header = new FileHeader
        {
            Magic = FileHeader.CurrentMagic,
            Dimension = dimension,
            Salt = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue),
        };
        header.Checksum = header.Sum();
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.Write(file, MemoryMarshal.AsBytes(new ReadOnlySpan<FileHeader>(ref header)), 0);
        return new FaceLog(file, header);
    }

    /// <summary>An existing log, still to be replayed.</summary>
    /// <exception cref="DamagedLogException">The file does not begin as a log does.</exception>
    public static FaceLog Open(string path)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var header = default(FileHeader);
        var read = RandomAccess.Read(file, MemoryMarshal.AsBytes(new Span<FileHeader>(ref header)), 0);
        if (read == FileHeader.Size && header.IsValid)
        {
            return new FaceLog(file, header);
        }

        file.Dispose();
        throw new DamagedLogException(path, 0);
    }

    /// <summary>Reads up to <paramref name="into"/>.Length bytes; fewer only at the end of the file.</summary>
    public int ReadAt(long offset, Span<byte> into)
    {
        var total = 0;
        while (total < into.Length)
        {
            var read = RandomAccess.Read(_file, into[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <summary>Reads the vector of the upsert record at the offset; <paramref name="into"/> holds <see cref="Stride"/> floats.</summary>
    public void ReadVector(long recordOffset, Span<float> into)
    {
        if (ReadAt(recordOffset + RecordHeader.Size, MemoryMarshal.AsBytes(into)) < VectorBytes)
        {
            throw new EndOfStreamException($"The face log ends within the record at byte {recordOffset}.");
        }
    }

    /// <summary>Appends the changes as one commit; they are durable after <see cref="Flush"/>.</summary>
    /// <returns>Their records, in order.</returns>
    /// <exception cref="IOException">The disk did not take them; nothing of them stays.</exception>
    public RecordHeader[] Append(IReadOnlyCollection<Change> changes)
    {
        var headers = new RecordHeader[changes.Count];
        var written = 0;
        Write(() =>
        {
            var at = End;
            var used = 0;
            foreach (var (faceId, face) in changes)
            {
                var header = new RecordHeader
                {
                    Kind = face is null ? RecordKind.Delete : RecordKind.Upsert,
                    Remaining = (uint)(changes.Count - written - 1),
                    Commit = Commit + 1,
                    FaceId = faceId,
                    GalleryId = face?.GalleryId ?? Layout.None,
                    PersonId = face?.PersonId ?? Layout.None,
                    AlbumId = face?.AlbumId ?? Layout.None,
                    Offset = at + used,
                };
                headers[written++] = header;
                used += Encode(ref header, face, _buffer.AsSpan(used));
                if (_buffer.Length - used < RecordHeader.Size + VectorBytes)
                {
                    RandomAccess.Write(_file, _buffer.AsSpan(0, used), at);
                    (at, used) = (at + used, 0);
                }
            }

            RandomAccess.Write(_file, _buffer.AsSpan(0, used), at);
            return at + used;
        });
        _sealed = false;
        Records += written;
        return headers;
    }

    /// <summary>Marks all that is in the file as complete, unless its last record says so, and makes it durable.</summary>
    public void Seal()
    {
        if (_sealed)
        {
            Flush();
            return;
        }

        Write(() =>
        {
            var header = new RecordHeader { Kind = RecordKind.Seal, Commit = Commit + 1, Offset = End };
            var length = Encode(ref header, null, _buffer);
            RandomAccess.Write(_file, _buffer.AsSpan(0, length), End);
            return End + length;
        });
        _sealed = true;
        Records++;
        Flush();
    }

    /// <summary>Returns when all that was written is on disk.</summary>
    public void Flush()
    {
        ThrowIfBroken();
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (Exception exception)
        {
            // After a failed fsync the kernel may have dropped the pages: what is on disk is known again only after a replay.
            _broken = exception;
            throw;
        }
    }

    /// <summary>Overwrites a superseded record's vector with zeros; on disk after <see cref="Flush"/>.</summary>
    public void Erase(long recordOffset) => RandomAccess.Write(_file, _zeros, recordOffset + RecordHeader.Size);

    /// <summary>Says what the replay found: where the good part ends and what is in it.</summary>
    public void Replayed(long end, in RecordHeader last, long records) =>
        (End, Commit, Records, _sealed) = (end, last.Commit, records, records == 0 || last.Kind == RecordKind.Seal);

    /// <summary>Drops everything from the offset on: the remains of a write that a crash tore.</summary>
    public void CutAt(long offset) => RandomAccess.SetLength(_file, offset);

    public void Dispose() => _file.Dispose();

    private int Encode(ref RecordHeader header, IndexedFace? face, Span<byte> into)
    {
        var length = RecordHeader.Size;
        if (face is not null)
        {
            var payload = into.Slice(RecordHeader.Size, VectorBytes);
            payload.Clear();
            MemoryMarshal.AsBytes(face.Embedding.Vector.Span).CopyTo(payload);
            header.VectorChecksum = Checksum.Of(payload, Salt);
            length += VectorBytes;
        }

        header.Checksum = header.Sum(Salt);
        MemoryMarshal.Write(into, header);
        return length;
    }

    // Runs one commit's writes, which return the new end; on failure the file is as long as before.
    private void Write(Func<long> write)
    {
        ThrowIfBroken();
        try
        {
            End = write();
            Commit++;
        }
        catch (Exception exception)
        {
            try
            {
                CutAt(End);
            }
            catch (IOException)
            {
                _broken = exception;
            }

            throw;
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken is not null)
        {
            throw new IOException("The face log failed to reach the disk earlier and takes no more changes until it is opened again.", _broken);
        }
    }
}
