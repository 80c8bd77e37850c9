using System.Runtime.InteropServices;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// Reads a log back into a table and decides what a record that does not check out means:
/// the remains of a write that a crash tore (only the last commit can be; it was never acknowledged, so it is cut off),
/// an erased vector (a later record supersedes it), or damage (anything else; nothing is dropped, the index has to be rebuilt).
/// </summary>
internal sealed class LogReplay
{
    private readonly FaceLog _log;
    private readonly string _path;
    private readonly WindowReader _reader;
    private readonly FaceTable _table;

    // Upserts whose vector does not match its checksum and that nothing has superseded yet, by face.
    private readonly Dictionary<long, Unmatched> _unmatched = [];
    private readonly List<long> _notErased = [];
    private RecordHeader _last;
    private long _records;

    private readonly record struct Unmatched(long Offset, long Commit, bool IsErased);

    private LogReplay(FaceLog log, string path)
    {
        _log = log;
        _path = path;
        _reader = new WindowReader(log);
        _table = new FaceTable(log.Dimension);
    }

    /// <summary>The table, and the records of dead faces whose vectors a crash kept from being erased.</summary>
    /// <exception cref="DamagedLogException">No crash leaves a log like this.</exception>
    public static (FaceTable Table, List<long> NotErased) Run(FaceLog log, string path, ILogger logger)
    {
        while (true)
        {
            var replay = new LogReplay(log, path);
            var good = replay.ReadRecords();
            if (replay.FirstTornVector() is { } torn)
            {
                // What was read behind it has to be forgotten; once cut, the log reads well.
                Cut(log, torn, path, logger);
                continue;
            }

            Cut(log, good, path, logger);
            log.Replayed(good, replay._last, replay._records);
            log.Seal();
            replay._table.Publish(log.Commit);
            return (replay._table, replay._notErased);
        }
    }

    private static void Cut(FaceLog log, long offset, string path, ILogger logger)
    {
        if (log.FileLength > offset)
        {
            logger.LogWarning(
                "The last write to {Path} did not complete: {Bytes} bytes after byte {Offset} are dropped. They were not acknowledged.",
                path, log.FileLength - offset, offset);
            log.CutAt(offset);
        }
    }

    // Returns where the records that check out end.
    private long ReadRecords()
    {
        long at = FileHeader.Size;
        while (TryHeader(at, out var header))
        {
            var next = at + RecordHeader.Size;
            if (header.Kind == RecordKind.Upsert)
            {
                var vector = _reader.Peek(next, _log.VectorBytes);
                if (vector.Length < _log.VectorBytes)
                {
                    return at;
                }

                Supersede(header);
                if (Checksum.Of(vector, _log.Salt) == header.VectorChecksum)
                {
                    _table.Add(header, MemoryMarshal.Cast<byte, float>(vector));
                }
                else
                {
                    _unmatched.Add(header.FaceId, new Unmatched(at, header.Commit, !vector.ContainsAnyExcept((byte)0)));
                }

                next += _log.VectorBytes;
            }
            else if (header.Kind == RecordKind.Delete)
            {
                Supersede(header);
            }

            (_last, at) = (header, next);
            _records++;
        }

        ThrowIfLaterCommitFollows(at);
        return at;
    }

    private void Supersede(in RecordHeader by)
    {
        if (_unmatched.Remove(by.FaceId, out var unmatched) && !unmatched.IsErased)
        {
            // The crash came in the middle of erasing it.
            _notErased.Add(unmatched.Offset);
        }

        if (_table.Remove(by.FaceId, by.Commit) is { } dead)
        {
            _notErased.Add(dead);
        }
    }

    // The record at the offset should belong to this commit. Another record of the same one may well be behind it: a torn write need not
    // be torn at its end. But a later commit began only after this one was on disk.
    private void ThrowIfLaterCommitFollows(long at)
    {
        var expected = _last.Remaining > 0 ? _last.Commit : _last.Commit + 1;
        for (var offset = at + RecordHeader.Size; _reader.Peek(offset, RecordHeader.Size).Length == RecordHeader.Size; offset += RecordHeader.Size)
        {
            if (TryHeader(offset, out var header) && header.Commit > expected)
            {
                throw new DamagedLogException(_path, at);
            }
        }
    }

    private long? FirstTornVector()
    {
        if (_unmatched.Count == 0)
        {
            return null;
        }

        var first = _unmatched.Values.MinBy(record => record.Offset);
        return first.Commit == _last.Commit ? first.Offset : throw new DamagedLogException(_path, first.Offset);
    }

    private bool TryHeader(long offset, out RecordHeader header) =>
        MemoryMarshal.TryRead(_reader.Peek(offset, RecordHeader.Size), out header) && header.IsValid(offset, _log.Salt);
}
