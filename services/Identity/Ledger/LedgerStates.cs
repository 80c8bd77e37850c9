using System.Text.Json;
using System.Text.Json.Serialization;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity;

/// <summary>What has been decided about a face: the part of its row that the ledger writes and puts back.</summary>
/// <param name="PersonId">Whose it is.</param>
/// <param name="PersonConfidence">How sure, as a similarity: of the assignment, or of the proposal while that waits.</param>
/// <param name="AssignedBy">Who said so; null without a person.</param>
/// <param name="ProposedPersonId">Whose it may be.</param>
/// <param name="Mark">What a user said of it while it is nobody's.</param>
internal sealed record FaceState(long? PersonId, float? PersonConfidence, Assigner? AssignedBy, long? ProposedPersonId, FaceMark Mark)
{
    public static readonly FaceState Unidentified = new(null, null, null, null, FaceMark.None);

    public static FaceState Of(Face face) => new(face.PersonId, face.PersonConfidence, face.AssignedBy, face.ProposedPersonId, face.Mark);

    public static FaceState Assigned(long personId, Assigner by, float? confidence) => new(personId, confidence, by, null, FaceMark.None);

    public static FaceState Proposed(long personId, float confidence) => new(null, confidence, null, personId, FaceMark.None);

    public static FaceState Marked(FaceMark mark) => new(null, null, null, null, mark);
}

/// <summary>A person's row but for its id.</summary>
internal sealed record PersonState(Guid Uuid, string Name, string Alias, DateTime CreatedAt);

/// <summary>That a face is not a person; what there is to say of it is that it is there.</summary>
internal sealed record NegativeState(bool NotThisPerson)
{
    public static readonly NegativeState There = new(true);
}

/// <summary>States as the text that <see cref="LedgerChange"/> holds.</summary>
internal static class LedgerJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Null for what is not there.</summary>
    public static string? Write<T>(T? state)
        where T : class =>
        state is null ? null : JsonSerializer.Serialize(state, Options);

    /// <summary>Null for what is not there.</summary>
    public static T? Read<T>(string? json)
        where T : class =>
        json is null ? null : JsonSerializer.Deserialize<T>(json, Options);
}
