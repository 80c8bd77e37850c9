using System.Text;
using FaceCloud.Contracts;

namespace FaceCloud.Identity;

/// <summary>What a person may be called.</summary>
internal static class PersonName
{
    private const int MaxLength = 200;

    /// <summary>The name without surrounding white space.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: missing, empty, longer than 200 characters, or with control characters.</exception>
    public static string Require(string? name)
    {
        name = name?.Trim();
        if (string.IsNullOrEmpty(name))
        {
            throw new FailureException(Failure.Malformed, "The name is missing.");
        }

        if (name.Length > MaxLength)
        {
            throw new FailureException(Failure.Malformed, $"The name is longer than {MaxLength} characters.");
        }

        // A lone surrogate is no character; the rune of one is the replacement character.
        if (name.Any(char.IsControl) || name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar))
        {
            throw new FailureException(Failure.Malformed, "The name has characters that cannot be shown.");
        }

        return name;
    }

    /// <summary>The analytics dialect's id of a new person: <c>known_john_doe_1703123456</c>.</summary>
    public static string Alias(string name, DateTimeOffset createdAt)
    {
        var slug = string.Concat(name.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : '_'));
        return $"known_{slug}_{createdAt.ToUnixTimeSeconds()}";
    }
}
