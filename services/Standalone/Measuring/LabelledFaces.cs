using FaceCloud.Contracts.Faces;

namespace FaceCloud.Standalone.Measuring;

/// <summary>The labelled photos as the recogniser describes them.</summary>
/// <param name="Recogniser">The vectors are of it.</param>
/// <param name="Faces">The largest face of each photo that has one; those of a person stand together.</param>
/// <param name="Faceless">Photos in which no face was found.</param>
/// <param name="Unreadable">Files that are no photos.</param>
internal sealed record LabelledFaces(
    Recogniser Recogniser, IReadOnlyList<LabelledFace> Faces, IReadOnlyList<LabelledPhoto> Faceless, IReadOnlyList<UnreadableFile> Unreadable)
{
    /// <summary>How many people have a face here.</summary>
    public int People => Faces.Select(face => face.Photo.Person).Distinct().Count();

    /// <summary>The faces of each person.</summary>
    public IEnumerable<IGrouping<string, LabelledFace>> ByPerson => Faces.GroupBy(face => face.Photo.Person);
}

/// <param name="Photo">It is the largest face of.</param>
/// <param name="Vector">A unit vector.</param>
/// <param name="Box">Pixels of the photo.</param>
internal sealed record LabelledFace(LabelledPhoto Photo, float[] Vector, FaceBox Box);

/// <param name="Photo">The file and whose folder it is in.</param>
/// <param name="Reason">A sentence.</param>
internal sealed record UnreadableFile(LabelledPhoto Photo, string Reason);
