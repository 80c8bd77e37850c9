using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection.Networks;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using Microsoft.Extensions.Options;

namespace FaceCloud.Detection;

/// <summary>Decodes an image once and takes from it all that is asked: boxes, landmarks, age and gender, aligned crops.</summary>
internal sealed class FaceDetector(ModelStore models, IOptions<DetectionOptions> options, IOptions<ImagingOptions> imaging) : IFaceDetector, IDisposable
{
    // How much of a given box the face found must share with it.
    private const float MinShareWithGivenBox = 0.3f;

    // Chosen on portraits whose bystander's box was larger by 16 %; see docs/decisions/detection-defaults.md.
    private const float AboutAsLarge = 0.8f;

    private readonly Lazy<Network?> _network = new(() => models.Load(ModelRole.Detector));
    private readonly Lazy<Network?> _landmarks = new(
        () => models.Choose(ModelRole.Detector) is { NeedsLandmarks: true } ? models.Load(ModelRole.Landmarks) : null);
    private readonly Lazy<Network?> _attributes = new(() => models.LoadIfPresent(ModelRole.Attributes));

    // Both services have the same settings for networks: what the recogniser is given is cut out here, where the photo is.
    private readonly Lazy<CropShape> _recogniser = new(() => models.Choose(ModelRole.Recogniser)?.Crop ?? CropShape.ArcFace);
    private readonly DetectionOptions _options = options.Value;

    public Network Network => _network.Value!;

    /// <summary>Null if the detector finds landmarks itself.</summary>
    public Network? LandmarksNetwork => _landmarks.Value;

    /// <summary>Null if there is none: faces then have no age and gender.</summary>
    public Network? AttributesNetwork => _attributes.Value;

    public void WarmUp()
    {
        Network.WarmUp(1, 3, _options.MaxSide, _options.MaxSide);
        foreach (var network in new[] { LandmarksNetwork, AttributesNetwork }.OfType<Network>())
        {
            var side = network.Description.Crop!.Value.Side;
            network.WarmUp(1, 3, side, side);
        }
    }

    public async Task<Contracts.Ports.Detection> DetectAsync(
        ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken) =>
        await Network.Queue.RunAsync(permit => Detect(image, request, permit), cancellationToken);

    public void Dispose()
    {
        foreach (var network in new[] { _network, _landmarks, _attributes }.Where(network => network.IsValueCreated))
        {
            network.Value?.Dispose();
        }
    }

    private Contracts.Ports.Detection Detect(ReadOnlyMemory<byte> file, DetectionRequest request, WorkPermit permit)
    {
        using var image = ImageDecoder.Decode(file, _options.DecodeSide, imaging.Value);
        permit.CancellationToken.ThrowIfCancellationRequested();

        var search = new FaceSearch(Network, _options);
        var found = request.Within is { } box ? OneWithin(search, image, box) : search.Find(image.Pixels);
        permit.CancellationToken.ThrowIfCancellationRequested();

        found.RemoveAll(face => face.Box.Height < _options.MinFaceHeight * image.ScaleY);
        var faces = new DetectedFace[found.Count];
        permit.ForEach(found.Count, i => faces[i] = Describe(found[i], image, request));
        DetectionMetrics.Photos.Add(1);
        DetectionMetrics.Faces.Add(faces.Length);
        return new Contracts.Ports.Detection(image.Width, image.Height, LargestFirst(faces, image), Network.Description.Name, image.TakenAt);
    }

    /// <summary>By size; of faces about as large as the largest, the one nearest the middle goes first, for that is whom a portrait is of.</summary>
    private static List<DetectedFace> LargestFirst(DetectedFace[] faces, DecodedImage image)
    {
        var bySize = faces.OrderByDescending(face => face.Box.Area).ToList();
        var subject = bySize.TakeWhile(face => face.Box.Area >= AboutAsLarge * bySize[0].Box.Area).MinBy(face => DistanceToMiddle(face.Box));
        if (subject is not null)
        {
            bySize.Remove(subject);
            bySize.Insert(0, subject);
        }

        return bySize;

        float DistanceToMiddle(FaceBox box) =>
            MathF.Pow(box.X + (box.Width / 2) - (image.Width / 2f), 2) + MathF.Pow(box.Y + (box.Height / 2) - (image.Height / 2f), 2);
    }

    private static List<Candidate> OneWithin(FaceSearch search, DecodedImage image, FaceBox box)
    {
        var wanted = new FaceBox(box.X * image.ScaleX, box.Y * image.ScaleY, box.Width * image.ScaleX, box.Height * image.ScaleY);
        var best = Best(search.Find(image.Pixels)) ?? Best(search.FindAround(image.Pixels, wanted));
        return best is { } face ? [face] : [];

        Candidate? Best(List<Candidate> found)
        {
            var nearest = found.OrderByDescending(face => face.Box.IntersectionOverUnion(wanted)).Cast<Candidate?>().FirstOrDefault();
            return nearest?.Box.IntersectionOverUnion(wanted) >= MinShareWithGivenBox ? nearest : null;
        }
    }

    private DetectedFace Describe(Candidate candidate, DecodedImage image, DetectionRequest request)
    {
        var (x, y) = (1 / image.ScaleX, 1 / image.ScaleY);
        var box = new FaceBox(candidate.Box.X * x, candidate.Box.Y * y, candidate.Box.Width * x, candidate.Box.Height * y);
        var landmarks = FindLandmarks(candidate, image);
        var crop = request.Crops ? FaceAligner.Align(image, landmarks) : null;
        if (crop is not null && _recogniser.Value is var shape && shape != CropShape.ArcFace)
        {
            crop = crop with { Chip = FaceAligner.Cut(image, landmarks, shape) };
        }

        var shown = box.ClampTo(image.Width, image.Height);
        return new DetectedFace(
            shown,
            landmarks,
            candidate.Score,
            request.Attributes && AttributesNetwork is { } network ? Attributes(network, image, landmarks, crop) : null,
            crop,
            request.Portraits ? PortraitCutter.Cut(image, shown) : null);
    }

    private Landmarks FindLandmarks(Candidate candidate, DecodedImage image)
    {
        var decoded = LandmarksNetwork is { } network ? Landmarks68.Find(network, image.Pixels, candidate.Box) : candidate.Landmarks;
        var (x, y) = (1 / image.ScaleX, 1 / image.ScaleY);
        return Landmarks.From([.. decoded.ToArray().Select(point => new FacePoint(point.X * x, point.Y * y))]);
    }

    private static FaceAttributes Attributes(Network network, DecodedImage image, Landmarks landmarks, FaceCrop? crop)
    {
        var shape = network.Description.Crop!.Value;
        var chip = shape == CropShape.ArcFace && crop is not null ? new FaceChip(shape, crop.Rgb) : FaceAligner.Cut(image, landmarks, shape);
        return network.Description.Family switch
        {
            ModelFamily.GenderAge => GenderAge.Read(network, chip),
            ModelFamily.AgeGender => AgeGender.Read(network, chip),
            var family => throw new NotSupportedException($"{family} is no family of attribute networks."),
        };
    }
}
