namespace FaceCloud.Contracts.Faces;

/// <summary>What a change of the recogniser came to.</summary>
/// <param name="Recogniser">The new one, by its name in the model registry.</param>
/// <param name="Embedded">Faces that were embedded with it now.</param>
/// <param name="LeftBehind">Faces that could not be, by id.</param>
/// <param name="StrangersForgotten">People without a name whom the analytics dialect remembered, without a picture of them.</param>
/// <param name="Switched">Whether anything of a former recogniser was removed now.</param>
public sealed record ReembeddingReport(
    string Recogniser, long Embedded, IReadOnlyList<FaceLeftBehind> LeftBehind, int StrangersForgotten, bool Switched);

/// <param name="FaceId">The face's, as in the library dialect.</param>
/// <param name="Reason">To go after the face in a sentence: <c>its photo is missing</c>.</param>
public sealed record FaceLeftBehind(long FaceId, string Reason);
