using System.Globalization;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Records;

/// <param name="Id">The face's.</param>
/// <param name="Name">The person's.</param>
/// <param name="Metadata">The JSON object that came with the enrolment; null without one.</param>
/// <param name="CreatedAt">UTC, <c>yyyy-MM-ddTHH:mm:ss</c>.</param>
/// <param name="EmbeddingIndex">Counts the enrolments of the gallery from 0; never used again.</param>
internal sealed record Record(Guid Id, string Name, JsonElement? Metadata, string CreatedAt, long EmbeddingIndex)
{
    private const int MaxMetadataLength = 64 * 1024;

    public static Record Of(string name, Face face) => new(
        face.Uuid,
        name,
        MetadataOf(face),
        face.CreatedAt.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture),
        face.EmbeddingIndex ?? throw new InvalidOperationException("Only an enrolled face is a record."));

    public static JsonElement? MetadataOf(Face face) => face.Metadata is null ? null : JsonElement.Parse(face.Metadata);

    /// <summary>The metadata of a request, checked; null if it sent none.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: no JSON object, or a very long one.</exception>
    public static string? RequireMetadata(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length > MaxMetadataLength)
        {
            throw new FailureException(Failure.Malformed, $"The metadata is longer than {MaxMetadataLength} characters.");
        }

        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object
                ? text
                : throw new FailureException(Failure.Malformed, "The metadata must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new FailureException(Failure.Malformed, "The metadata must be a JSON object.", e);
        }
    }
}
