using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Records;

/// <summary><c>POST /records</c>.</summary>
internal static class CreateRecord
{
    [Fails(Failure.NoFace)]
    [AnswersHeader("X-Faces-Found", "How many faces the photo has; the largest was taken.")]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, HttpResponse response, Enrolment enrolment, bool? strict, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var request = new EnrolmentRequest(
            "records",
            gallery,
            PersonName.Require(form.Text("name")),
            await form.FileAsync("image", cancellationToken),
            Strict: form.Flag("strict") ?? strict ?? false,
            Metadata: Record.RequireMetadata(form.Text("metadata")));
        var enrolled = await enrolment.EnrolAsync(request, cancellationToken);
        enrolled.TellFacesFound(response);
        return TypedResults.Ok(new Response(
            true, $"Face record created successfully for '{request.Name}'", Record.Of(enrolled.Person.Name, enrolled.Face)));
    }

    /// <param name="Image">The photo.</param>
    /// <param name="Name">Who it is; 1 to 200 characters.</param>
    /// <param name="Metadata">A JSON object, kept with the record.</param>
    /// <param name="Strict">Refuse a photo with several faces.</param>
    internal sealed record Form(
        [property: Required] IFormFile Image, [property: Required, StringLength(200, MinimumLength = 1)] string Name, string? Metadata, bool? Strict);

    internal sealed record Response(bool Success, string Message, Record Record);
}
