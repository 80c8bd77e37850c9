using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Analytics;

/// <summary><c>POST /register</c>: a known name gets one more sample and keeps its id.</summary>
internal static class Register
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, HttpResponse response, Enrolment enrolment, bool? strict, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var request = new EnrolmentRequest(
            gallery,
            PersonName.Require(form.Text("person_name")),
            await form.FileAsync("file", cancellationToken),
            Strict: form.Flag("strict") ?? strict ?? false);
        var enrolled = await enrolment.EnrolAsync(request, cancellationToken);
        enrolled.TellFacesFound(response);
        return TypedResults.Ok(new Response(true, $"Successfully registered {request.Name}", enrolled.Person.Alias));
    }

    internal sealed record Response(bool Success, string Message, string PersonId);
}
