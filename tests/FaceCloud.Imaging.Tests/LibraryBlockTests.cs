using FaceCloud.Imaging.Native;

namespace FaceCloud.Imaging.Tests;

public sealed class LibraryBlockTests
{
    [Fact]
    public unsafe void A_loader_that_is_not_needed_does_not_run_even_when_called_by_name()
    {
        var svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>"u8.ToArray();
        fixed (byte* memory = svg)
        {
            using var blob = new VipsBlob(memory, svg.Length);

            var refusal = Assert.Throws<VipsException>(() => VipsImage.Load("svgload_buffer", blob, ""));

            Assert.Contains("blocked", refusal.Message, StringComparison.Ordinal);
        }
    }
}
