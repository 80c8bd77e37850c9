using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts.Device;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Device;

/// <summary><c>POST /v1/database/add</c>.</summary>
internal static class AddIdentity
{
    [AnswersHeader("X-Faces-Found", "How many faces the photo has; the largest was taken.")]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, HttpResponse response, Enrolment enrolment, bool? strict, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var name = PersonName.Require(request.Name);
        var enrolled = await enrolment.EnrolAsync(
            new EnrolmentRequest(
                "device", gallery, name, Base64File.RequireImage(request.Image), DeviceBox.Parse(request.Bbox), request.Strict ?? strict ?? false),
            cancellationToken);
        enrolled.TellFacesFound(response);
        return TypedResults.Ok(new Response($"Identity '{name}' added successfully", name));
    }

    /// <param name="Name">Who it is.</param>
    /// <param name="Image">The photo, base64.</param>
    /// <param name="Bbox">[x, y, width, height] of the face; the largest one without.</param>
    /// <param name="Strict">Refuse a photo with several faces.</param>
    internal sealed record Request(
        [property: Required, StringLength(200, MinimumLength = 1)] string? Name, [property: Required] Base64File? Image,
        [property: Length(4, 4)] double[]? Bbox, bool? Strict);

    internal sealed record Response(string Message, string Name);
}
