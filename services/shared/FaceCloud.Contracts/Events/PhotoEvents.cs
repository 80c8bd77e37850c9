namespace FaceCloud.Contracts.Events;

/// <summary>A photo's file and row are stored; its faces are not looked for yet.</summary>
public sealed record PhotoStored(long PhotoId);

/// <summary>A photo's faces are stored with their crops and embeddings; searches do not find them yet.</summary>
public sealed record FacesDetected(long PhotoId);

/// <summary>Searches find a photo's faces; who they are is not decided yet.</summary>
public sealed record FacesIndexed(long PhotoId);
