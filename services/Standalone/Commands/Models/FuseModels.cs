using System.CommandLine;
using System.Globalization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;
using FaceCloud.Inference.OpenPack;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>
/// <c>facecloud models fuse FOLDER</c>, for developers of FaceCloud: computes <c>open_512.basis</c>, by which the open recogniser joins two networks,
/// from labelled photos, and says how well people are verified who were not in them.
/// </summary>
internal static class FuseModels
{
    private const string Recogniser = "open_512";

    private static readonly Option<FileInfo> OutputOption = new("--output") { Description = "The file to write.", Required = true };

    public static Command Create()
    {
        // Hidden: whoever changes the basis changes the recogniser, its hash and its calibration with it.
        var fuse = new Command("fuse", "Compute the basis of the open recogniser from labelled photos.") { MeasuredFolder.Argument, OutputOption };
        fuse.Hidden = true;
        fuse.SetAction((parsed, cancellationToken) => StartFailure.ReportAsync(() => RunAsync(
            parsed.GetRequiredValue(MeasuredFolder.Argument), parsed.GetRequiredValue(OutputOption),
            parsed.InvocationConfiguration.Output, cancellationToken)));
        return fuse;
    }

    private static async Task RunAsync(string folder, FileInfo file, TextWriter output, CancellationToken cancellationToken)
    {
        var photos = LabelledPhoto.Find(folder);
        using var networks = Networks.Open(ownCalibration: false, ($"{ModelOptions.Section}:{nameof(ModelOptions.Recogniser)}", Recogniser));
        using var fusion = new Fusion();
        var faces = new FusedFace?[photos.Count];
        await networks.ForEachFaceAsync(
            photos,
            (photo, face) =>
            {
                faces[photo] = fusion.Describe(face.Crop!.Chip!);
                return Task.CompletedTask;
            },
            (photo, reason) => output.WriteLine($"{photos[photo].File}: {reason}"),
            () => { },
            cancellationToken);

        var found = photos.Zip(faces).Where(pair => pair.Second is not null).Select(pair => (pair.First, Face: pair.Second!)).ToList();
        var basis = Fusion.Basis([.. found.Select(face => face.Face)]);
        Report("all, by a basis of all", found, basis);

        var people = found.Select(face => face.First.Person).Distinct().Index().ToDictionary(person => person.Item, person => person.Index);
        for (var half = 0; half < 2; half++)
        {
            var inside = found.Where(face => people[face.First.Person] % 2 == half).ToList();
            var outside = found.Where(face => people[face.First.Person] % 2 != half).ToList();
            Report("one half of the people, by a basis of the other", outside, Fusion.Basis([.. inside.Select(face => face.Face)]));
        }

        await File.WriteAllBytesAsync(file.FullName, basis, cancellationToken);
        output.WriteLine($"Basis of {found.Count} photos of {people.Count} people: {file.FullName}");

        void Report(string what, List<(LabelledPhoto Photo, FusedFace Face)> measured, byte[] by)
        {
            var labelled = new LabelledFaces(
                new Recogniser(Recogniser, FusedFace.Dimension, new Calibration(0, 1), "", ""),
                [.. measured.Select(face => new LabelledFace(face.Photo, Fusion.Fuse(face.Face, by), default))], [], []);
            var verification = Verification.Of(labelled);
            var curve = FalseMatchCurve.Of(PairComparison.Of(labelled, cancellationToken));
            var rates = curve.Points.Where(point => point.IsMeasured)
                .Select(point => string.Create(CultureInfo.InvariantCulture, $"TAR at {point.Name} {100 * point.TrueAcceptRate:F2} %"));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: accuracy {100 * verification.Accuracy:F2} %; c0 {curve.Calibration.C0:F4}, k {curve.Calibration.K:F2}; {string.Join(", ", rates)}"));
        }
    }
}
