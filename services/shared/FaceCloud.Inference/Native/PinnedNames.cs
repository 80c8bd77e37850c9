namespace FaceCloud.Inference.Native;

/// <summary>Names as <c>char**</c>, for as long as this object lives.</summary>
internal sealed unsafe class PinnedNames
{
    private readonly byte[][] _names;
    private readonly nint[] _pointers;

    public PinnedNames(IEnumerable<string> names)
    {
        _names = [.. names.Select(Pinned)];
        _pointers = GC.AllocateArray<nint>(_names.Length, pinned: true);
        for (var i = 0; i < _names.Length; i++)
        {
            fixed (byte* name = _names[i])
            {
                _pointers[i] = (nint)name; // stays valid outside the block: the array is on the pinned heap
            }
        }
    }

    /// <summary>The first of the names.</summary>
    public byte** Pointers
    {
        get
        {
            fixed (nint* first = _pointers)
            {
                return (byte**)first;
            }
        }
    }

    private static byte[] Pinned(string name)
    {
        var text = OrtApi.Utf8(name);
        var pinned = GC.AllocateArray<byte>(text.Length, pinned: true);
        text.CopyTo(pinned, 0);
        return pinned;
    }
}
