using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class IdentificationTests
{
    private static readonly LabelledFace Anna = Synthetic.Face("Anna", "1.jpg", 1, 0, 0, 0);
    private static readonly LabelledFace AnnaAgain = Synthetic.Face("Anna", "2.jpg", 0.9f, 0.1f, 0, 0);
    private static readonly LabelledFace AnnaLikeBen = Synthetic.Face("Anna", "3.jpg", 0.1f, 0.9f, 0, 0);
    private static readonly LabelledFace AnnaLikeNobody = Synthetic.Face("Anna", "4.jpg", 0, 0, 1, 0);
    private static readonly LabelledFace Ben = Synthetic.Face("Ben", "1.jpg", 0, 1, 0, 0);
    private static readonly LabelledFace BenAgain = Synthetic.Face("Ben", "2.jpg", 0, 1, 0.1f, 0);
    private static readonly LabelledFace LikeNobody = Synthetic.Face("Cem", "1.jpg", 0, 0, 0, 1);
    private static readonly LabelledFace LikeAnna = Synthetic.Face("Dora", "1.jpg", 0.9f, 0, 0, 0.1f);

    [Fact]
    public void Probes_are_named_rightly_wrongly_or_not_at_all_and_strangers_should_not_be()
    {
        var identification = Identification.Of(
            Synthetic.Labelled(Anna, AnnaAgain, AnnaLikeBen, AnnaLikeNobody, Ben, BenAgain, LikeNobody, LikeAnna), strangerGuard: 0);

        Assert.Equal(new Identification(Enrolled: 2, Threshold: 0.5, Probes: 4, Right: 2, Wrong: 1, Strangers: 2, StrangersNamed: 1), identification);
        Assert.Equal((0.5, 0.25, 0.5), (identification.RightRate, identification.WrongRate, identification.StrangersNamedRate));
    }

    [Fact]
    public void A_photo_of_an_enrolled_person_without_a_face_is_not_named()
    {
        var labelled = Synthetic.Labelled(Anna, AnnaAgain, Ben, LikeNobody) with
        {
            Faceless = [new LabelledPhoto("Ben", "Ben/2.jpg"), new LabelledPhoto("Anna", "Anna/9.jpg"), new LabelledPhoto("Eve", "Eve/1.jpg")],
        };

        var identification = Identification.Of(labelled, strangerGuard: 0);

        Assert.Equal((2, 3, 1, 1), (identification.Enrolled, identification.Probes, identification.Right, identification.Strangers));
    }

    [Fact]
    public void The_stranger_guard_raises_the_threshold_with_the_gallery()
    {
        Assert.Equal(0.5, Identification.Of(Synthetic.People(100, 2), strangerGuard: 0.01).Threshold, 12);
        var threshold = Identification.Of(Synthetic.People(280, 2), strangerGuard: 0.01).Threshold;

        Assert.Equal(Calibration.SimilarityAtFalseMatchRate(0.01 / 280), threshold);
        Assert.Equal(StrangerGuard.Threshold(0.5, 0.01, 280), threshold);
        Assert.Equal(0.5, Identification.Of(Synthetic.People(280, 2), strangerGuard: 0).Threshold);
    }

    [Fact]
    public void Where_nobody_has_two_photos_nobody_can_be_recognised() =>
        Assert.Contains(
            "Nobody has two photos",
            Assert.Throws<FailureException>(() => Identification.Of(Synthetic.Labelled(Anna, Ben), 0.01)).Message,
            StringComparison.Ordinal);
}
