namespace FaceCloud.VectorSearch;

/// <summary>Where the index keeps what it holds; configuration section <c>VectorSearch</c>.</summary>
public sealed class VectorSearchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "VectorSearch";

    /// <summary>
    /// Folder of the embedded index, created when first needed; a relative path starts at the working directory. One process uses it at a time.
    /// It needs about 2.1 KB per face of 512 dimensions, twice that during a rebuild.
    /// </summary>
    public string Path { get; set; } = "data/vectors";

    /// <summary>
    /// A log of the embedded index is rewritten when its dead records (replaced or deleted faces, whose vectors are zeros already) outnumber the faces
    /// in it and are at least this many records.
    /// </summary>
    public int CompactAfter { get; set; } = 4096;

    /// <summary>
    /// What the names of collections in Qdrant begin with: letters, digits, <c>-</c> and <c>_</c>. Each FaceCloud that shares a server with others needs
    /// one of its own.
    /// </summary>
    public string CollectionPrefix { get; set; } = "facecloud";
}
