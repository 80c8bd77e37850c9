using System.Runtime.InteropServices;

namespace FaceCloud.Imaging.Native;

/// <summary>glib's box for a value of any type: its <c>GType</c> and two words. All zero before <c>g_value_init</c>; ends with <c>g_value_unset</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GValue
{
    private readonly nuint type;
    private readonly ulong data0;
    private readonly ulong data1;
}
