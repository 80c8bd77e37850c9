using Microsoft.Win32.SafeHandles;

namespace FaceCloud.Imaging.Native;

/// <summary>Bytes lent to libvips without a copy. They must stay where they are until every image made of them is disposed.</summary>
internal sealed unsafe class VipsBlob : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <param name="data">Pinned memory.</param>
    /// <param name="length">Its bytes.</param>
    public VipsBlob(void* data, int length)
        : base(ownsHandle: true)
    {
        // Without a free function the memory remains the caller's.
        SetHandle(Libvips.vips_blob_new(0, data, (nuint)length));
    }

    protected override bool ReleaseHandle()
    {
        Libvips.vips_area_unref(handle);
        return true;
    }
}
