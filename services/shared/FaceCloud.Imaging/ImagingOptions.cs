namespace FaceCloud.Imaging;

/// <summary>Limits on the images that are accepted.</summary>
public sealed class ImagingOptions
{
    /// <summary>The most pixels (width times height, as the file's header says) an image may have; a larger one is refused before it is decoded.</summary>
    public long MaxPixels { get; set; } = 100_000_000;
}
