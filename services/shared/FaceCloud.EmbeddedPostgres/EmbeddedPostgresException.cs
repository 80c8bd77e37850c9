namespace FaceCloud.EmbeddedPostgres;

/// <summary>The embedded database cannot run. The message says why, and what to change, in a form that can be shown as it is.</summary>
public sealed class EmbeddedPostgresException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The reason is that another process uses the data folder.</summary>
    public bool InUse { get; init; }
}
