using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FaceCloud.Imaging;

/// <summary>A pixel as four floats: red, green, blue and whatever byte follows.</summary>
internal static class RgbVector
{
    /// <summary>Loads a pixel; the byte after it must be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref byte pixel)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref pixel)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }

    /// <summary>Stores a pixel's floats, 0 to 255, cut to whole numbers; the byte after it is overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref byte pixel)
    {
        // The lowest byte of each of the four integers.
        var bytes = Vector128.Shuffle(
            Vector128.ConvertToInt32Native(value).AsByte(), Vector128.Create((byte)0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Unsafe.WriteUnaligned(ref pixel, bytes.AsUInt32().ToScalar());
    }
}
