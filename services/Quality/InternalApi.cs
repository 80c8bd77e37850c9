using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;

namespace FaceCloud.Quality;

/// <summary>The port for other processes.</summary>
internal static class InternalApi
{
    public static void MapInternalApi(this IEndpointRouteBuilder app) =>
        app.MapPost(InternalRoutes.Assess, AssessAsync).ExcludeFromDescription();

    private static async Task<FrameAnswer<AssessmentsFrame>> AssessAsync(HttpRequest http, IFaceAssessor assessor, CancellationToken cancellationToken)
    {
        var faces = FacesToAssessFrame.Read(await FrameBody.ReadAsync<FacesToAssessFrame>(http, cancellationToken));
        return FrameAnswer.Of(new AssessmentsFrame(await assessor.AssessAsync(faces, cancellationToken)));
    }
}
