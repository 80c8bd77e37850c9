using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Ports;

/// <summary>What identity tells the quality service: who may see which face, and what has become of faces.</summary>
public interface IFaceDirectory
{
    /// <returns>Those of the faces that are in the caller's gallery, his or not, in no order.</returns>
    Task<IReadOnlyList<ListedFace>> FindAsync(FaceReader reader, IReadOnlyList<Guid> faces, CancellationToken cancellationToken);

    /// <returns>The UUID of an album that the caller may see.</returns>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: none of the gallery; <see cref="Failure.Forbidden"/>: somebody else's.</exception>
    Task<Guid> AlbumAsync(FaceReader reader, string album, CancellationToken cancellationToken);

    /// <summary>
    /// Faces that were assessed, moved to another album or removed since the last time, as they are now; the oldest changes first. They are told
    /// again until they are confirmed.
    /// </summary>
    Task<IReadOnlyList<FaceChange>> ChangesAsync(int limit, CancellationToken cancellationToken);

    /// <summary>What <see cref="ChangesAsync"/> told is stored.</summary>
    Task ConfirmAsync(IReadOnlyList<long> changes, CancellationToken cancellationToken);

    /// <summary>How many faces are assessed, and how many changes are not confirmed.</summary>
    Task<AssessedFaces> CountAsync(CancellationToken cancellationToken);

    /// <summary>Every assessed face is a change again.</summary>
    Task TellAllAgainAsync(CancellationToken cancellationToken);
}

/// <summary>Who wants to see faces.</summary>
/// <param name="Gallery">By name.</param>
/// <param name="Name">As the edge found out.</param>
/// <param name="Role">Null for somebody anonymous.</param>
public sealed record FaceReader(string Gallery, string Name, string? Role);

/// <param name="Face">Its UUID.</param>
/// <param name="Visible">Whether the caller may see it.</param>
/// <param name="Photo">The UUID of the photo it is in; null for one that was enrolled or only seen.</param>
/// <param name="Thumbnail">A link to its picture, signed: a path or an address; null where none is kept, and for a face that is not visible.</param>
/// <param name="IsAssessable">Whether a picture of it is, or may still be, assessed.</param>
public sealed record ListedFace(Guid Face, bool Visible, Guid? Photo, string? Thumbnail, bool IsAssessable);

/// <param name="Id">To confirm it with.</param>
/// <param name="Face">Its UUID.</param>
/// <param name="Now">Null for one that is gone, or not assessed.</param>
public sealed record FaceChange(long Id, Guid Face, AssessedFace? Now);

/// <param name="Album">The UUID of its photo's album.</param>
/// <param name="BlurScore">See <see cref="FaceAssessment"/>, also for the other scores.</param>
/// <param name="BrightnessScore">Mean luminance.</param>
/// <param name="ExposureScore">The part with drawing.</param>
/// <param name="Confidence">The detector's score.</param>
/// <param name="Box">Pixels of its image.</param>
/// <param name="Landmarks">Pixels of the same image.</param>
/// <param name="Occlusion">What looks covered.</param>
public sealed record AssessedFace(
    Guid? Album, float BlurScore, float BrightnessScore, float ExposureScore, float Confidence, FaceBox Box, Landmarks Landmarks,
    Occlusion Occlusion);

/// <param name="Faces">How many are assessed.</param>
/// <param name="Changes">How many changes are not confirmed.</param>
public sealed record AssessedFaces(long Faces, long Changes);
