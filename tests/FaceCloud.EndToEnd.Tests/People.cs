using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The labelled photos: a folder for each person.</summary>
public static class People
{
    // Not in a static initialiser, whose exception would hide that a test without photos is skipped.
    private static readonly Lazy<IReadOnlyList<(string Name, string[] Photos)>> Everybody = new(() =>
        [.. Directory.EnumerateDirectories(TestFiles.Photo("people")).Order(StringComparer.Ordinal)
            .Select(folder => (Path.GetFileName(folder), Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).ToArray()))]);

    /// <summary>Name and photos of everybody, in the order of names.</summary>
    public static IReadOnlyList<(string Name, string[] Photos)> All => Everybody.Value;

    /// <summary>Those with several photos.</summary>
    public static IEnumerable<(string Name, string[] Photos)> WithSeveralPhotos => All.Where(person => person.Photos.Length > 1);

    /// <summary>Those with one photo.</summary>
    public static IEnumerable<string> SinglePhotos => All.Where(person => person.Photos.Length == 1).Select(person => person.Photos[0]);
}
