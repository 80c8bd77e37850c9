namespace FaceCloud.Files;

/// <summary>What a key may be, so that it is the same file in every store.</summary>
internal static class FileKey
{
    /// <summary>Of a file; or, to delete, of all below a folder, which ends with <c>/</c>.</summary>
    /// <exception cref="ArgumentException">
    /// Empty, absolute, or with a segment that is empty, <c>.</c> or <c>..</c>: it would lead elsewhere, or to all there is.
    /// </exception>
    public static string Require(string key, bool mayBeFolder = false)
    {
        var file = mayBeFolder && key.EndsWith('/') ? key[..^1] : key;
        return !file.Contains('\\', StringComparison.Ordinal) && file.Split('/').All(segment => segment is not ("" or "." or ".."))
            ? key
            : throw new ArgumentException($"'{key}' is no key of a file.", nameof(key));
    }
}
