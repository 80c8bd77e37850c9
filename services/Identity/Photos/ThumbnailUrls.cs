using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FaceCloud.Files;
using FaceCloud.ServiceDefaults;
using Microsoft.Extensions.Options;
using FileOptions = FaceCloud.Files.FileOptions;

namespace FaceCloud.Identity.Photos;

/// <summary>
/// Links to the pictures of faces that whoever has them can follow, without a token, for an hour: those of a store that serves files itself, else of
/// ours, with an HMAC over face and time. A face is of one gallery for ever, so its UUID says that, too.
/// </summary>
internal sealed class ThumbnailUrls(IFileStore files, IOptions<FileOptions> options, TimeProvider clock)
{
    private const string Folder = "/processed/thumbnails";
    private const string MediaType = "image/jpeg";

    /// <summary>Where they answer.</summary>
    public const string Route = $"{Folder}/{{face:guid}}.jpg";

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly byte[] _key = options.Value.UrlKey is { } key ? Convert.FromBase64String(key) : RandomNumberGenerator.GetBytes(FileOptions.UrlKeyBytes);

    /// <summary>A link to a face's picture; null where none is kept.</summary>
    /// <param name="http">Tells by which name the client reaches us.</param>
    /// <param name="face">The caller may see it.</param>
    /// <param name="picture">Its key in the store, see <see cref="FaceFiles.Picture"/>.</param>
    public string? Of(HttpRequest http, Guid face, string? picture) => Link(face, picture) is { } link ? PublicAddress.Of(http, link) : null;

    /// <summary>The same for who has the client's request: a path where the files are ours.</summary>
    /// <inheritdoc cref="Of"/>
    public string? Link(Guid face, string? picture)
    {
        if (picture is null)
        {
            return null;
        }

        var expires = (clock.GetUtcNow() + Life).ToUnixTimeSeconds();
        return files.Link(picture, MediaType, Life) ?? string.Create(
            CultureInfo.InvariantCulture, $"{Folder}/{face}.jpg?expires={expires}&signature={Sign(face, expires)}");
    }

    /// <summary>How long a link still holds; null if it is not one of ours or has expired.</summary>
    /// <param name="face">As the link says.</param>
    /// <param name="expires">As the link says, in seconds since 1970.</param>
    /// <param name="signature">As the link says.</param>
    public TimeSpan? TimeLeft(Guid face, long expires, string signature)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(Sign(face, expires))))
        {
            return null;
        }

        var left = DateTimeOffset.FromUnixTimeSeconds(expires) - clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : null;
    }

    private string Sign(Guid face, long expires) => Base64Url.EncodeToString(
        HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{face}.jpg {expires}"))));
}
