using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class PairComparisonTests
{
    [Fact]
    public void Every_pair_is_counted_once_and_for_what_it_is()
    {
        // More than one block, the last of them not full.
        var labelled = Synthetic.People(people: 71, photos: 3);
        var (genuine, impostor) = Synthetic.Cosines(labelled);

        var pairs = PairComparison.Of(labelled);

        Assert.Equal((71 * 3, genuine.Count), (pairs.Genuine.Total, pairs.Genuine.Total));
        Assert.Equal(impostor.Count, pairs.Impostor.Total);
        foreach (var cosine in new[] { -0.5, 0, 0.2, 0.5, 0.9 }.Select(value => pairs.Impostor.Cosine((int)((value + 1) * pairs.Impostor.Steps / 2))))
        {
            Assert.Equal(genuine.Count(value => value >= cosine), pairs.Genuine.AtOrAbove(cosine));
            Assert.Equal(impostor.Count(value => value >= cosine), pairs.Impostor.AtOrAbove(cosine));
        }
    }

    [Fact]
    public void The_most_alike_of_different_people_are_named_the_same_in_every_run()
    {
        var labelled = Synthetic.People(people: 100, photos: 2);
        var impostor = Synthetic.Cosines(labelled).Impostor;

        var highest = PairComparison.Of(labelled).HighestImpostors;

        Assert.Equal(impostor.OrderDescending().Take(5), highest.Select(pair => pair.Cosine));
        Assert.All(highest, pair => Assert.NotEqual(pair.A.Photo.Person, pair.B.Photo.Person));
        Assert.Equal(highest, PairComparison.Of(labelled).HighestImpostors);
    }

    [Fact]
    public void A_photo_in_the_folder_of_somebody_else_comes_to_light()
    {
        var labelled = Synthetic.People(people: 50, photos: 2);
        var wrong = labelled.Faces[0] with { Photo = new LabelledPhoto("somebody else", "somebody else/1.jpg") };

        var highest = PairComparison.Of(labelled with { Faces = [.. labelled.Faces, wrong] }).HighestImpostors[0];

        Assert.Equal((labelled.Faces[0].Photo.File, wrong.Photo.File), (highest.A.Photo.File, highest.B.Photo.File));
    }
}
