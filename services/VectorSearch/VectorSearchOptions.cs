namespace FaceCloud.VectorSearch;

/// <summary>Where the embedded index keeps its files and when it tidies them; configuration section <c>VectorSearch</c>.</summary>
public sealed class VectorSearchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "VectorSearch";

    /// <summary>
    /// Folder of the index, created when first needed; a relative path starts at the working directory. One process uses it at a time.
    /// It needs about 2.1 KB per face of 512 dimensions, twice that during a rebuild.
    /// </summary>
    public string Path { get; set; } = "data/vectors";

    /// <summary>
    /// A log is rewritten when its dead records (replaced or deleted faces, whose vectors are zeros already) outnumber the faces in it and
    /// are at least this many records.
    /// </summary>
    public int CompactAfter { get; set; } = 4096;
}
