using FaceCloud.Contracts;

namespace FaceCloud.Standalone.Measuring;

/// <summary>A photo of which it is known who is in it.</summary>
/// <param name="Person">The name of the sub-folder.</param>
/// <param name="File">The path of the file.</param>
internal sealed record LabelledPhoto(string Person, string File)
{
    /// <summary>
    /// All files of a folder with one sub-folder for each person, in the order of names; hidden ones and those beside the sub-folders are left out.
    /// </summary>
    /// <exception cref="FailureException">There is no such folder, or fewer than two people in it.</exception>
    public static IReadOnlyList<LabelledPhoto> Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FailureException(Failure.NotFound, $"There is no folder '{folder}'.");
        }

        var photos = Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            .SelectMany(person => Directory.EnumerateFiles(person).Where(IsVisible).Order(StringComparer.Ordinal)
                .Select(file => new LabelledPhoto(Path.GetFileName(person), file)))
            .ToList();
        var people = photos.Select(photo => photo.Person).Distinct().Count();
        return people > 1
            ? photos
            : throw new FailureException(
                Failure.InsufficientData,
                $"'{folder}' has photos of {people} people: it needs a sub-folder with photos for each of two people at least, better of hundreds.");
    }

    private static bool IsVisible(string file) => !Path.GetFileName(file).StartsWith('.');
}
