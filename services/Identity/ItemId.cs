using System.Globalization;
using FaceCloud.Contracts;

namespace FaceCloud.Identity;

/// <summary>What a client calls a photo or an album: its number or its UUID, whichever dialect it has it from.</summary>
/// <param name="Number">Null for a UUID, and for what is neither.</param>
/// <param name="Uuid">Null for a number, and for what is neither.</param>
internal readonly record struct ItemId(long? Number, Guid? Uuid)
{
    /// <summary>What is neither finds nothing.</summary>
    public static ItemId Of(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new ItemId(number, null)
        : Guid.TryParseExact(text, "d", out var uuid) || Guid.TryParseExact(text, "n", out uuid) ? new ItemId(null, uuid)
        : default;

    /// <summary>That there is no such thing in the caller's gallery.</summary>
    /// <param name="what"><c>photo</c>, <c>album</c>, ...</param>
    /// <param name="text">As it was sent.</param>
    public static FailureException NotFound(string what, string text) => new(Failure.NotFound, $"{char.ToUpperInvariant(what[0])}{what[1..]} not found")
    {
        Details = new Dictionary<string, object?> { [$"{what}_id"] = Of(text).Number is { } number ? number : text },
    };
}
