using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Records;

/// <summary><c>POST /records</c>.</summary>
internal static class CreateRecord
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, HttpResponse response, Enrolment enrolment, bool? strict, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var request = new EnrolmentRequest(
            gallery,
            PersonName.Require(form.Text("name")),
            await form.FileAsync("image", cancellationToken),
            Strict: form.Flag("strict") ?? strict ?? false,
            Metadata: Record.RequireMetadata(form.Text("metadata")));
        var enrolled = await enrolment.EnrolAsync(request, cancellationToken);
        enrolled.TellFacesFound(response);
        return TypedResults.Ok(new Response(
            true, $"Face record created successfully for '{request.Name}'", Record.Of(enrolled.Person, enrolled.Face)));
    }

    internal sealed record Response(bool Success, string Message, Record Record);
}
