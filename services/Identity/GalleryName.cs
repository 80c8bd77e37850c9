using System.Text.RegularExpressions;
using FaceCloud.Contracts;

namespace FaceCloud.Identity;

/// <summary>The gallery a request is about, from its <c>X-Gallery</c> header.</summary>
internal static partial class GalleryName
{
    private const string Default = "default";

    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: not one name of 1 to 64 letters, digits, dots, dashes or underscores.</exception>
    public static string Of(HttpRequest request)
    {
        var values = request.Headers[GalleryHeader.Name];
        if (values.Count == 0)
        {
            return Default;
        }

        return values is [{ } name] && Pattern().IsMatch(name)
            ? name
            : throw new FailureException(
                Failure.Malformed, $"{GalleryHeader.Name} must be one name of 1 to 64 letters, digits, '.', '-' or '_', starting with a letter or digit.");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Pattern();
}
