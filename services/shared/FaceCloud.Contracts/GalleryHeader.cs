namespace FaceCloud.Contracts;

/// <summary>The header that selects the gallery, in every dialect.</summary>
public static class GalleryHeader
{
    public const string Name = "X-Gallery";

    /// <summary>The gallery of a request without the header.</summary>
    public const string Default = "default";
}
