using System.Numerics.Tensors;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Standalone.Measuring;

/// <summary>
/// What the server would answer without a threshold in the request: everybody with several photos is enrolled by the first that shows a face;
/// the others of their photos and those of everybody else are asked about.
/// </summary>
/// <param name="Enrolled">People, each by one photo.</param>
/// <param name="Threshold">The similarity that was applied: the default of the HTTP APIs, raised by the stranger guard.</param>
/// <param name="Probes">Other photos of the enrolled, also those without a face.</param>
/// <param name="Right">Of them, named rightly.</param>
/// <param name="Wrong">Of them, named as somebody else.</param>
/// <param name="Strangers">Photos with a face of people who are not enrolled.</param>
/// <param name="StrangersNamed">Of them, named as somebody.</param>
internal sealed record Identification(int Enrolled, double Threshold, int Probes, int Right, int Wrong, int Strangers, int StrangersNamed)
{
    // The documented default of device and analytics.
    private const double DocumentedDefault = 0.5;

    public double RightRate => Probes == 0 ? 0 : (double)Right / Probes;

    public double WrongRate => Probes == 0 ? 0 : (double)Wrong / Probes;

    public double StrangersNamedRate => Strangers == 0 ? 0 : (double)StrangersNamed / Strangers;

    /// <param name="labelled">The photos.</param>
    /// <param name="strangerGuard">Strangers out of one that may be named by chance.</param>
    /// <exception cref="FailureException">Nobody has two photos.</exception>
    public static Identification Of(LabelledFaces labelled, double strangerGuard)
    {
        var faceless = labelled.Faceless.CountBy(photo => photo.Person).ToDictionary();
        var several = labelled.ByPerson.Where(person => person.Count() + faceless.GetValueOrDefault(person.Key) > 1)
            .Select(person => person.ToArray()).ToList();
        if (several.Count == 0)
        {
            throw new FailureException(Failure.InsufficientData, "Nobody has two photos: whoever is enrolled by one could not be recognised in another.");
        }

        var enrolled = several.Select(photos => photos[0]).ToArray();
        var known = several.SelectMany(photos => photos.Skip(1)).ToArray();
        var strangers = labelled.ByPerson.Where(person => person.Count() + faceless.GetValueOrDefault(person.Key) == 1).SelectMany(person => person).ToArray();
        var threshold = StrangerGuard.Threshold(DocumentedDefault, strangerGuard, enrolled.Length);

        var named = Name(known);
        return new Identification(
            enrolled.Length,
            threshold,
            known.Length + enrolled.Sum(person => faceless.GetValueOrDefault(person.Photo.Person)),
            known.Where((probe, i) => named[i] == probe.Photo.Person).Count(),
            known.Where((probe, i) => named[i] is { } name && name != probe.Photo.Person).Count(),
            strangers.Length,
            Name(strangers).Count(name => name is not null));

        string?[] Name(LabelledFace[] probes)
        {
            var names = new string?[probes.Length];
            Parallel.For(0, probes.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                var (nearest, cosine) = enrolled.Select(face => (face, cosine: TensorPrimitives.Dot<float>(face.Vector, probes[i].Vector)))
                    .MaxBy(pair => pair.cosine);
                names[i] = labelled.Recogniser.Calibration.Similarity(cosine) >= threshold ? nearest.Photo.Person : null;
            });
            return names;
        }
    }
}
