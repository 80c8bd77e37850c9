using System.Diagnostics.CodeAnalysis;
using FaceCloud.Contracts;

namespace FaceCloud.Identity.Library;

/// <summary>Checks of what requests of the library dialect hold.</summary>
internal static class Require
{
    public const int MaxLimit = 1000;
    public const int DefaultLimit = 50;

    public const int MaxIds = 10_000;
    private const int MaxText = 1000;

    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: missing. One that nothing can have is not found later.</exception>
    public static long Id([NotNull] long? id, string field) =>
        id ?? throw new FailureException(Failure.Malformed, $"The field '{field}' is missing.");

    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: missing; <see cref="Failure.InvalidRequest"/>: none, or too many.</exception>
    public static long[] Ids([NotNull] long[]? ids, string field) => ids switch
    {
        null => throw new FailureException(Failure.Malformed, $"The field '{field}' is missing."),
        { Length: 0 or > MaxIds } => throw new FailureException(Failure.InvalidRequest, $"The field '{field}' must hold 1 to {MaxIds} ids."),
        _ => ids,
    };

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: not from 0 to 1.</exception>
    public static double? Fraction(double? value, string field) =>
        value is null or (>= 0 and <= 1) ? value : throw new FailureException(Failure.InvalidRequest, $"The value of '{field}' must be between 0 and 1.");

    /// <summary>Words of a user, without surrounding white space; null if there are none.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: too long, or what the database cannot hold.</exception>
    public static string? Text(string? text, string field)
    {
        text = text?.Trim();
        if (text?.Length > MaxText || text?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new FailureException(Failure.Malformed, $"The field '{field}' must be text of at most {MaxText} characters.");
        }

        return string.IsNullOrEmpty(text) ? null : text;
    }

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>.</exception>
    public static (int Offset, int Limit) Page(int? offset, int? limit) =>
        offset is null or >= 0 && limit is null or (>= 1 and <= MaxLimit)
            ? (offset ?? 0, limit ?? DefaultLimit)
            : throw new FailureException(
                Failure.InvalidRequest, $"The parameter offset must not be negative, and limit must be from 1 to {MaxLimit}.");
}
