using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Testing;
using Microsoft.OpenApi;

namespace FaceCloud.Standalone.Tests.OpenApi;

/// <summary>The OpenAPI document that both the program and the gateway answer with: a file of the build, which <c>tools/write-openapi.sh</c> writes.</summary>
public sealed class OpenApiTests
{
    private static readonly string Committed = Path.Combine(TestFiles.Repository, "gateway", "Edge", "OpenApi", "v1.json");
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    [Fact]
    public async Task The_document_is_what_the_endpoints_say_of_themselves()
    {
        using var data = new TempFolder();
        await using var app = Server.Compose([$"--Data:Path={data.Path}", "--Auth:DevelopmentIssuer=true"]);
        var examples = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "OpenApi", "Examples.json")))!.AsObject();
        var text = DocumentBuilder.Build(app, examples).ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("OPENAPI_WRITE") == "1")
        {
            await File.WriteAllTextAsync(Committed, text);
        }

        Assert.True(
            text == await File.ReadAllTextAsync(Committed),
            "An endpoint says something else of itself than the document does: run tools/write-openapi.sh.");
    }

    [Fact]
    public async Task The_document_is_valid()
    {
        var read = OpenApiDocument.Parse(await File.ReadAllTextAsync(Committed), OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors.Select(error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(error => error.ToString()));
        Assert.NotEmpty(read.Document!.Paths);
    }

    [Fact]
    public async Task Every_body_has_an_example_that_its_schema_allows()
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Committed))!.AsObject();
        var schemas = new JsonSchema(document);
        var bodies =
            from path in document["paths"]!.AsObject()
            from operation in path.Value!.AsObject()
            from content in Contents(operation.Value!)
            select (Name: $"{operation.Key} {path.Key}, {content.Where}", content.Media);
        Assert.Empty(bodies.Where(body => body.Media["example"] is null).Select(body => body.Name));
        Assert.Empty(bodies.SelectMany(body => schemas.Errors(body.Media["schema"]!, body.Media["example"]).Select(error => $"{body.Name}: {error}")));
    }

    private static IEnumerable<(string Where, JsonNode Media)> Contents(JsonNode operation)
    {
        if (operation["requestBody"]?["content"]?["application/json"] is { } request)
        {
            yield return ("request", request);
        }

        foreach (var (status, answer) in operation["responses"]!.AsObject().Where(answer => answer.Key[0] == '2'))
        {
            if (answer!["content"]?["application/json"] is { } media)
            {
                yield return (status, media);
            }
        }
    }
}
