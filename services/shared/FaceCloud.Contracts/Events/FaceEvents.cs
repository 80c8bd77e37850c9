namespace FaceCloud.Contracts.Events;

/// <summary>
/// Faces were assessed, moved to another album, removed, or given to somebody. Which, and what they are now, identity tells whoever follows it.
/// </summary>
/// <param name="Count">How many.</param>
public sealed record FacesChanged(int Count);
