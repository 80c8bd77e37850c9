using FaceCloud.Contracts;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class LabelledPhotoTests
{
    [Fact]
    public void Each_sub_folder_is_a_person_and_all_is_in_the_order_of_names()
    {
        using var folder = new TempFolder();
        Put(folder, "Ben", "2.png", "1.jpg", ".hidden");
        Put(folder, "Anna", "a.jpg");
        File.WriteAllText(Path.Combine(folder.Path, "readme.txt"), "");

        var photos = LabelledPhoto.Find(folder.Path);

        Assert.Equal([("Anna", "a.jpg"), ("Ben", "1.jpg"), ("Ben", "2.png")], photos.Select(photo => (photo.Person, Path.GetFileName(photo.File))));
    }

    [Fact]
    public void A_folder_that_is_not_there_or_has_one_person_is_answered_with_a_sentence()
    {
        using var folder = new TempFolder();
        Put(folder, "Anna", "1.jpg");
        var missing = Path.Combine(folder.Path, "missing");

        Assert.Equal($"There is no folder '{missing}'.", Assert.Throws<FailureException>(() => LabelledPhoto.Find(missing)).Message);
        Assert.Contains(
            "a sub-folder with photos for each",
            Assert.Throws<FailureException>(() => LabelledPhoto.Find(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private static void Put(TempFolder folder, string person, params string[] files)
    {
        foreach (var file in files)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, person)).FullName, file), "");
        }
    }
}
