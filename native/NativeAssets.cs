using System.Runtime.InteropServices;

namespace FaceCloud.Native;

/// <summary>Finds the native files that the build placed beside the program, by their plain name.</summary>
public static class NativeAssets
{
    /// <summary>The folder <c>native/</c> beside the program.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "native");

    /// <summary>
    /// Loads the one shared library whose name contains <paramref name="name"/> from <c>native/&lt;folder&gt;</c>
    /// (<c>libvips-cpp.so.8.18.7</c>, <c>libvips-cpp.8.18.7.dylib</c> and <c>libvips-42.dll</c> are all "vips").
    /// </summary>
    /// <exception cref="DllNotFoundException">No such file, or it does not load on this system; the message says which.</exception>
    public static nint LoadLibrary(string folder, string name)
    {
        var directory = Path.Combine(Folder, folder);
        var path = Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory).Where(file => IsLibrary(file, name)).Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
        if (path is null)
        {
            throw new DllNotFoundException(
                $"The native library '{name}' for {RuntimeInformation.RuntimeIdentifier} is not in '{directory}'. "
                + "Build or publish FaceCloud for this platform.");
        }

        return NativeLibrary.Load(path);
    }

    private static bool IsLibrary(string path, string name)
    {
        var file = Path.GetFileName(path);
        return file.Contains(name, StringComparison.OrdinalIgnoreCase)
            && (file.Contains(".so", StringComparison.Ordinal)
                || file.EndsWith(".dylib", StringComparison.Ordinal)
                || file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase));
    }
}
