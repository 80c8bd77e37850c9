using System.Text.RegularExpressions;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Every operation of the OpenAPI document, called by everybody.</summary>
[Collection(Guarded.Name)]
public sealed partial class AccessMatrixTests(Guarded facecloud, ITestOutputHelper output)
{
    private const string Anybody = "anybody", Viewer = "viewer", Photographer = "photographer", Admin = "admin";

    private static readonly string[] Roles = [Viewer, Photographer, Admin];

    private static readonly string[] Nobodies =
        ["expired", "wrong issuer", "wrong audience", "alg none", "public key as secret", "another's signature", "no token", "revoked key"];

    // Who may make a call, and what he gets for one without a body, about what is not there.
    private static readonly Dictionary<string, (string Role, int Status)> Expected = new()
    {
        ["POST /v1/detect"] = (Viewer, 400),
        ["POST /v1/embed"] = (Viewer, 400),
        ["POST /v1/recognize"] = (Viewer, 400),
        ["POST /v1/database/add"] = (Photographer, 400),
        ["POST /v1/database/remove"] = (Photographer, 400),
        ["GET /v1/database/list"] = (Viewer, 200),
        ["GET /records"] = (Viewer, 200),
        ["POST /records"] = (Photographer, 400),
        ["POST /records/match"] = (Viewer, 400),
        ["DELETE /records/{id}"] = (Photographer, 404),
        ["POST /maintenance/rebuild-index"] = (Admin, 200),
        ["POST /analyze"] = (Photographer, 400),
        ["POST /register"] = (Photographer, 400),
        ["GET /stats"] = (Viewer, 200),
        ["GET /api/photos"] = (Viewer, 200),
        ["POST /api/photos"] = (Photographer, 400),
        ["GET /api/photos/{id}"] = (Viewer, 404),
        ["DELETE /api/photos/{id}"] = (Photographer, 404),
        ["GET /media/{year}/{month}/{id}/{filename}"] = (Viewer, 404),
        ["HEAD /media/{year}/{month}/{id}/{filename}"] = (Viewer, 404),
        ["GET /processed/faces/face_{id}.jpg"] = (Viewer, 404),
        ["HEAD /processed/faces/face_{id}.jpg"] = (Viewer, 404),
        ["GET /processed/thumbnails/{face}.jpg"] = (Anybody, 403), // whoever has the signature, and nobody else
        ["HEAD /processed/thumbnails/{face}.jpg"] = (Anybody, 403),
        ["POST /api/faces/assign"] = (Photographer, 400),
        ["POST /api/faces/batch-assign"] = (Photographer, 400),
        ["POST /api/faces/bulk-assign"] = (Photographer, 400),
        ["GET /api/faces/unidentified"] = (Viewer, 200),
        ["GET /api/faces/needs-review"] = (Viewer, 200),
        ["POST /api/faces/auto-recognize"] = (Photographer, 422),
        ["POST /api/faces/{faceId}/review"] = (Photographer, 400),
        ["PUT /api/faces/{faceId}/reassign"] = (Photographer, 400),
        ["DELETE /api/faces/{faceId}/person"] = (Photographer, 404),
        ["DELETE /api/faces/{faceId}"] = (Photographer, 404),
        ["POST /api/faces/{faceId}/mark-invalid"] = (Photographer, 404),
        ["POST /api/faces/{faceId}/mark-unknown"] = (Photographer, 404),
        ["GET /api/faces/{faceId}/history"] = (Viewer, 404),
        ["GET /api/faces/{faceId}/similar"] = (Viewer, 404),
        ["GET /api/faces/groups"] = (Viewer, 200),
        ["GET /api/faces/groups/{groupId}"] = (Viewer, 404),
        ["POST /api/faces/groups/{groupId}/name"] = (Photographer, 400),
        ["GET /api/people"] = (Viewer, 200),
        ["POST /api/people"] = (Photographer, 400),
        ["GET /api/people/{personId}"] = (Viewer, 404),
        ["PUT /api/people/{personId}"] = (Photographer, 400),
        ["DELETE /api/people/{personId}"] = (Photographer, 404),
        ["POST /api/people/{personId}/merge"] = (Photographer, 400),
        ["GET /api/people/{personId}/history"] = (Viewer, 404),
        ["GET /api/people/suggestions"] = (Viewer, 200),
        ["POST /api/history/{entryId}/undo"] = (Photographer, 404),
        ["GET /api/v1/albums"] = (Viewer, 200),
        ["POST /api/v1/albums"] = (Photographer, 400),
        ["GET /api/v1/albums/{id}"] = (Viewer, 404),
        ["PUT /api/v1/albums/{id}"] = (Photographer, 404),
        ["DELETE /api/v1/albums/{id}"] = (Photographer, 404),
        ["POST /api/v1/albums/{id}/photos"] = (Photographer, 404),
        ["POST /api/v1/albums/{id}/faces/reprocess"] = (Photographer, 404),
        ["POST /api/v1/faces/{id}/reprocess"] = (Photographer, 404),
        ["GET /api/v1/faces/{id}/quality"] = (Viewer, 404),
        ["POST /api/v1/faces/quality-check"] = (Viewer, 400),
        ["GET /api/v1/albums/{id}/faces/low-quality"] = (Viewer, 404),
        ["GET /api/v1/jobs"] = (Viewer, 200),
        ["POST /api/v1/faces/filter"] = (Viewer, 400),
        ["GET /api/v1/faces/duplicates"] = (Viewer, 200),
        ["GET /api/v1/faces/outliers"] = (Viewer, 200),
        ["POST /api/v1/faces/batch-delete"] = (Photographer, 400),
        ["GET /api/v1/jobs/{id}"] = (Viewer, 404),
        ["DELETE /api/v1/jobs/{id}"] = (Photographer, 404),
        ["GET /api/v1/audit"] = (Admin, 200),
        ["GET /api/v1/people/{id}/export"] = (Admin, 404),
        ["DELETE /api/v1/people/{id}"] = (Admin, 404),
        ["GET /api/v1/erasures/{id}"] = (Admin, 404),
        ["GET /api/v1/auth/keys"] = (Admin, 200),
        ["POST /api/v1/auth/keys"] = (Admin, 400),
        ["DELETE /api/v1/auth/keys/{name}"] = (Admin, 404),
        ["POST /api/v1/auth/token"] = (Anybody, 400),
        ["GET /health"] = (Anybody, 200),
        ["GET /health/ready"] = (Anybody, 200),
        ["GET /health/live"] = (Anybody, 200),
        ["GET /openapi/v1.json"] = (Anybody, 200),
    };

    // What belongs to a photographer, asked for by him, by another one, by a viewer and by an admin; without a body. What
    // deletes is not asked for by those who may: it is to be there for the next line.
    private static readonly Dictionary<string, (int? Owner, int Other, int Viewer, int? Admin)> Owned = new()
    {
        ["GET /api/v1/albums/{id}"] = (200, 403, 403, 200),
        ["PUT /api/v1/albums/{id}"] = (400, 403, 403, 400),
        ["DELETE /api/v1/albums/{id}"] = (null, 403, 403, null),
        ["POST /api/v1/albums/{id}/photos"] = (400, 403, 403, 400),
        ["POST /api/v1/albums/{id}/faces/reprocess"] = (202, 403, 403, 202),
        ["POST /api/v1/faces/{id}/reprocess"] = (202, 403, 403, 202),
        ["GET /api/v1/albums/{id}/faces/low-quality"] = (200, 403, 403, 200),
        ["GET /api/v1/faces/{id}/quality"] = (200, 403, 403, 200),
        ["GET /api/v1/jobs/{id}"] = (200, 403, 403, 200),
        ["DELETE /api/v1/jobs/{id}"] = (null, 403, 403, null),
        ["GET /api/photos/{id}"] = (200, 403, 403, 200),
        ["DELETE /api/photos/{id}"] = (null, 403, 403, null),
        ["GET /media/{year}/{month}/{id}/{filename}"] = (200, 403, 403, 200),
        ["HEAD /media/{year}/{month}/{id}/{filename}"] = (200, 403, 403, 200),
        ["GET /processed/faces/face_{id}.jpg"] = (200, 403, 403, 200),
        ["HEAD /processed/faces/face_{id}.jpg"] = (200, 403, 403, 200),

        // The library is one view of the gallery, pictures aside.
        ["GET /api/faces/{faceId}/history"] = (200, 200, 200, 200),
        ["GET /api/faces/{faceId}/similar"] = (200, 200, 200, 200),
        ["POST /api/faces/{faceId}/review"] = (400, 400, 403, 400),
        ["PUT /api/faces/{faceId}/reassign"] = (400, 400, 403, 400),
        ["DELETE /api/faces/{faceId}/person"] = (404, 404, 403, 404),
        ["POST /api/faces/{faceId}/mark-invalid"] = (200, 200, 403, 200),
        ["POST /api/faces/{faceId}/mark-unknown"] = (200, 200, 403, 200),
        ["DELETE /api/faces/{faceId}"] = (null, 403, 403, null),
    };

    [Fact]
    public async Task What_is_somebody_s_answers_each_as_it_should()
    {
        var api = await ApiDescription.OfAsync(facecloud.Http);
        Assert.Equal(
            Owned.Keys.Order(StringComparer.Ordinal),
            api.Operations.Where(operation => OfSomebody().IsMatch(operation.Path)).Select(operation => $"{operation}").Order(StringComparer.Ordinal));

        var things = await OwnedThings.MakeAsync(facecloud);
        var faults = new List<string>();
        foreach (var operation in api.Operations.Where(operation => Owned.ContainsKey($"{operation}")))
        {
            var (owner, other, viewer, admin) = Owned[$"{operation}"];
            foreach (var (caller, expected) in ((string, int?)[])[
                ("another photographer", other), ("another viewer", viewer), (Admin, admin), (Photographer, owner)])
            {
                if (expected is null)
                {
                    continue;
                }

                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), things.PathOf(operation.Path));
                request.Headers.Add("X-Gallery", OwnedThings.Gallery);
                await facecloud.SayAsync(request, caller);
                using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
                if ((int)response.StatusCode != expected)
                {
                    faults.Add($"{operation} answers {caller} {(int)response.StatusCode} instead of {expected}");
                }
                else if (await api.FaultAsync(operation, response) is { } fault)
                {
                    faults.Add($"{operation} answers {caller} otherwise than the document says: {fault}");
                }
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Every_operation_answers_everybody_as_it_should()
    {
        var api = await ApiDescription.OfAsync(facecloud.Http);
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), api.Operations.Select(operation => $"{operation}").Order(StringComparer.Ordinal));

        var calls = 0;
        var faults = new List<string>();
        foreach (var operation in api.Operations)
        {
            var (role, status) = Expected[$"{operation}"];
            foreach (var (caller, expected) in Callers(operation, role, status))
            {
                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), Nothing(api, operation));
                request.Headers.Add("X-Gallery", "empty");
                await facecloud.SayAsync(request, caller);
                using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
                calls++;
                if ((int)response.StatusCode != expected)
                {
                    faults.Add($"{operation} answers {caller} {(int)response.StatusCode} instead of {expected}");
                }
                else if (await api.FaultAsync(operation, response) is { } fault)
                {
                    faults.Add($"{operation} answers {caller} otherwise than the document says: {fault}");
                }
            }
        }

        output.WriteLine($"{api.Operations.Count} operations, {calls} calls.");
        Assert.Empty(faults);
    }

    private static IEnumerable<(string Caller, int Status)> Callers(ApiDescription.Operation operation, string role, int status)
    {
        yield return ("anonymous", role == Anybody ? status : 401);
        foreach (var nobody in Nobodies)
        {
            yield return (nobody, 401);
        }

        yield return ("no role", 403);
        foreach (var caller in Roles)
        {
            // Making a token is nothing a viewer does: who has one needs no other.
            var least = role == Anybody && operation.Method == "POST" ? Photographer : role == Anybody ? Viewer : role;
            var expected = Array.IndexOf(Roles, caller) >= Array.IndexOf(Roles, least) ? status : 403;
            yield return (caller, expected);
            yield return ($"another {caller}", expected);
            yield return ($"{caller} of the provider", expected);
            yield return ($"key of a {caller}", expected);
        }
    }

    /// <summary>A path of what is not there.</summary>
    private static string Nothing(ApiDescription api, ApiDescription.Operation operation) => Parameter().Replace(operation.Path, part =>
        api.Parameters(operation, "path")
            .Single(parameter => (string?)parameter["name"] == part.Groups[1].Value)["schema"]!["type"]!.GetValue<string>() == "integer"
        ? "999999999"
        : part.Value is "{name}" or "{filename}" ? "nobody" : "0197f000-0000-7000-8000-000000000000");

    // Of a path with the id of an album, a photo, a face or a job.
    [GeneratedRegex(@"^/media/|/(albums|photos|jobs)/\{|/faces/(face_)?\{")]
    private static partial Regex OfSomebody();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
