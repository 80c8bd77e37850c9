using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>A face as a detection network sees it, in pixels of its input.</summary>
internal readonly record struct Candidate(FaceBox Box, Landmarks Landmarks, float Score);

/// <summary>Reads the outputs of one family of detection networks.</summary>
/// <param name="tensors">Names of the outputs, in their order.</param>
/// <param name="outputs">The values.</param>
/// <param name="width">Of the input, in pixels; a multiple of 32.</param>
/// <param name="height">Of the input, in pixels; a multiple of 32.</param>
/// <param name="minScore">Candidates below are left out.</param>
/// <param name="found">Where candidates go; they overlap until <see cref="NonMaximumSuppression"/>.</param>
internal delegate void ReadCandidates(
    IReadOnlyList<TensorInfo> tensors, InferenceResult outputs, int width, int height, float minScore, List<Candidate> found);
