using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Every operation of the OpenAPI document, called with what its schemas allow and with much that they do not.</summary>
[Collection(Guarded.Name)]
public sealed class FuzzTests(Guarded facecloud, ITestOutputHelper output)
{
    private const int Calls = 6000;
    private const int AtOnce = 8;

    // The documented limits are for each caller: nobody makes so many calls that he meets one, but where that is meant.
    private const int CallsOfOneCaller = 8;

    [Fact]
    public async Task No_call_whatever_it_holds_is_answered_otherwise_than_the_document_says()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FACECLOUD_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20260101;
        var api = await ApiDescription.OfAsync(facecloud.Http);
        var known = await KnownIds.MakeAsync(facecloud);

        // What deletes comes last, so that the others find something.
        var plan = api.Operations.OrderBy(operation => operation.Method == "DELETE" || operation.Path.EndsWith("delete", StringComparison.Ordinal))
            .SelectMany(operation => Enumerable.Repeat(operation, (Calls + api.Operations.Count - 1) / api.Operations.Count)).ToList();
        var (statuses, faults) = (new ConcurrentDictionary<int, int>(), new ConcurrentBag<string>());
        await Parallel.ForEachAsync(plan.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (call, cancellationToken) =>
        {
            var random = new Random(seed + call.Index);
            using var request = new FuzzedRequest(api, known, random).Make(call.Item);
            Say(request, call.Index, random);
            using var response = await facecloud.Http.SendAsync(request, cancellationToken);
            statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            if (await FaultAsync(api, call.Item, response) is { } fault)
            {
                faults.Add($"call {call.Index}, {call.Item}, to {Shortened(request)}: {fault}");
            }
        });

        output.WriteLine(
            $"Seed {seed}: {plan.Count} calls of {api.Operations.Count} operations; "
                + $"answers {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}"))}.");
        foreach (var fault in faults.Order(StringComparer.Ordinal).Take(20))
        {
            output.WriteLine(fault);
        }

        output.WriteLine(string.Join(
            '\n',
            facecloud.Program.Output.Split('\n').SkipWhile(line => !line.StartsWith("fail:", StringComparison.Ordinal)).Take(40)));

        Assert.Empty(faults);
        Assert.True(plan.Count >= 5000);

        // Much of it is right, or this test would say nothing of what happens then.
        Assert.InRange(statuses[200], plan.Count / 10, plan.Count);
        using var alive = await facecloud.Http.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.True(alive.IsSuccessStatusCode);
        Assert.DoesNotContain("fail:", facecloud.Program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_outside_of_what_the_document_allows_are_refused()
    {
        var api = await ApiDescription.OfAsync(facecloud.Http);
        var (calls, faults) = (0, new List<string>());
        foreach (var operation in api.Operations)
        {
            foreach (var (wrong, make) in new WrongRequests(api).Of(operation))
            {
                using var request = make();
                request.Headers.Add("X-Gallery", KnownIds.Gallery);
                var token = new HandMadeToken { Subject = $"wrong-{calls++}", Role = "admin" };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.SignWith(facecloud.Secret));
                using var response = await facecloud.Http.SendAsync(request, TestContext.Current.CancellationToken);
                if ((int)response.StatusCode is not (400 or 422)
                    && !(response.StatusCode == System.Net.HttpStatusCode.NotFound && operation.Path.Contains('{', StringComparison.Ordinal)))
                {
                    faults.Add($"{operation} with {wrong} is answered {(int)response.StatusCode}");
                }
            }
        }

        output.WriteLine($"{calls} calls.");
        Assert.Empty(faults);
    }

    private static async Task<string?> FaultAsync(ApiDescription api, ApiDescription.Operation operation, HttpResponseMessage response)
    {
        if (await api.FaultAsync(operation, response) is { } fault)
        {
            return fault;
        }

        if ((int)response.StatusCode < 400)
        {
            return null;
        }

        var text = await response.Content.ReadAsStringAsync();
        return text.Contains("Exception", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal)
            ? $"it tells of its inside: {text}"
            : null;
    }

    private static string Shortened(HttpRequestMessage request) =>
        request.RequestUri!.PathAndQuery is { Length: > 300 } text ? text[..300] + "..." : request.RequestUri!.PathAndQuery;

    private void Say(HttpRequestMessage request, int index, Random random)
    {
        var role = random.Next(20) switch { 0 => "viewer", 1 or 2 => "photographer", 3 => null, _ => "admin" };
        if (role is not null)
        {
            var token = new HandMadeToken { Subject = $"fuzz-{index / CallsOfOneCaller}", Role = role };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.SignWith(facecloud.Secret));
        }
    }
}
