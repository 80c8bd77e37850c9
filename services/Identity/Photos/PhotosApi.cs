namespace FaceCloud.Identity.Photos;

/// <summary>The photos of the library and their files; in the library dialect's form.</summary>
internal static class PhotosApi
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] OtherFormats = ["image/png", "image/webp", "image/bmp", "image/tiff", "image/gif", "image/avif"];

    public static void MapPhotosApi(this IEndpointRouteBuilder app)
    {
        var photos = app.MapGroup("").WithTags("library").AddEndpointFilter(RequireDatabase.FilterAsync);
        photos.MapPost("/api/photos", UploadPhotos.HandleAsync).WithSummary("Upload photos");
        photos.MapGet("/api/photos", ListPhotos.HandleAsync).WithSummary("The photos, the newest first");
        photos.MapGet("/api/photos/{id}", GetPhoto.HandleAsync).WithSummary("A photo with its faces");
        photos.MapDelete("/api/photos/{id}", DeletePhoto.HandleAsync).WithSummary("Delete a photo with its faces and files");
        photos.MapMethods("/media/{year:int}/{month:int}/{id:long}/{filename}", Reading, GetMedia.HandleAsync).WithSummary("The file of a photo")
            .Produces(StatusCodes.Status200OK, null, "image/jpeg", OtherFormats);
        photos.MapMethods(ThumbnailUrls.Route, Reading, GetThumbnail.HandleAsync).WithSummary("The picture of a face, by a link that expires")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
        photos.MapMethods("/processed/faces/face_{id:long}.jpg", Reading, GetCrop.HandleAsync).WithSummary("The crop of a face")
            .Produces(StatusCodes.Status200OK, contentType: "image/jpeg");
    }
}
