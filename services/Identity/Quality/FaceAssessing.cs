using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// Assesses faces that were just found. Where the quality service is away nothing waits for it: such faces are stored without scores, and
/// <see cref="LateAssessment"/> looks at the pictures that are kept of them.
/// </summary>
internal sealed class FaceAssessing(IFaceAssessor assessor, ILogger<FaceAssessing> logger)
{
    /// <param name="faces">With their crops.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>One for each face, or null for all of them.</returns>
    public async Task<IReadOnlyList<FaceAssessment?>> TryAsync(IReadOnlyList<DetectedFace> faces, CancellationToken cancellationToken)
    {
        try
        {
            return await assessor.AssessAsync([.. faces.Select(FaceToAssess.Of)], cancellationToken);
        }
        catch (FailureException e) when (e.Failure is Failure.Busy or Failure.Unavailable)
        {
            logger.LogWarning("{Count} faces are assessed later: {Reason}", faces.Count, e.Message);
            return new FaceAssessment?[faces.Count];
        }
    }
}
