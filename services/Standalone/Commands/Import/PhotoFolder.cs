namespace FaceCloud.Standalone.Commands.Import;

/// <summary>The photos of a folder, at any depth.</summary>
/// <param name="Photos">In the order of their paths, so that every import goes the same way.</param>
/// <param name="People">How many people's folders hold photos; 0 where people are not told apart.</param>
/// <param name="Ignored">How many files are no photos by their extension, hidden, or in no person's folder.</param>
internal sealed record PhotoFolder(IReadOnlyList<Photo> Photos, int People, int Ignored)
{
    private static readonly HashSet<string> Extensions =
        new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif" };

    /// <summary>All of them.</summary>
    /// <exception cref="CommandException">There is no such folder.</exception>
    public static PhotoFolder Read(DirectoryInfo folder)
    {
        RequireThere(folder);
        var photos = new List<Photo>();
        return new PhotoFolder(photos, People: 0, Collect(folder, folder, "", photos));
    }

    /// <summary>Those in a folder that has one folder for each person.</summary>
    /// <exception cref="CommandException">There is no such folder.</exception>
    public static PhotoFolder ReadPeople(DirectoryInfo folder)
    {
        RequireThere(folder);
        var photos = new List<Photo>();
        var ignored = folder.EnumerateFiles().Count();
        foreach (var person in folder.EnumerateDirectories().Where(person => !IsHidden(person)).OrderBy(person => person.Name, StringComparer.Ordinal))
        {
            ignored += Collect(folder, person, person.Name.Trim(), photos);
        }

        return new PhotoFolder(photos, photos.Select(photo => photo.Person).Distinct(StringComparer.Ordinal).Count(), ignored);
    }

    private static void RequireThere(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            throw new CommandException($"There is no folder '{folder.FullName}'.");
        }
    }

    /// <summary>Photos lie at any depth under the folder. Links to folders are not followed there: they may lead in a circle.</summary>
    private static int Collect(DirectoryInfo root, DirectoryInfo folder, string person, List<Photo> photos)
    {
        var ignored = 0;
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            switch (entry)
            {
                case DirectoryInfo inner when !IsHidden(inner) && inner.LinkTarget is null:
                    ignored += Collect(root, inner, person, photos);
                    break;
                case FileInfo file when !IsHidden(file) && Extensions.Contains(file.Extension):
                    photos.Add(new Photo(file.FullName, Path.GetRelativePath(root.FullName, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), person));
                    break;
                case FileInfo:
                    ignored++;
                    break;
            }
        }

        return ignored;
    }

    private static bool IsHidden(FileSystemInfo entry) => entry.Name.StartsWith('.') || entry.Attributes.HasFlag(FileAttributes.Hidden);
}

/// <param name="Path">Where it is.</param>
/// <param name="File">Where it is in the folder, with forward slashes.</param>
/// <param name="Person">Whom it shows; empty where people are not told apart.</param>
internal sealed record Photo(string Path, string File, string Person);

/// <summary>What makes a photo the same as one that is there: its bytes, and the name it is enrolled under.</summary>
internal readonly record struct PhotoKey(string Person, string Sha256);
