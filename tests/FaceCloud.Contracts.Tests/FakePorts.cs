using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using DetectionAnswer = FaceCloud.Contracts.Ports.Detection;

namespace FaceCloud.Contracts.Tests;

/// <summary>Every port, each call answered as the test says; what is not said fails the test.</summary>
internal sealed class FakePorts : IFaceDetector, IFaceEmbedder, IFaceIndex, IFaceAssessor, IFaceDirectory
{
    public Func<ReadOnlyMemory<byte>, DetectionRequest, CancellationToken, Task<DetectionAnswer>> Detect { get; init; } =
        (_, _, _) => throw new InvalidOperationException();

    public Func<IReadOnlyList<FaceCrop>, CancellationToken, Task<Embeddings>> Embed { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<string, IReadOnlyList<IndexedFace>, Task> Upsert { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<string, IReadOnlyList<long>, Task> Delete { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<string, IReadOnlyList<FaceEmbedding>, int, IndexFilter, Task<IReadOnlyList<IReadOnlyList<Neighbour>>>> Search { get; init; } =
        (_, _, _, _) => throw new InvalidOperationException();

    public Func<string, IndexFilter, Task<long>> Count { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<string, IAsyncEnumerable<IndexedFace>, CancellationToken, Task<long>> Rebuild { get; init; } =
        (_, _, _) => throw new InvalidOperationException();

    public Func<IReadOnlyList<FaceToAssess>, Task<IReadOnlyList<FaceAssessment>>> Assess { get; init; } = _ => throw new InvalidOperationException();

    public Func<FaceReader, IReadOnlyList<Guid>, Task<IReadOnlyList<ListedFace>>> FindFaces { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<FaceReader, string, Task<Guid>> FindAlbum { get; init; } = (_, _) => throw new InvalidOperationException();

    public Func<int, Task<IReadOnlyList<FaceChange>>> Changes { get; init; } = _ => throw new InvalidOperationException();

    public Func<IReadOnlyList<long>, Task> Confirm { get; init; } = _ => throw new InvalidOperationException();

    public Func<Task<AssessedFaces>> CountAssessed { get; init; } = () => throw new InvalidOperationException();

    public Func<Task> TellAllAgain { get; init; } = () => throw new InvalidOperationException();

    /// <summary>A face to put into the index.</summary>
    public static IndexedFace Face(long id, int dimension = 4) =>
        new(id, 1, id % 2 == 0 ? id : null, null, new FaceEmbedding(Enumerable.Range(0, dimension).Select(i => id + (i / 7f)).ToArray()));

    /// <summary>A crop whose pixels tell which it is.</summary>
    public static FaceCrop Crop(int id)
    {
        var pixels = new byte[FaceCrop.Bytes];
        pixels.AsSpan().Fill((byte)id);
        BitConverter.TryWriteBytes(pixels, id);
        return new FaceCrop(pixels);
    }

    Task<DetectionAnswer> IFaceDetector.DetectAsync(ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken) =>
        Detect(image, request, cancellationToken);

    Task<Embeddings> IFaceEmbedder.EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) => Embed(crops, cancellationToken);

    Task IFaceIndex.UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken) => Upsert(recogniser, faces);

    Task IFaceIndex.DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken) => Delete(recogniser, faceIds);

    Task<IReadOnlyList<IReadOnlyList<Neighbour>>> IFaceIndex.SearchAsync(
        string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken) =>
        Search(recogniser, probes, limit, filter);

    Task<long> IFaceIndex.CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) => Count(recogniser, filter);

    Task<long> IFaceIndex.RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
        Rebuild(recogniser, faces, cancellationToken);

    Task<IReadOnlyList<FaceAssessment>> IFaceAssessor.AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken) => Assess(faces);

    Task<IReadOnlyList<ListedFace>> IFaceDirectory.FindAsync(FaceReader reader, IReadOnlyList<Guid> faces, CancellationToken cancellationToken) =>
        FindFaces(reader, faces);

    Task<Guid> IFaceDirectory.AlbumAsync(FaceReader reader, string album, CancellationToken cancellationToken) => FindAlbum(reader, album);

    Task<IReadOnlyList<FaceChange>> IFaceDirectory.ChangesAsync(int limit, CancellationToken cancellationToken) => Changes(limit);

    Task IFaceDirectory.ConfirmAsync(IReadOnlyList<long> changes, CancellationToken cancellationToken) => Confirm(changes);

    Task<AssessedFaces> IFaceDirectory.CountAsync(CancellationToken cancellationToken) => CountAssessed();

    Task IFaceDirectory.TellAllAgainAsync(CancellationToken cancellationToken) => TellAllAgain();
}
