using System.Numerics.Tensors;

namespace FaceCloud.Standalone.Measuring;

/// <summary>How often two photos are told rightly to be of one person or of two, as with Labeled Faces in the Wild.</summary>
/// <param name="Accuracy">Share of pairs judged rightly: ten times, the threshold is chosen on nine tenths of the pairs and judged on the tenth.</param>
/// <param name="SamePairs">All pairs of one person.</param>
/// <param name="DifferentPairs">As many of different people, drawn by chance; the same in every run.</param>
internal sealed record Verification(double Accuracy, long SamePairs, long DifferentPairs)
{
    private const int Folds = 10;

    // Thresholds that are tried, from -1 to 1: 0.0005 apart.
    private const int Thresholds = 1 << 12;

    public static Verification Of(LabelledFaces labelled)
    {
        var people = labelled.ByPerson.Select(person => person.Select(face => face.Vector).ToArray()).ToArray();
        var same = NewFolds();
        var different = NewFolds();
        var random = new Random(1);
        var pairs = 0;
        foreach (var photos in people)
        {
            for (var a = 0; a < photos.Length; a++)
            {
                for (var b = a + 1; b < photos.Length; b++)
                {
                    var fold = pairs++ % Folds;
                    same[fold].Add(TensorPrimitives.Dot<float>(photos[a], photos[b]));
                    different[fold].Add(OfTwoPeople());
                }
            }
        }

        return new Verification(TenFoldAccuracy(same, different), pairs, pairs);

        float OfTwoPeople()
        {
            var first = random.Next(people.Length);
            var second = (first + 1 + random.Next(people.Length - 1)) % people.Length;
            return TensorPrimitives.Dot<float>(people[first][random.Next(people[first].Length)], people[second][random.Next(people[second].Length)]);
        }
    }

    /// <param name="same">Cosines of pairs of one person, a histogram for each fold.</param>
    /// <param name="different">Cosines of pairs of different people, likewise.</param>
    internal static double TenFoldAccuracy(CosineHistogram[] same, CosineHistogram[] different)
    {
        var folds = same.Zip(different, RightAtEachThreshold).ToArray();
        var sums = Enumerable.Range(0, folds[0].Length).Select(threshold => folds.Sum(fold => fold[threshold])).ToArray();
        return Enumerable.Range(0, folds.Length).Where(fold => same[fold].Total + different[fold].Total > 0).Average(fold =>
        {
            var threshold = Enumerable.Range(0, sums.Length).MaxBy(t => sums[t] - folds[fold][t]);
            return folds[fold][threshold] / (double)(same[fold].Total + different[fold].Total);
        });
    }

    internal static CosineHistogram[] NewFolds() => [.. Enumerable.Range(0, Folds).Select(_ => new CosineHistogram(Thresholds))];

    /// <summary>For each step as the threshold: pairs of one person at or above it, and pairs of different people below.</summary>
    private static long[] RightAtEachThreshold(CosineHistogram same, CosineHistogram different)
    {
        var right = new long[same.Steps + 1];
        right[0] = same.Total;
        for (var step = 0; step < same.Steps; step++)
        {
            right[step + 1] = right[step] - same[step] + different[step];
        }

        return right;
    }
}
