namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Reads a log from front to back through one large buffer.</summary>
internal sealed class WindowReader(FaceLog log)
{
    private readonly byte[] _window = new byte[1 << 20];
    private long _start;
    private int _filled;

    /// <summary>The bytes at the offset, valid until the next call; fewer than asked for only at the end of the file.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int length)
    {
        if (offset < _start || offset + length > _start + _filled)
        {
            _start = offset;
            _filled = log.ReadAt(offset, _window);
        }

        var from = (int)(offset - _start);
        return _window.AsSpan(from, Math.Min(length, _filled - from));
    }
}
