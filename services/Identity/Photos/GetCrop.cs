using FaceCloud.Contracts;
using FaceCloud.Files;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary><c>GET /processed/faces/face_{id}.jpg</c>: the aligned crop of a face, or the portrait of one that was enrolled.</summary>
internal static class GetCrop
{
    public static async Task<FileStreamHttpResult> HandleAsync(
        HttpContext http, long id, IdentityDb db, IFileStore files, CancellationToken cancellationToken)
    {
        var face = await db.RequireOpenFaceAsync(http.Request, id, cancellationToken);
        var answer = await ServeAsync(http, face, db, files, cancellationToken);

        // Looked at again it has another crop: browsers keep this one and ask each time whether it is still the one.
        http.Response.Headers.CacheControl = "private, no-cache";
        return answer;
    }

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: no picture is kept of it.</exception>
    public static async Task<FileStreamHttpResult> ServeAsync(
        HttpContext http, Face face, IdentityDb db, IFileStore files, CancellationToken cancellationToken)
    {
        var photo = await db.Photos.Where(photo => photo.Id == face.PhotoId).Select(photo => (Guid?)photo.Uuid).SingleOrDefaultAsync(cancellationToken);
        try
        {
            return await ServeAsync(face);
        }
        catch (FailureException e) when (e.Failure == Failure.NotFound)
        {
            // Looked at again since its row was read, it has another crop by now.
            var now = await db.Faces.AsNoTracking().SingleOrDefaultAsync(row => row.Id == face.Id, cancellationToken);
            if (now is null || now.Ordinal == face.Ordinal)
            {
                throw;
            }

            return await ServeAsync(now);
        }

        Task<FileStreamHttpResult> ServeAsync(Face face)
        {
            var key = FaceFiles.Picture(face.Uuid, photo, face.Ordinal, face.Portrait is not null)
                ?? throw new FailureException(Failure.NotFound, "File not found");
            return StoredFile.ServeAsync(
                http, files, key, "image/jpeg", $"{face.Uuid:n}-{face.Ordinal}", face.Ordinal is null ? face.CreatedAt : null, cancellationToken);
        }
    }
}
