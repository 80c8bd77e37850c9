using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;

namespace FaceCloud.Identity;

/// <summary>The port for other processes.</summary>
internal static class InternalApi
{
    public static void MapInternalApi(this IEndpointRouteBuilder app)
    {
        app.MapPost(InternalRoutes.FindFaces, FindFacesAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.FindAlbum, FindAlbumAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.FaceChanges, ReadChangesAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.ConfirmChanges, ConfirmAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.CountAssessed, CountAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.TellAllAgain, TellAllAgainAsync).ExcludeFromDescription();
    }

    private static async Task<FrameAnswer<ListedFacesFrame>> FindFacesAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<FindFacesFrame>(http, cancellationToken);
        return FrameAnswer.Of(new ListedFacesFrame(await directory.FindAsync(request.Reader, request.Faces, cancellationToken)));
    }

    private static async Task<FrameAnswer<AlbumFrame>> FindAlbumAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<FindAlbumFrame>(http, cancellationToken);
        return FrameAnswer.Of(new AlbumFrame(await directory.AlbumAsync(request.Reader, request.Album, cancellationToken)));
    }

    private static async Task<FrameAnswer<ChangesFrame>> ReadChangesAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<ReadChangesFrame>(http, cancellationToken);
        return FrameAnswer.Of(new ChangesFrame(await directory.ChangesAsync(request.Limit, cancellationToken)));
    }

    private static async Task<FrameAnswer<DoneFrame>> ConfirmAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<ConfirmFrame>(http, cancellationToken);
        await directory.ConfirmAsync(request.Changes, cancellationToken);
        return FrameAnswer.Of(new DoneFrame());
    }

    private static async Task<FrameAnswer<AssessedFaces>> CountAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        await FrameBody.ReadAsync<CountAssessedFrame>(http, cancellationToken);
        return FrameAnswer.Of(await directory.CountAsync(cancellationToken));
    }

    private static async Task<FrameAnswer<DoneFrame>> TellAllAgainAsync(HttpRequest http, IFaceDirectory directory, CancellationToken cancellationToken)
    {
        await FrameBody.ReadAsync<TellAllAgainFrame>(http, cancellationToken);
        await directory.TellAllAgainAsync(cancellationToken);
        return FrameAnswer.Of(new DoneFrame());
    }
}
