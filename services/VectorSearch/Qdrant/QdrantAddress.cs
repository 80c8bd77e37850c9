using System.Data.Common;
using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>Where a Qdrant server listens for REST, and the key it asks for.</summary>
/// <param name="Endpoint">As in <c>http://qdrant:6333</c>.</param>
/// <param name="Key">Null: it asks for none.</param>
internal sealed record QdrantAddress(Uri Endpoint, string? Key)
{
    /// <summary>Reads a connection string such as <c>Endpoint=http://qdrant:6333;Key=...</c>.</summary>
    /// <exception cref="InvalidOperationException">It is no such thing. The program does not start.</exception>
    public static QdrantAddress Parse(string connectionString)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            // What is wrong with it is told without quoting it: it holds the key.
            throw Invalid();
        }

        return Uri.TryCreate(Part("Endpoint"), UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? new QdrantAddress(endpoint, Part("Key"))
            : throw Invalid();

        string? Part(string name) => parts.TryGetValue(name, out var value) && value is string { Length: > 0 } text ? text : null;
    }

    /// <summary>Has a client call there.</summary>
    public void SetIn(HttpClient http)
    {
        http.BaseAddress = Endpoint;
        if (Key is not null)
        {
            http.DefaultRequestHeaders.Add("api-key", Key);
        }
    }

    private static InvalidOperationException Invalid() =>
        new($"ConnectionStrings:{ServiceNames.Vectors} has to be like Endpoint=http://qdrant:6333;Key=..., with the port of Qdrant's REST interface.");
}
