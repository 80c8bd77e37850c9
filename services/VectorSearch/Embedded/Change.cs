using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>What is to become of a face.</summary>
/// <param name="FaceId">Its id.</param>
/// <param name="Face">Null: it is deleted.</param>
internal readonly record struct Change(long FaceId, IndexedFace? Face)
{
    public static Change Delete(long faceId) => new(faceId, null);

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: see <see cref="UnitVector.Check"/>; or an id that is reserved.</exception>
    public static Change Upsert(IndexedFace face)
    {
        UnitVector.Check(face.Embedding.Vector.Span, $"The embedding of face {face.FaceId}");
        CheckTag(face.PersonId);
        CheckTag(face.AlbumId);
        return new Change(face.FaceId, face);
    }

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: the id stands for "none" inside the index.</exception>
    public static void CheckTag(long? id)
    {
        if (id == Layout.None)
        {
            throw new FailureException(Failure.InvalidRequest, $"{id} cannot be the id of a person or an album.");
        }
    }

    /// <summary>One change per face: the last one wins.</summary>
    public static IReadOnlyCollection<Change> LastOfEach(IEnumerable<Change> changes)
    {
        var last = new Dictionary<long, Change>();
        foreach (var change in changes)
        {
            last[change.FaceId] = change;
        }

        return last.Values;
    }
}
