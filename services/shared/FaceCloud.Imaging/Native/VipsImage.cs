using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FaceCloud.Imaging.Native;

/// <summary>A libvips image: a recipe for pixels, which are computed when they are written somewhere.</summary>
internal sealed unsafe class VipsImage : SafeHandleZeroOrMinusOneIsInvalid
{
    // VIPS_FORMAT_UCHAR and VIPS_INTERPRETATION_sRGB.
    private const int EightBit = 0;
    private const int Srgb = 22;

    /// <param name="reference">A reference that becomes this object's own.</param>
    public VipsImage(nint reference)
        : base(ownsHandle: true)
    {
        SetHandle(reference);
        if (IsInvalid)
        {
            throw new VipsException(Libvips.TakeError());
        }
    }

    public int Width => Libvips.vips_image_get_width(this);

    public int Height => Libvips.vips_image_get_height(this);

    /// <summary>Channels, alpha included.</summary>
    public int Bands => Libvips.vips_image_get_bands(this);

    public bool HasAlpha => Libvips.vips_image_hasalpha(this) != 0;

    public bool IsEightBit => Libvips.vips_image_get_format(this) == EightBit;

    public bool IsSrgb => Libvips.vips_image_get_interpretation(this) == Srgb;

    /// <summary>The EXIF orientation, 1 to 8; 1 where the file names none.</summary>
    public int Orientation => Libvips.vips_image_get_orientation(this);

    /// <summary>A field of the header as text; null where the file has none of that name.</summary>
    public string? Text(string field)
    {
        nint text;
        if (Libvips.vips_image_get_typeof(this, field) == 0 || Libvips.vips_image_get_as_string(this, field, &text) != 0)
        {
            return null;
        }

        var value = Marshal.PtrToStringUTF8(text);
        Libvips.g_free(text);
        return value;
    }

    /// <summary>Reads the header of an encoded image.</summary>
    /// <exception cref="VipsException">The header is damaged, or an option is unknown to the loader.</exception>
    public static VipsImage Load(string loader, VipsBlob file, string options)
    {
        using var operation = new VipsOperation(loader);
        operation.Set("buffer", file);
        operation.Run(options);
        return operation.GetImage("out");
    }

    /// <summary>An image over 8-bit interleaved pixels that stay the caller's and must not move while it lives.</summary>
    public static VipsImage Over(void* pixels, int width, int height, int bands) => new(Libvips.vips_image_new_from_memory(
        pixels, (nuint)width * (nuint)height * (nuint)bands, width, height, bands, EightBit));

    /// <summary>The image that an operation with one input makes of this one.</summary>
    /// <exception cref="VipsException">The operation does not take such an image.</exception>
    public VipsImage Apply(string name, string options)
    {
        using var operation = new VipsOperation(name);
        operation.Set("in", this);
        operation.Run(options);
        return operation.GetImage("out");
    }

    /// <summary>Encodes the image.</summary>
    /// <exception cref="VipsException">The saver does not take such an image.</exception>
    public byte[] Save(string saver, string options)
    {
        using var operation = new VipsOperation(saver);
        operation.Set("in", this);
        operation.Run(options);
        return operation.GetBytes("buffer");
    }

    /// <summary>Computes the pixels into memory of exactly their size; this is where a file is decoded.</summary>
    /// <exception cref="VipsException">The data is damaged or ends early.</exception>
    public void WriteTo(Span<byte> pixels)
    {
        var (width, height, bands) = (Width, Height, Bands);
        if (!IsEightBit || pixels.Length != (long)width * height * bands)
        {
            throw new ArgumentException("The destination is not of the image's size.", nameof(pixels));
        }

        fixed (byte* memory = pixels)
        {
            using var destination = Over(memory, width, height, bands);
            if (Libvips.vips_image_write(this, destination) != 0)
            {
                throw new VipsException(Libvips.TakeError());
            }
        }
    }

    protected override bool ReleaseHandle()
    {
        Libvips.g_object_unref(handle);
        return true;
    }
}
