using System.ComponentModel.DataAnnotations;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Analytics;

/// <summary><c>POST /register</c>: a known name gets one more sample and keeps its id.</summary>
internal static class Register
{
    [AnswersHeader("X-Faces-Found", "How many faces the photo has; the largest was taken.")]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, HttpResponse response, Enrolment enrolment, bool? strict, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var request = new EnrolmentRequest(
            "analytics",
            gallery,
            PersonName.Require(form.Text("person_name")),
            await form.FileAsync("file", cancellationToken),
            Strict: form.Flag("strict") ?? strict ?? false);
        var enrolled = await enrolment.EnrolAsync(request, cancellationToken);
        enrolled.TellFacesFound(response);
        return TypedResults.Ok(new Response(true, $"Successfully registered {request.Name}", enrolled.Person.Alias));
    }

    /// <param name="File">The photo.</param>
    /// <param name="PersonName">Who it is; 1 to 200 characters.</param>
    /// <param name="Strict">Refuse a photo with several faces.</param>
    internal sealed record Form(
        [property: Required] IFormFile File, [property: Required, StringLength(200, MinimumLength = 1)] string PersonName, bool? Strict);

    internal sealed record Response(bool Success, string Message, string PersonId);
}
