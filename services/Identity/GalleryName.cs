using System.Text.RegularExpressions;
using FaceCloud.Contracts;

namespace FaceCloud.Identity;

/// <summary>The gallery a request is about, from its <c>X-Gallery</c> header.</summary>
internal static partial class GalleryName
{
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: not one name of 1 to 64 letters, digits, dots, dashes or underscores.</exception>
    public static string Of(HttpRequest request)
    {
        var values = request.Headers[GalleryHeader.Name];
        return values.Count == 0 ? GalleryHeader.Default : Require(values.ToString());
    }

    /// <param name="name">As it was sent.</param>
    /// <inheritdoc cref="Of"/>
    public static string Require(string name) =>
        Pattern().IsMatch(name)
            ? name
            : throw new FailureException(
                Failure.Malformed, $"{GalleryHeader.Name} must be one name of 1 to 64 letters, digits, '.', '-' or '_', starting with a letter or digit.");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Pattern();
}
