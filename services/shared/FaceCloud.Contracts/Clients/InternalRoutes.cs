namespace FaceCloud.Contracts.Clients;

/// <summary>
/// What services ask of each other. Every call is a POST of one <see cref="Frames.Frame{T}"/> and is answered by one; a failure is answered by
/// a <see cref="FailureBody"/>. Every call may be repeated. The gateway routes none of these.
/// </summary>
public static class InternalRoutes
{
    public const string Prefix = "/internal";

    /// <summary>Bytes a frame may have on its way there: the largest file any dialect takes (20 MB) and what is around it.</summary>
    public const int MaxFrame = 24 * 1024 * 1024;

    public const string Detect = "/internal/detect";
    public const string Embed = "/internal/embed";
    public const string Assess = "/internal/assess";
    public const string FindFaces = "/internal/faces/find";
    public const string FindAlbum = "/internal/faces/album";
    public const string FaceChanges = "/internal/faces/changes";
    public const string ConfirmChanges = "/internal/faces/changes/confirm";
    public const string CountAssessed = "/internal/faces/assessed";
    public const string TellAllAgain = "/internal/faces/changes/all";
    public const string IndexUpsert = "/internal/index/upsert";
    public const string IndexDelete = "/internal/index/delete";
    public const string IndexSearch = "/internal/index/search";
    public const string IndexCount = "/internal/index/count";

    /// <summary>Takes a sequence of frames instead of one.</summary>
    public const string IndexRebuild = "/internal/index/rebuild";
}
