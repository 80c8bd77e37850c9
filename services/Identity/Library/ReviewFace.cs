using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary>
/// <c>POST /api/faces/{faceId}/review</c>, of a face for which somebody is proposed, or that has a person. A yes is a user's word from then on; a no
/// is remembered for ever.
/// </summary>
internal static class ReviewFace
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(long faceId, HttpRequest http, FaceCuration curation, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        switch (request.Approved)
        {
            case true:
                var personId = await curation.ApproveAsync(gallery, faceId, request.PersonId, cancellationToken);
                return TypedResults.Ok(new Response("Face assignment approved", new ReviewedFace(faceId, personId, false)));
            case false:
                await curation.RejectAsync(gallery, faceId, cancellationToken);
                return TypedResults.Ok(new Response("Face assignment rejected", new ReviewedFace(faceId, null, false)));
            default:
                throw new FailureException(Failure.Malformed, "The field 'approved' is missing.");
        }
    }

    /// <param name="Approved">Whether the face is who it is said to be.</param>
    /// <param name="PersonId">With a yes, whose it is; the one proposed if it is left out. With a no it is not looked at.</param>
    internal sealed record Request([property: Required] bool? Approved, [property: JsonPropertyName("personId")] long? PersonId);

    internal sealed record Response(string Message, ReviewedFace Face);

    internal sealed record ReviewedFace(long Id, long? PersonId, bool NeedsReview);
}
