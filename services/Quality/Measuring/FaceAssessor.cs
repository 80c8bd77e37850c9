using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Quality.Measuring;

/// <summary>Measures faces. A crop takes a tenth of a millisecond, so there is no queue.</summary>
internal sealed class FaceAssessor : IFaceAssessor
{
    public Task<IReadOnlyList<FaceAssessment>> AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<FaceAssessment>>([.. faces.Select(Assess)]);

    private static FaceAssessment Assess(FaceToAssess face)
    {
        var rgb = face.Crop.Rgb.Span;
        var luminance = CropMeasures.LuminanceOf(rgb);
        var crop = CropMeasures.Of(luminance);
        return new FaceAssessment(
            crop.BlurScore,
            crop.BrightnessScore,
            crop.ExposureScore,
            face.Confidence,
            face.Box.Height,
            HeadPose.Of(face.Landmarks),
            OcclusionHint.Of(rgb, luminance, face.Box.Height));
    }
}
