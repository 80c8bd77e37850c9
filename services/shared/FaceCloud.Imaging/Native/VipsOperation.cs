using Microsoft.Win32.SafeHandles;

namespace FaceCloud.Imaging.Native;

/// <summary>One call of a libvips operation: named, given its arguments, run, asked for its result, disposed.</summary>
internal sealed unsafe class VipsOperation : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <param name="name">As libvips lists it (<c>jpegload_buffer</c>).</param>
    public VipsOperation(string name)
        : base(ownsHandle: true)
    {
        SetHandle(Libvips.vips_operation_new(name));
        if (IsInvalid)
        {
            throw new VipsException(Libvips.TakeError());
        }
    }

    public void Set(string argument, VipsImage image)
    {
        GValue value = default;
        Libvips.g_value_init(&value, Libvips.vips_image_get_type());
        Libvips.g_value_set_object(&value, image);
        Libvips.g_object_set_property(this, argument, &value);
        Libvips.g_value_unset(&value);
    }

    public void Set(string argument, VipsBlob blob)
    {
        GValue value = default;
        Libvips.g_value_init(&value, Libvips.vips_blob_get_type());
        Libvips.g_value_set_boxed(&value, blob);
        Libvips.g_object_set_property(this, argument, &value);
        Libvips.g_value_unset(&value);
    }

    /// <summary>Sets the arguments that are numbers, words or lists of numbers, then runs.</summary>
    /// <param name="options">For instance <c>shrink=2,access=sequential</c>; may be empty.</param>
    /// <exception cref="VipsException">An argument or the data is wrong.</exception>
    public void Run(string options)
    {
        if (options.Length > 0 && Libvips.vips_object_set_from_string(this, options) != 0)
        {
            throw new VipsException(Libvips.TakeError());
        }

        // The call may hand back another object in place of ours, and then has released ours itself.
        var operation = handle;
        var failed = Libvips.vips_cache_operation_buildp(&operation) != 0;
        SetHandle(operation);
        if (failed)
        {
            throw new VipsException(Libvips.TakeError());
        }
    }

    /// <summary>The image the operation made.</summary>
    public VipsImage GetImage(string argument)
    {
        GValue value = default;
        Libvips.g_value_init(&value, Libvips.vips_image_get_type());
        Libvips.g_object_get_property(this, argument, &value);
        var image = Libvips.g_value_dup_object(&value);
        Libvips.g_value_unset(&value);
        return new VipsImage(image);
    }

    /// <summary>A copy of the bytes the operation made.</summary>
    public byte[] GetBytes(string argument)
    {
        GValue value = default;
        Libvips.g_value_init(&value, Libvips.vips_blob_get_type());
        Libvips.g_object_get_property(this, argument, &value);
        nuint length;
        var data = Libvips.vips_blob_get(Libvips.g_value_get_boxed(&value), &length);
        var bytes = new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        Libvips.g_value_unset(&value);
        return bytes;
    }

    protected override bool ReleaseHandle()
    {
        // An operation holds a reference to each of its results; what GetImage returned has one of its own.
        Libvips.vips_object_unref_outputs(handle);
        Libvips.g_object_unref(handle);
        return true;
    }
}
