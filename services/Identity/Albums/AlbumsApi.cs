namespace FaceCloud.Identity.Albums;

/// <summary>Albums: photos that belong together; in the quality dialect's form.</summary>
internal static class AlbumsApi
{
    public static void MapAlbumsApi(this IEndpointRouteBuilder app)
    {
        var albums = app.MapGroup("/api/v1/albums").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        albums.MapGet("", ListAlbums.HandleAsync).WithSummary("The caller's albums, the newest first");
        albums.MapPost("", CreateAlbum.HandleAsync).WithSummary("Make an album");
        albums.MapGet("/{id}", GetAlbum.HandleAsync).WithSummary("An album");
        albums.MapPut("/{id}", RenameAlbum.HandleAsync).WithSummary("Rename an album");
        albums.MapDelete("/{id}", DeleteAlbum.HandleAsync).WithSummary("Delete an album; its photos stay");
        albums.MapPost("/{id}/photos", UploadToAlbum.HandleAsync).WithSummary("Upload photos into an album");
    }
}
