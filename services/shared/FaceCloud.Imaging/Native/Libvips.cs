using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FaceCloud.Native;

namespace FaceCloud.Imaging.Native;

/// <summary>
/// The functions of libvips and of the glib under it that are used here, none of them variadic (.NET cannot call those portably), and the
/// start of the library. Names and types are those of the C headers; <c>GType</c> and <c>size_t</c> are <see cref="nuint"/>.
/// </summary>
internal static unsafe partial class Libvips
{
    private const string Vips = "vips";
    private const string GObject = "gobject";
    private const string GLib = "glib";

    // glib's G_LOG_LEVEL_CRITICAL, _WARNING, _MESSAGE, _INFO and _DEBUG; what is left is followed by the end of the process.
    private const int AllButFatal = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7);

    // An explicit static constructor, so that all of this has happened before the first call of any function below.
    static Libvips()
    {
        NativeLibrary.SetDllImportResolver(typeof(Libvips).Assembly, Resolve);
        if (vips_init("FaceCloud") != 0)
        {
            throw new VipsException("libvips does not start: " + TakeError());
        }

        // Damaged files are reported to their sender; on the console of the server they are noise. An impossible size in a header is a
        // "critical" message of GObject, which then does not take that size over.
        g_log_set_handler("VIPS", AllButFatal, &Ignore, 0);
        g_log_set_handler("GLib-GObject", AllButFatal, &Ignore, 0);

        // Requests run in parallel, so one image gets one thread; and no two requests bring the same image, so nothing is remembered.
        vips_concurrency_set(1);
        vips_cache_set_max(0);

        // Only loaders that are needed may run, whatever a file claims to be.
        vips_operation_block_set("VipsForeignLoad", 1);
        foreach (var loader in (string[])["Jpeg", "Png", "Webp", "Tiff", "Nsgif", "Heif"])
        {
            vips_operation_block_set("VipsForeignLoad" + loader, 0);
        }

        vips_block_untrusted_set(1);
    }

    /// <summary>What the library says of the last failure. Its buffer belongs to the whole process and only grows, so it is emptied here.</summary>
    internal static string TakeError()
    {
        // Calls that fail at once share the buffer: the text is for the log, never for a decision or for the sender.
        var text = vips_error_buffer_copy();
        vips_error_clear();
        var message = Marshal.PtrToStringUTF8(text)?.Trim();
        g_free(text);
        return string.IsNullOrEmpty(message) ? "no reason given" : message;
    }

    // header.h, image.h
    [LibraryImport(Vips)]
    internal static partial int vips_image_get_width(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_get_height(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_get_bands(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_get_format(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_get_interpretation(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_get_orientation(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial int vips_image_hasalpha(VipsImage image);

    [LibraryImport(Vips)]
    internal static partial nuint vips_image_get_type();

    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint vips_image_get_typeof(VipsImage image, string field);

    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_image_get_as_string(VipsImage image, string field, nint* text);

    [LibraryImport(Vips)]
    internal static partial nint vips_image_new_from_memory(void* data, nuint size, int width, int height, int bands, int format);

    [LibraryImport(Vips)]
    internal static partial int vips_image_write(VipsImage image, VipsImage destination);

    // operation.h, object.h
    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint vips_operation_new(string name);

    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int vips_object_set_from_string(VipsOperation operation, string options);

    [LibraryImport(Vips)]
    internal static partial int vips_cache_operation_buildp(nint* operation);

    [LibraryImport(Vips)]
    internal static partial void vips_object_unref_outputs(nint operation);

    // type.h
    [LibraryImport(Vips)]
    internal static partial nint vips_blob_new(nint free, void* data, nuint length);

    [LibraryImport(Vips)]
    internal static partial void* vips_blob_get(nint blob, nuint* length);

    [LibraryImport(Vips)]
    internal static partial nuint vips_blob_get_type();

    [LibraryImport(Vips)]
    internal static partial void vips_area_unref(nint area);

    // gobject.h, gvalue.h, gmem.h
    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_set_property(VipsOperation operation, string name, GValue* value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_get_property(VipsOperation operation, string name, GValue* value);

    [LibraryImport(GObject)]
    internal static partial void g_object_unref(nint instance);

    [LibraryImport(GObject)]
    internal static partial GValue* g_value_init(GValue* value, nuint type);

    [LibraryImport(GObject)]
    internal static partial void g_value_set_object(GValue* value, VipsImage instance);

    [LibraryImport(GObject)]
    internal static partial nint g_value_dup_object(GValue* value);

    [LibraryImport(GObject)]
    internal static partial void g_value_set_boxed(GValue* value, VipsBlob boxed);

    [LibraryImport(GObject)]
    internal static partial nint g_value_get_boxed(GValue* value);

    [LibraryImport(GObject)]
    internal static partial void g_value_unset(GValue* value);

    [LibraryImport(GLib)]
    internal static partial void g_free(nint memory);

    [LibraryImport(GLib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint g_log_set_handler(
        string domain, int levels, delegate* unmanaged[Cdecl]<nint, int, nint, nint, void> handler, nint data);

    // vips.h, error.h
    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int vips_init(string program);

    [LibraryImport(Vips)]
    private static partial void vips_concurrency_set(int threads);

    [LibraryImport(Vips)]
    private static partial void vips_cache_set_max(int operations);

    [LibraryImport(Vips, StringMarshalling = StringMarshalling.Utf8)]
    private static partial void vips_operation_block_set(string className, int blocked);

    [LibraryImport(Vips)]
    private static partial void vips_block_untrusted_set(int blocked);

    [LibraryImport(Vips)]
    private static partial nint vips_error_buffer_copy();

    [LibraryImport(Vips)]
    private static partial void vips_error_clear();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(nint domain, int level, nint message, nint data)
    {
    }

    // One file holds everything on Linux and macOS; on Windows glib's two libraries are files of their own.
    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath) =>
        NativeAssets.LoadLibrary("vips", OperatingSystem.IsWindows() ? library : Vips);
}
