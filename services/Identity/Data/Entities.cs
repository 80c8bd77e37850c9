using FaceCloud.Contracts.Faces;

namespace FaceCloud.Identity.Data;

/// <summary>A tenant: nothing of one gallery is seen from another.</summary>
internal sealed class Gallery
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public DateTime CreatedAt { get; init; }
}

/// <summary>Somebody with a name, unique within the gallery.</summary>
internal sealed class Person
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public required string Name { get; set; }

    public DateTime CreatedAt { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>A face as it was detected.</summary>
internal sealed class Face
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public long? PersonId { get; set; }

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
