namespace FaceCloud.Identity.Tests;

/// <summary>How well unidentified faces are grouped, measured with the real networks on labelled photos. The figures are printed.</summary>
public sealed class PeopleTests(LibraryDatabase database, ITestOutputHelper output)
{
    [Fact]
    public async Task Groups_of_labelled_photos_hold_one_person_each_and_most_of_their_faces()
    {
        var faces = await LabelledFaces.AllAsync();
        var people = faces.Select(face => face.Person).Distinct().Order(StringComparer.Ordinal).ToList();

        // Half of the people chose the threshold; the other half says what it is worth.
        var half = people.Where((_, i) => i % 2 == 1).ToHashSet();
        var reported = await MeasureAsync("the half of the people that no setting was chosen on", [.. faces.Where(face => half.Contains(face.Person))]);
        var all = await MeasureAsync("all people", faces);
        Assert.True(reported.Precision >= 0.99);
        Assert.True(all.Precision >= 0.99);
        Assert.True(reported.Recall >= 0.95);
        Assert.True(all.Recall >= 0.95);
    }

    private async Task<(double Precision, double Recall)> MeasureAsync(string whom, IReadOnlyList<(string Person, float[] Vector)> faces)
    {
        var gallery = await LikeFaces.CreateAsync(database);
        var ids = await gallery.PhotoAsync([.. faces.Select(face => face.Vector)]);
        var personOf = ids.Zip(faces).ToDictionary(pair => pair.First, pair => pair.Second.Person);
        await gallery.GroupAsync();
        var groups = await gallery.GroupsAsync();
        static long Pairs(IEnumerable<long> counts) => counts.Sum(n => n * (n - 1) / 2);
        var together = Pairs(groups.Select(group => group.LongLength));
        var right = Pairs(groups.SelectMany(group => group.GroupBy(id => personOf[id]).Select(same => same.LongCount())));
        var wanted = Pairs(personOf.Values.GroupBy(person => person).Select(same => same.LongCount()));
        var (precision, recall) = ((double)right / together, (double)right / wanted);
        output.WriteLine(
            $"Groups of {whom}: {faces.Count} photos of {personOf.Values.Distinct().Count()} people in {groups.Count} groups of several faces; "
            + $"pairwise precision {precision:F4}, recall {recall:F4} ({together - right} of {together} pairs wrong, {wanted - right} of {wanted} missed).");
        return (precision, recall);
    }
}
