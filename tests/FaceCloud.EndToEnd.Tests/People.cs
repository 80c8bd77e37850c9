using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The labelled photos: a folder for each person.</summary>
public static class People
{
    /// <summary>Name and photos of everybody, in the order of names.</summary>
    public static IReadOnlyList<(string Name, string[] Photos)> All =>
        [.. Directory.EnumerateDirectories(TestFiles.Photo("people")).Order(StringComparer.Ordinal)
            .Select(folder => (Path.GetFileName(folder), Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).ToArray()))];

    /// <summary>Those with several photos.</summary>
    public static IEnumerable<(string Name, string[] Photos)> WithSeveralPhotos => All.Where(person => person.Photos.Length > 1);

    /// <summary>Those with one photo.</summary>
    public static IEnumerable<string> SinglePhotos => All.Where(person => person.Photos.Length == 1).Select(person => person.Photos[0]);
}
