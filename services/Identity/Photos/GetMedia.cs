using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Files;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.Imaging;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Photos;

/// <summary><c>GET /media/{year}/{month}/{id}/{filename}</c>: the file as it was uploaded. Year and month are for people and may be any.</summary>
internal static class GetMedia
{
    public static async Task<FileStreamHttpResult> HandleAsync(
        HttpContext http, long id, string filename, IdentityDb db, IFileStore files, CancellationToken cancellationToken)
    {
        var photo = await db.RequireOpenPhotoAsync(http.Request, id.ToString(CultureInfo.InvariantCulture), cancellationToken);
        return photo.Filename == filename
            ? await StoredFile.ServeAsync(
                http, files, PhotoFiles.Original(photo.Uuid, photo.Extension), ImageFormats.MediaType(photo.Extension),
                Convert.ToHexStringLower(photo.Sha256), photo.CreatedAt, cancellationToken)
            : throw new FailureException(Failure.NotFound, "File not found");
    }
}
