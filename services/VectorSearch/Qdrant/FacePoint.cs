using System.Globalization;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using static FaceCloud.VectorSearch.Qdrant.QdrantServer;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>A face as a point of a collection: its id is the point's, its tags are the payload.</summary>
internal static class FacePoint
{
    // Fields of the payload. The gallery is text, because only text can be a tenant.
    public const string Gallery = "gallery";
    public const string Person = "person";
    public const string Album = "album";
    public const string Identified = "identified";
    public const string Removed = "removed";

    private static readonly float[] Nobody = Direction();

    /// <summary>The points that stand for faces removed while an index is built.</summary>
    public static readonly Filter AllRemoved = new([new Condition(Removed, new Match(true))]);

    /// <exception cref="FailureException">
    /// <see cref="Failure.InvalidRequest"/>: see <see cref="UnitVector"/>; or an id below 0, which Qdrant does not take.
    /// </exception>
    public static Point Of(IndexedFace face)
    {
        Check(face.Embedding.Vector.Span, $"The embedding of face {face.FaceId}");
        return new Point(
            CheckId(face.FaceId),
            face.Embedding.Vector,
            new Dictionary<string, object?>
            {
                [Gallery] = Text(face.GalleryId),
                [Person] = face.PersonId,
                [Album] = face.AlbumId,
                [Identified] = face.PersonId is not null,
            });
    }

    /// <summary>
    /// Keeps the place of a face that was removed while an index is built, so that the stream, which may still have it, does not bring it back.
    /// </summary>
    public static Point RemovedOf(long faceId) => new(CheckId(faceId), Nobody, new Dictionary<string, object> { [Removed] = true });

    public static Filter FilterOf(IndexFilter filter)
    {
        var must = new List<Condition> { new(Gallery, new Match(Text(filter.GalleryId))) };
        void Add(string field, object? value)
        {
            if (value is not null)
            {
                must.Add(new Condition(field, new Match(value)));
            }
        }

        Add(Person, filter.PersonId);
        Add(Album, filter.AlbumId);
        Add(Identified, filter.Identified);
        return new Filter(must);
    }

    public static Neighbour NeighbourOf(ScoredPoint point) => new(
        point.Id,
        point.Payload?.TryGetValue(Person, out var person) == true && person.ValueKind == JsonValueKind.Number ? person.GetInt64() : null,
        point.Score);

    public static long CheckId(long faceId) =>
        faceId >= 0 ? faceId : throw new FailureException(Failure.InvalidRequest, $"{faceId} cannot be the id of a face: it is below 0.");

    public static void Check(ReadOnlySpan<float> vector, string what)
    {
        UnitVector.Check(vector, what);
        UnitVector.CheckDimension(vector.Length, QdrantCollections.Dimension, what);
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static float[] Direction()
    {
        var vector = new float[QdrantCollections.Dimension];
        vector[0] = 1;
        return vector;
    }
}
