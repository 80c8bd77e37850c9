using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Imaging.Native;

namespace FaceCloud.Imaging;

/// <summary>Turns an image file into upright 8-bit RGB pixels. Any number of calls may run at once; each uses the caller's thread and one helper.</summary>
public static class ImageDecoder
{
    // More channels than CMYK with alpha belong to measuring instruments; converting them would take memory out of proportion.
    private const int MaxBands = 5;

    /// <summary>
    /// Decodes a file: EXIF orientation applied, colours as sRGB (16-bit, palette, grey and CMYK converted; an embedded RGB profile is not
    /// applied), transparency over white, the first frame of an animation.
    /// </summary>
    /// <param name="file">The whole file: JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP.</param>
    /// <param name="shrinkTo">
    /// The image may come out smaller by 2, 4 or 8, where that saves work, but its longest side not below this many pixels. 0: never smaller.
    /// </param>
    /// <param name="options">The limits.</param>
    /// <exception cref="FailureException">
    /// <see cref="Failure.InvalidImage"/>: empty, of another type, damaged or incomplete. <see cref="Failure.TooLarge"/>: more pixels than allowed.
    /// </exception>
    public static DecodedImage Decode(ReadOnlyMemory<byte> file, int shrinkTo, ImagingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shrinkTo);
        var format = ImageFormats.Require(file.Span);
        if (format == ImageFormat.Bmp)
        {
            var bitmap = BmpDecoder.Decode(file.Span, options);
            return new DecodedImage(bitmap, bitmap.Width, bitmap.Height);
        }

        try
        {
            return DecodeWithVips(file, format, shrinkTo, options);
        }
        catch (VipsException reason)
        {
            throw new FailureException(
                Failure.InvalidImage, $"The {Name(format)} image is damaged or incomplete. Check that it opens in a viewer and send the whole file.", reason);
        }
    }

    /// <exception cref="FailureException"><see cref="Failure.TooLarge"/>.</exception>
    internal static void ThrowIfTooLarge(int width, int height, ImagingOptions options)
    {
        var limit = Math.Min(options.MaxPixels, RgbImage.MaxPixels);
        if ((long)width * height > limit)
        {
            throw new FailureException(Failure.TooLarge, string.Create(
                CultureInfo.InvariantCulture,
                $"The image has {width} x {height} pixels; at most {limit / 1e6:0.##} megapixels are accepted. Send a smaller version."));
        }
    }

    private static unsafe DecodedImage DecodeWithVips(ReadOnlyMemory<byte> file, ImageFormat format, int shrinkTo, ImagingOptions options)
    {
        // libvips reads the file where it lies until the last image over it is disposed, at the end of this method.
        using var pin = file.Pin();
        using var blob = new VipsBlob(pin.Pointer, file.Length);
        using var header = VipsImage.Load(Loader(format), blob, "access=sequential");
        var (width, height, orientation, takenAt) = (header.Width, header.Height, header.Orientation, ExifDate.Of(header));
        ThrowIfTooLarge(width, height, options);
        if (header.Bands > MaxBands)
        {
            throw new FailureException(Failure.InvalidImage, $"The image has {header.Bands} channels per pixel. Send it as RGB.");
        }

        // Turning the finished pixels lets every file be read from top to bottom as it is decoded, rotated ones too.
        var pixels = ReadRgb(blob, format, ShrinkFactor(width, height, shrinkTo));
        if (orientation > 1)
        {
            using var stored = pixels;
            pixels = ExifOrientation.Apply(stored, orientation);
        }

        return ExifOrientation.SwapsSides(orientation) ? new DecodedImage(pixels, height, width, takenAt) : new DecodedImage(pixels, width, height, takenAt);
    }

    private static int ShrinkFactor(int width, int height, int shrinkTo)
    {
        var (longest, shortest) = (Math.Max(width, height), Math.Min(width, height));
        var factor = 1;
        while (shrinkTo > 0 && factor < 8 && longest / (factor * 2) >= shrinkTo && shortest >= factor * 2)
        {
            factor *= 2;
        }

        return factor;
    }

    private static RgbImage ReadRgb(VipsBlob file, ImageFormat format, int factor)
    {
        // JPEG is decoded straight to a half, quarter or eighth of its size, WebP to any; others are averaged down row by row as they are read.
        var shrink = format switch
        {
            ImageFormat.Jpeg => $",shrink={factor}",
            ImageFormat.WebP => string.Create(CultureInfo.InvariantCulture, $",scale={1.0 / factor}"),
            _ => "",
        };
        var image = VipsImage.Load(Loader(format), file, "access=sequential,fail_on=error" + shrink);
        RgbImage? pixels = null;
        try
        {
            ToRgb(ref image);
            if (factor > 1 && shrink.Length == 0)
            {
                Replace(ref image, "shrink", $"hshrink={factor},vshrink={factor}");
            }

            pixels = new RgbImage(image.Width, image.Height);
            image.WriteTo(pixels.Pixels);
            return pixels;
        }
        catch
        {
            pixels?.Dispose();
            throw;
        }
        finally
        {
            image.Dispose();
        }
    }

    // Conversions are asked for only where they change something: even an idle one costs a pass over the pixels.
    private static void ToRgb(ref VipsImage image)
    {
        if (!image.IsSrgb)
        {
            Replace(ref image, "colourspace", "space=srgb");
        }

        if (image.HasAlpha)
        {
            Replace(ref image, "flatten", "background=255 255 255");
        }

        if (!image.IsEightBit)
        {
            Replace(ref image, "cast", "format=uchar");
        }

        if (image.Bands != 3)
        {
            throw new VipsException($"{image.Bands} bands remain after conversion to sRGB.");
        }
    }

    private static void Replace(ref VipsImage image, string operation, string options)
    {
        var next = image.Apply(operation, options);
        image.Dispose();
        image = next;
    }

    private static string Loader(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "jpegload_buffer",
        ImageFormat.Png => "pngload_buffer",
        ImageFormat.WebP => "webpload_buffer",
        ImageFormat.Tiff => "tiffload_buffer",
        ImageFormat.Gif => "gifload_buffer",
        ImageFormat.Avif => "heifload_buffer",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    private static string Name(ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();
}
