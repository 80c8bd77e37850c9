using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text;
using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Who may call what, where callers have to say who they are.</summary>
[Collection(Guarded.Name)]
public sealed class AccessTests(Guarded facecloud)
{
    [Fact]
    public async Task Load_balancers_are_not_asked()
    {
        foreach (var path in (string[])["/health", "/health/ready", "/health/live"])
        {
            using var response = await facecloud.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_description_of_the_calls_is_for_anybody_and_comes_from_here_alone()
    {
        foreach (var path in (string[])[
            "/docs", "/docs/index.html", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/index.js", "/openapi/v1.json"])
        {
            using var response = await facecloud.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            if (path.EndsWith("index.html", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("//", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_photo_in_somebody_s_album_is_closed_to_others_in_every_dialect()
    {
        using var anna = facecloud.As("anna", "photographer");
        using var ben = facecloud.As("ben", "photographer");
        using var admin = facecloud.As("root", "admin");
        using var created = await anna.PostAsJsonAsync("/api/v1/albums", new { name = "Summer" }, TestContext.Current.CancellationToken);
        var album = (string)(await created.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["album_id"]!;
        var uploaded = (await anna.PostPhotoAsync($"/api/v1/albums/{album}/photos", "file", PhotosTests.Unique(1))).Body;
        var photo = $"/api/photos/{uploaded["photos"]![0]!["id"]}";
        var media = (string)(await anna.OkAsync(HttpMethod.Get, photo))["media_url"]!;
        foreach (var path in (string[])[photo, media, $"/api/v1/albums/{album}", $"/api/photos?albumId={album}", $"/api/v1/jobs/{uploaded["job_id"]}"])
        {
            foreach (var (who, status) in ((HttpClient, HttpStatusCode)[])[
                (anna, HttpStatusCode.OK), (admin, HttpStatusCode.OK),
                (ben, HttpStatusCode.Forbidden), (facecloud.Http, HttpStatusCode.Unauthorized)])
            {
                using var answer = await who.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
                Assert.Equal(status, answer.StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_link_to_a_thumbnail_is_not_asked_for_a_token_but_has_to_be_signed()
    {
        using var answer = await facecloud.Http.GetAsync(
            $"/processed/thumbnails/{Guid.NewGuid()}.jpg?expires=9999999999&signature=x", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_for_one_gallery_sees_no_other()
    {
        var key = await facecloud.CreateKeyAsync("staff-only", "admin", "staff");
        foreach (var (gallery, status) in ((string?, HttpStatusCode)[])[
            ("staff", HttpStatusCode.OK), (null, HttpStatusCode.Forbidden), ("guests", HttpStatusCode.Forbidden)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/records");
            request.Headers.Add("X-Api-Key", key);
            if (gallery is not null)
            {
                request.Headers.Add("X-Gallery", gallery);
            }

            using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task What_a_client_says_of_itself_in_the_edge_s_headers_is_not_believed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/records");
        request.Headers.Add("X-FaceCloud-Caller", "root");
        request.Headers.Add("X-FaceCloud-Role", "admin");
        using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Open_to_others_it_does_not_start_unless_that_is_meant()
    {
        using var data = new DataFolder();
        var settings = new Dictionary<string, string> { ["Auth__Mode"] = "Open", ["Kestrel__Endpoints__All__Url"] = "http://0.0.0.0:0" };
        var (exitCode, _, errors) = await FaceCloudProcess.RunToEndAsync(data.Path, settings);
        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            "facecloud: Auth:Mode=Open lets everybody",
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_makes_lists_and_revokes_keys_of_a_running_server()
    {
        var url = facecloud.Http.BaseAddress!.ToString();
        using var create = await CommandProcess.RunAsync(facecloud.Data, ["token", "create", "door", "--role", "photographer", "--url", url]);
        Assert.Equal(0, create.ExitCode);
        using var list = await CommandProcess.RunAsync(facecloud.Data, ["token", "list", "--url", url]);
        Assert.Contains("door", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(create.Output.Trim(), list.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("X-Api-Key", create.Output.Trim()));

        using var revoke = await CommandProcess.RunAsync(facecloud.Data, ["token", "revoke", "door", "--url", url]);
        Assert.Equal(0, revoke.ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("X-Api-Key", create.Output.Trim()));

        using var sign = await CommandProcess.RunAsync(facecloud.Data, ["token", "sign", "anna", "--role", "viewer"]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("Authorization", $"Bearer {sign.Output.Trim()}"));

        async Task<HttpStatusCode> StatusAsync(string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/records");
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Limits_are_exact_for_fifty_callers_at_once_through_two_gateways_on_one_database_and_each_has_a_ceiling_over_everything()
    {
        const int Callers = 50, Limit = 20, Ceiling = 30;
        using var data = new DataFolder();
        await using var postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = data.Path }, NullLogger.Instance);
        var secret = Convert.ToBase64String(Encoding.ASCII.GetBytes("a secret of thirty-two characters"));
        var settings = new Dictionary<string, string>
        {
            [$"ConnectionStrings__{ServiceNames.IdentityDb}"] = postgres.ConnectionString,
            ["Auth__SigningKey"] = secret,
            ["Limits__CallsPerMinute"] = $"{Ceiling}"
        };
        foreach (var service in (string[])[
            ServiceNames.Detection, ServiceNames.Embedding, ServiceNames.VectorSearch, ServiceNames.Identity, ServiceNames.Quality])
        {
            settings[$"services__{service}__http__0"] = "http://127.0.0.1:9"; // nobody: a call that may be made is one that finds nobody
        }

        await using var first = new ServiceProcess(ServiceProcess.Built("FaceCloud.Gateway"), settings);
        await using var second = new ServiceProcess(ServiceProcess.Built("FaceCloud.Gateway"), settings);
        var addresses = new[] { await first.StartAsync(), await second.StartAsync() };
        using var http = new HttpClient();
        Assert.Equal(await facecloud.Http.GetByteArrayAsync("/openapi/v1.json"), await http.GetByteArrayAsync(new Uri(addresses[0], "/openapi/v1.json")));
        var token = new HandMadeToken { Subject = "everybody" }.SignWith(Convert.FromBase64String(secret));

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(addresses[i % 2], "/api/v1/faces/duplicates"));
            request.Headers.Authorization = new("Bearer", token);
            using var response = await http.SendAsync(request);
            string Header(string name) => Assert.Single(response.Headers.GetValues(name));
            Assert.Equal("20", Header("X-RateLimit-Limit"));
            Assert.True(response.StatusCode != HttpStatusCode.TooManyRequests || response.Headers.RetryAfter is not null);
            return (
                Reset: Header("X-RateLimit-Reset"),
                Remaining: int.Parse(Header("X-RateLimit-Remaining"), System.Globalization.CultureInfo.InvariantCulture),
                response.StatusCode);
        }));

        // A window may end while they call; each is exact.
        Assert.All(answers.GroupBy(answer => answer.Reset), window =>
        {
            var allowed = window.Where(answer => answer.StatusCode != HttpStatusCode.TooManyRequests).ToList();
            Assert.Equal(Math.Min(Limit, window.Count()), allowed.Count);
            Assert.Equal(allowed.Count, allowed.Select(answer => answer.Remaining).Distinct().Count());
        });

        // Whoever began in the last window and comes late is counted in the next one, and lets nobody in again.
        await using (var source = NpgsqlDataSource.Create(postgres.ConnectionString))
        {
            await using var command = source.CreateCommand("UPDATE edge.rate_counts SET window_start = window_start + interval '60 s', calls = 20");
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(addresses[0], "/api/v1/faces/duplicates"));
            request.Headers.Authorization = new("Bearer", token);
            using var late = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
            Assert.DoesNotContain(late.Headers.GetValues("X-RateLimit-Reset").Single(), answers.Select(answer => answer.Reset));
        }

        // Of a call that has no limit of its own. A window may end meanwhile, which lets as many pass again.
        var other = new HandMadeToken { Subject = "somebody else" }.SignWith(Convert.FromBase64String(secret));
        for (var call = 1; ; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(addresses[0], "/api/v1/albums"));
            request.Headers.Authorization = new("Bearer", other);
            using var response = await http.SendAsync(request);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.True(call > Ceiling);
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
                Assert.Equal("""{"detail":"Rate limit exceeded"}""", await response.Content.ReadAsStringAsync());
                return;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.True(call <= 3 * Ceiling);
        }
    }
}
