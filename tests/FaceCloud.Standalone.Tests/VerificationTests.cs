using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class VerificationTests
{
    [Fact]
    public void People_who_are_far_apart_are_never_confused()
    {
        // All photos of a person are the same and those of two have nothing in common.
        var faces = Enumerable.Range(0, 20 * 4).Select(i =>
            Synthetic.Face($"{i / 4}", $"{i}.jpg", [.. Enumerable.Range(0, 20).Select(axis => axis == i / 4 ? 1f : 0)]));

        var verification = Verification.Of(Synthetic.Labelled([.. faces]));

        Assert.Equal((1.0, 20 * 6, 20 * 6), (verification.Accuracy, verification.SamePairs, verification.DifferentPairs));
    }

    [Fact]
    public void The_figure_is_the_same_in_every_run() =>
        Assert.Equal(Verification.Of(Synthetic.People(40, 3, scatter: 0.3)), Verification.Of(Synthetic.People(40, 3, scatter: 0.3)));

    [Fact]
    public void The_threshold_of_a_fold_is_learnt_from_the_others()
    {
        // In nine folds 0.4 tells both kinds apart. In the tenth it does not, and a threshold of its own would.
        var (same, different) = (Verification.NewFolds(), Verification.NewFolds());
        for (var fold = 0; fold < 9; fold++)
        {
            same[fold].Add(0.41f);
            different[fold].Add(0.39f);
        }

        same[9].Add(0.2f);
        different[9].Add(0.1f);

        Assert.Equal((9 + 0.5) / 10, Verification.TenFoldAccuracy(same, different), 12);
    }

    [Fact]
    public void Accuracy_agrees_with_pairs_judged_one_by_one()
    {
        var (same, different) = (Verification.NewFolds(), Verification.NewFolds());
        var random = new Random(3);
        var pairs = new List<(float Cosine, bool Same, int Fold)>();
        for (var i = 0; i < 2000; i++)
        {
            var cosine = (float)((i % 2 == 0 ? 0.4 : 0.1) + (0.4 * random.NextDouble()));
            pairs.Add((cosine, i % 2 == 0, i / 2 % 10));
            (i % 2 == 0 ? same : different)[i / 2 % 10].Add(cosine);
        }

        var thresholds = Enumerable.Range(0, same[0].Steps + 1).Select(same[0].Cosine).Where(cosine => cosine is > 0.3 and < 0.6).ToList();
        var expected = Enumerable.Range(0, 10).Average(fold =>
        {
            var learn = pairs.Where(pair => pair.Fold != fold).ToList();
            var threshold = thresholds.MaxBy(t => learn.Count(pair => pair.Cosine >= t == pair.Same));
            return pairs.Where(pair => pair.Fold == fold).Average(pair => pair.Cosine >= threshold == pair.Same ? 1.0 : 0.0);
        });

        Assert.InRange(expected, 0.8, 0.95);
        Assert.Equal(expected, Verification.TenFoldAccuracy(same, different), 12);
    }
}
