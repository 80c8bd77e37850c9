using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>The quality service as a port.</summary>
/// <param name="http">Its base address is the service's.</param>
public sealed class HttpFaceAssessor(HttpClient http) : IFaceAssessor
{
    // 38 KB each: 2.4 MB.
    private const int FacesAtOnce = 64;

    private readonly ServiceConnection _quality = new(http, ServiceNames.Quality);

    public async Task<IReadOnlyList<FaceAssessment>> AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken)
    {
        var all = new List<FaceAssessment>(faces.Count);
        foreach (var portion in faces.Chunk(FacesAtOnce))
        {
            all.AddRange(await _quality.CallAsync(
                InternalRoutes.Assess, FacesToAssessFrame.Of(portion),
                (Frame<AssessmentsFrame> answer) => AssessmentsFrame.Read(answer, portion.Length), cancellationToken));
        }

        return all;
    }
}
