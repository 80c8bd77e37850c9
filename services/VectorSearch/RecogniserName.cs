using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch;

/// <summary>A recogniser's name as the name of a folder or part of the name of a collection, and back.</summary>
internal static class RecogniserName
{
    // What file systems commonly allow, in bytes; an escaped name is ASCII.
    private const int MaxLength = 255;

    /// <summary>Percent-encoded, the dot in front too, so that no name leaves the folder or hides in it.</summary>
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: the name is empty or too long.</exception>
    public static string Encode(string recogniser)
    {
        var name = Uri.EscapeDataString(recogniser);
        name = name.StartsWith('.') ? "%2E" + name[1..] : name;
        return name.Length is > 0 and <= MaxLength
            ? name
            : throw new FailureException(Failure.InvalidRequest, "The recogniser's name is empty or too long.");
    }

    public static string Decode(string encoded) => Uri.UnescapeDataString(encoded);
}
