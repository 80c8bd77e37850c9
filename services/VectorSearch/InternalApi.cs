using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;

namespace FaceCloud.VectorSearch;

/// <summary>The port for other processes.</summary>
internal static class InternalApi
{
    public static void MapInternalApi(this IEndpointRouteBuilder app)
    {
        app.MapPost(InternalRoutes.IndexUpsert, UpsertAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.IndexDelete, DeleteAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.IndexSearch, SearchAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.IndexCount, CountAsync).ExcludeFromDescription();
        app.MapPost(InternalRoutes.IndexRebuild, RebuildAsync).ExcludeFromDescription();
    }

    private static async Task<FrameAnswer<DoneFrame>> UpsertAsync(HttpRequest http, IFaceIndex index, CancellationToken cancellationToken)
    {
        var frame = await FrameBody.ReadAsync<IndexedFacesFrame>(http, cancellationToken);
        await index.UpsertAsync(frame.Metadata.Recogniser, IndexedFacesFrame.Read(frame), cancellationToken);
        return FrameAnswer.Of(new DoneFrame());
    }

    private static async Task<FrameAnswer<DoneFrame>> DeleteAsync(HttpRequest http, IFaceIndex index, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<DeleteFrame>(http, cancellationToken);
        await index.DeleteAsync(request.Recogniser, request.FaceIds, cancellationToken);
        return FrameAnswer.Of(new DoneFrame());
    }

    private static async Task<FrameAnswer<NeighboursFrame>> SearchAsync(HttpRequest http, IFaceIndex index, CancellationToken cancellationToken)
    {
        var frame = await FrameBody.ReadAsync<SearchFrame>(http, cancellationToken);
        var (recogniser, _, limit, filter) = frame.Metadata;
        return FrameAnswer.Of(new NeighboursFrame(
            await index.SearchAsync(recogniser, SearchFrame.ReadProbes(frame), limit, filter, cancellationToken)));
    }

    private static async Task<FrameAnswer<TotalFrame>> CountAsync(HttpRequest http, IFaceIndex index, CancellationToken cancellationToken)
    {
        var (request, _) = await FrameBody.ReadAsync<CountFrame>(http, cancellationToken);
        return FrameAnswer.Of(new TotalFrame(await index.CountAsync(request.Recogniser, request.Filter, cancellationToken)));
    }

    private static async Task<FrameAnswer<TotalFrame>> RebuildAsync(HttpRequest http, IFaceIndex index, CancellationToken cancellationToken)
    {
        await using var frames = FrameBody.ReadSequenceAsync<IndexedFacesFrame>(http, cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (!await frames.MoveNextAsync())
        {
            throw new DamagedFrameException("A rebuild starts with a frame that names the recogniser.");
        }

        try
        {
            var total = await index.RebuildAsync(frames.Current.Metadata.Recogniser, FacesAsync(frames), cancellationToken);
            return FrameAnswer.Of(new TotalFrame(total));
        }
        catch (Exception e) when (e is not (DamagedFrameException or BadHttpRequestException or OperationCanceledException))
        {
            await FrameBody.DiscardAsync(http, cancellationToken);
            throw;
        }
    }

    /// <summary>The faces of the frame that was read already and of those that follow.</summary>
    private static async IAsyncEnumerable<IndexedFace> FacesAsync(IAsyncEnumerator<Frame<IndexedFacesFrame>> frames)
    {
        do
        {
            foreach (var face in IndexedFacesFrame.Read(frames.Current))
            {
                yield return face;
            }
        }
        while (await frames.MoveNextAsync());
    }
}
