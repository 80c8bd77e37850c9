using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>May somebody see these faces? Answered by <see cref="ListedFacesFrame"/>.</summary>
public sealed record FindFacesFrame(FaceReader Reader, IReadOnlyList<Guid> Faces);

/// <summary>Those that are there.</summary>
public sealed record ListedFacesFrame(IReadOnlyList<ListedFace> Faces);

/// <summary>May somebody see this album? Answered by <see cref="AlbumFrame"/>.</summary>
public sealed record FindAlbumFrame(FaceReader Reader, string Album);

/// <summary>Yes.</summary>
public sealed record AlbumFrame(Guid Album);

/// <summary>What has become of faces? Answered by <see cref="ChangesFrame"/>.</summary>
public sealed record ReadChangesFrame(int Limit);

/// <summary>This.</summary>
public sealed record ChangesFrame(IReadOnlyList<FaceChange> Changes);

/// <summary>These are stored.</summary>
public sealed record ConfirmFrame(IReadOnlyList<long> Changes);

/// <summary>How many faces are assessed? Answered by <see cref="AssessedFaces"/>.</summary>
public sealed record CountAssessedFrame;

/// <summary>All of them are to be told again.</summary>
public sealed record TellAllAgainFrame;
