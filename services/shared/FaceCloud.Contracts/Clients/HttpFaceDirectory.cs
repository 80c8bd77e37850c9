using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>What the identity service tells of faces as a port.</summary>
/// <param name="http">Its base address is the service's.</param>
public sealed class HttpFaceDirectory(HttpClient http) : IFaceDirectory
{
    private readonly ServiceConnection _identity = new(http, ServiceNames.Identity);

    public Task<IReadOnlyList<ListedFace>> FindAsync(FaceReader reader, IReadOnlyList<Guid> faces, CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.FindFaces, new FindFacesFrame(reader, faces), (ListedFacesFrame answer) => answer.Faces, cancellationToken);

    public Task<Guid> AlbumAsync(FaceReader reader, string album, CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.FindAlbum, new FindAlbumFrame(reader, album), (AlbumFrame answer) => answer.Album, cancellationToken);

    public Task<IReadOnlyList<FaceChange>> ChangesAsync(int limit, CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.FaceChanges, new ReadChangesFrame(limit), (ChangesFrame answer) => answer.Changes, cancellationToken);

    public Task ConfirmAsync(IReadOnlyList<long> changes, CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.ConfirmChanges, new ConfirmFrame(changes), (DoneFrame done) => done, cancellationToken);

    public Task<AssessedFaces> CountAsync(CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.CountAssessed, new CountAssessedFrame(), (AssessedFaces answer) => answer, cancellationToken);

    public Task TellAllAgainAsync(CancellationToken cancellationToken) =>
        CallAsync(InternalRoutes.TellAllAgain, new TellAllAgainFrame(), (DoneFrame done) => done, cancellationToken);

    private Task<TResult> CallAsync<TRequest, TAnswer, TResult>(
        string route, TRequest request, Func<TAnswer, TResult> read, CancellationToken cancellationToken) =>
        _identity.CallAsync(route, new Frame<TRequest>(request), (Frame<TAnswer> answer) => read(answer.Metadata), cancellationToken);
}
