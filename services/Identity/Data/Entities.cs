using FaceCloud.Contracts.Faces;

namespace FaceCloud.Identity.Data;

/// <summary>A tenant: nothing of one gallery is seen from another.</summary>
internal sealed class Gallery
{
    public long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The <see cref="Face.EmbeddingIndex"/> of the next enrolment.</summary>
    public long NextEmbeddingIndex { get; init; }

    public DateTime CreatedAt { get; init; }
}

/// <summary>Somebody with a name, unique within the gallery.</summary>
internal sealed class Person
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public required string Name { get; set; }

    /// <summary>The analytics dialect's id, <c>known_&lt;slug&gt;_&lt;epoch&gt;</c>; kept when the name changes.</summary>
    public required string Alias { get; init; }

    public DateTime CreatedAt { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>Somebody without a name whom the analytics dialect has seen and remembers.</summary>
internal sealed class Stranger
{
    public long Id { get; init; }

    public long GalleryId { get; init; }

    public DateTime FirstSeen { get; init; }

    public DateTime LastSeen { get; init; }

    /// <summary>The analytics dialect's id, <c>unknown_&lt;epoch&gt;_&lt;n&gt;</c>.</summary>
    public string Alias => $"unknown_{new DateTimeOffset(FirstSeen, TimeSpan.Zero).ToUnixTimeSeconds()}_{Id}";

    /// <summary>How many faces of analysed images were this one.</summary>
    public long DetectionCount { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>Faces that the analytics dialect found in one minute; statistics need no more of a sighting than that it was.</summary>
internal sealed class DetectionCount
{
    public long GalleryId { get; init; }

    /// <summary>Its start.</summary>
    public DateTime Minute { get; init; }

    public long Faces { get; init; }
}

/// <summary>A face as it was detected.</summary>
internal sealed class Face
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public long? PersonId { get; set; }

    /// <summary>Whose face it is while nobody has named it.</summary>
    public long? StrangerId { get; init; }

    /// <summary>Counts the enrolments of the gallery from 0, never used again; null for a face that nobody enrolled.</summary>
    public long? EmbeddingIndex { get; init; }

    /// <summary>A JSON object that came with the enrolment, as text: jsonb would refuse some valid strings and reorder the rest.</summary>
    public string? Metadata { get; init; }

    /// <summary>Pixels of the EXIF-corrected image the face came from.</summary>
    public required FaceBox Box { get; init; }

    /// <summary>Five points as x, y pairs in <see cref="Landmarks"/> order, same pixels.</summary>
    public required float[] Landmarks { get; init; }

    /// <summary>The detector's score, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>The detector's name in the model registry.</summary>
    public required string Detector { get; init; }

    public DateTime CreatedAt { get; init; }

    public List<Embedding> Embeddings { get; } = [];
}

/// <summary>What one recogniser says of a face. Apart from <see cref="Face"/> so that a gallery can be re-embedded while the old vectors still serve.</summary>
internal sealed class Embedding
{
    public long FaceId { get; init; }

    /// <summary>The recogniser's name in the model registry.</summary>
    public required string Recogniser { get; init; }

    /// <summary>Unit vector.</summary>
    public required float[] Vector { get; init; }
}

/// <summary>
/// A face whose entry in the vector index may differ from this database: written in the transaction that changes the face, removed when the
/// index has followed. One row per face and recogniser however often it changes.
/// </summary>
internal sealed class IndexChange
{
    public long FaceId { get; init; }

    public required string Recogniser { get; init; }

    public DateTime ChangedAt { get; init; }
}
