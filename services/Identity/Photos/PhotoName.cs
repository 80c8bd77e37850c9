using System.Text;

namespace FaceCloud.Identity.Photos;

/// <summary>The name of a photo's file as it is kept and shown; it is never a path.</summary>
internal static class PhotoName
{
    private const int MaxLength = 255;

    /// <summary>What a client calls the file, without folders and control characters, 255 characters at most; <c>photo.jpg</c> where nothing is left.</summary>
    /// <param name="sent">Null where the client named none.</param>
    /// <param name="extension">Of the name that is given then.</param>
    public static string Of(string? sent, string extension)
    {
        // Browsers of old and scripts send whole paths, of either system.
        var name = sent?[(sent.LastIndexOfAny(['/', '\\']) + 1)..] ?? "";
        var kept = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > MaxLength)
            {
                break;
            }

            if (!Rune.IsControl(rune))
            {
                kept.Append(rune);
            }
        }

        return kept.ToString().Trim() is { Length: > 0 } usable and not ("." or "..") ? usable : $"photo.{extension}";
    }
}
