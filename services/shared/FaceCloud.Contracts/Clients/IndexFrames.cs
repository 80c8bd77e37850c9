using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>Faces to the index, to add or (in a sequence) to rebuild it from; the vectors are the payload.</summary>
public sealed record IndexedFacesFrame(string Recogniser, IReadOnlyList<IndexedFacesFrame.Tags> Faces)
{
    public static Frame<IndexedFacesFrame> Of(string recogniser, IReadOnlyList<IndexedFace> faces) => new(
        new(recogniser, [.. faces.Select(face => new Tags(face.FaceId, face.GalleryId, face.PersonId, face.AlbumId))]),
        VectorPayload.Pack([.. faces.Select(face => face.Embedding)]));

    /// <exception cref="DamagedFrameException">Not one vector for each face.</exception>
    public static IReadOnlyList<IndexedFace> Read(Frame<IndexedFacesFrame> frame)
    {
        var vectors = VectorPayload.Unpack(frame.Payload, frame.Metadata.Faces.Count);
        return [.. frame.Metadata.Faces.Select((face, i) => new IndexedFace(face.FaceId, face.GalleryId, face.PersonId, face.AlbumId, vectors[i]))];
    }

    /// <summary>A face without its vector.</summary>
    public sealed record Tags(long FaceId, long GalleryId, long? PersonId, long? AlbumId);
}

/// <summary>Faces to leave the index.</summary>
public sealed record DeleteFrame(string Recogniser, IReadOnlyList<long> FaceIds);

/// <summary>Probes to search for; the vectors are the payload. Answered by <see cref="NeighboursFrame"/>.</summary>
public sealed record SearchFrame(string Recogniser, int Probes, int Limit, IndexFilter Filter)
{
    public static Frame<SearchFrame> Of(string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter) =>
        new(new(recogniser, probes.Count, limit, filter), VectorPayload.Pack(probes));

    /// <exception cref="DamagedFrameException">Not that many vectors.</exception>
    public static IReadOnlyList<FaceEmbedding> ReadProbes(Frame<SearchFrame> frame) => VectorPayload.Unpack(frame.Payload, frame.Metadata.Probes);
}

/// <summary>One list for each probe.</summary>
public sealed record NeighboursFrame(IReadOnlyList<IReadOnlyList<Neighbour>> Probes)
{
    /// <exception cref="DamagedFrameException">Not that many lists.</exception>
    public static IReadOnlyList<IReadOnlyList<Neighbour>> Read(Frame<NeighboursFrame> frame, int probes) => frame.Metadata.Probes.Count == probes
        ? frame.Metadata.Probes
        : throw new DamagedFrameException($"{probes} probes were sent, {frame.Metadata.Probes.Count} are answered.");
}

/// <summary>How many faces are there? Answered by <see cref="TotalFrame"/>.</summary>
public sealed record CountFrame(string Recogniser, IndexFilter Filter);

/// <summary>So many.</summary>
public sealed record TotalFrame(long Faces);

/// <summary>It is done; there is nothing more to say.</summary>
public sealed record DoneFrame;
