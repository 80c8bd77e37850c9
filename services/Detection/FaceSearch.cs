using System.Buffers;
using FaceCloud.Contracts.Faces;
using FaceCloud.Detection.Networks;
using FaceCloud.Imaging;
using FaceCloud.Inference;

namespace FaceCloud.Detection;

/// <summary>Runs the detection network over decoded pixels.</summary>
internal sealed class FaceSearch(Network network, DetectionOptions options)
{
    // The coarsest stride of every network here: sides of the input are multiples of it.
    private const int Stride = 32;

    // For SSD, chosen on LFW and group photos, see docs/decisions/open-pack.md: pixels of the longer side in a look from afar; how large a face
    // found so is at least, in longer sides of the image; and the score a large face has to reach from near, that of its own library.
    private const int AfarSide = 160;
    private const float FillsTheImage = 0.25f;
    private const float SsdMinScore = 0.5f;

    // Smaller faces are looked at from close: those of this score at least, the likeliest first; pixels of the square, in sides of the box that
    // was found; and how much of that the face found so must share.
    private const float WorthALook = 0.1f;
    private const int MostLooks = 64;
    private const int CloseSide = 192;
    private const float CloseSurroundings = 4;
    private const float CloseMinShare = 0.3f;

    private const float MaxShareWithin = 0.7f;

    // Not the shared pool: that keeps an array of megabytes for every thread that ever gave one back.
    private static readonly ArrayPool<float> Planes = ArrayPool<float>.Create(maxArrayLength: 1 << 23, maxArraysPerBucket: Environment.ProcessorCount);

    private readonly ReadCandidates _read = network.Description.Family switch
    {
        ModelFamily.Scrfd => Scrfd.Read,
        ModelFamily.YuNet => Yunet.Read,
        ModelFamily.Ssd => Ssd.Read,
        var family => throw new NotSupportedException($"{family} is no family of detectors."),
    };

    /// <summary>The faces of an image, in its own pixels.</summary>
    public List<Candidate> Find(RgbImage image)
    {
        if (network.Description.Family != ModelFamily.Ssd)
        {
            return Look(image, options.MinConfidence);
        }

        // From afar several small faces look like one; only those are taken that the network does not know from near. Of small faces it is not
        // sure from near, and sees some that are none: they count as they look from close.
        var large = FillsTheImage * Math.Max(image.Width, image.Height);
        var near = Look(image, Math.Min(WorthALook, options.MinConfidence)).ToLookup(IsLarge);
        var found = NonMaximumSuppression.Apply(
            near[true].Where(face => face.Score >= SsdMinScore)
                .Concat(near[false].Take(MostLooks).SelectMany(face => LookClosely(image, face)))
                .Concat(LookFromAfar(image).Where(IsLarge))
                .Where(face => face.Score >= options.MinConfidence),
            options.MaxOverlap);
        if (found.Count == 0)
        {
            // A photo without any face is rarer than a face of which it is not so sure.
            found = [.. near[true].Concat(near[false]).Where(face => face.Score >= options.MinConfidence).OrderByDescending(face => face.Score)];
        }

        bool IsLarge(Candidate face) => Math.Max(face.Box.Width, face.Box.Height) >= large;

        // From near it draws parts of a large face, too, whose boxes overlap too little to be told to be of that face.
        return [.. found.Where((face, i) => !found.Take(i).Any(better => LieInOneAnother(face.Box, better.Box)))];
    }

    private static bool LieInOneAnother(in FaceBox a, in FaceBox b)
    {
        var width = Math.Min(a.Right, b.Right) - Math.Max(a.X, b.X);
        var height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Y, b.Y);
        return width > 0 && height > 0 && width * height > MaxShareWithin * Math.Min(a.Area, b.Area);
    }

    private List<Candidate> Look(RgbImage image, float minScore)
    {
        var (width, height, scale) = InputFor(image);
        if (scale == 1)
        {
            return Run(image, width, height, 1, minScore);
        }

        using var reduced = Resampler.Resize(
            image, Math.Max(1, (int)MathF.Round(image.Width * scale)), Math.Max(1, (int)MathF.Round(image.Height * scale)));
        return Run(reduced, width, height, scale, minScore);
    }

    /// <summary>A second look: the surroundings of a box alone, so that a small face is not reduced and one that fills the image has room around it.</summary>
    public List<Candidate> FindAround(RgbImage image, FaceBox box)
    {
        var side = (int)Math.Clamp(MathF.Ceiling(2 * Math.Max(box.Width, box.Height)), Stride, Math.Max(Stride, 2 * Math.Max(image.Width, image.Height)));
        var left = (int)MathF.Round(box.X + (box.Width / 2) - (side / 2f));
        var top = (int)MathF.Round(box.Y + (box.Height / 2) - (side / 2f));
        using var surroundings = new RgbImage(side, side);
        surroundings.Pixels.Clear();
        var (from, to) = (Math.Max(0, left), Math.Min(image.Width, left + side));
        for (var y = Math.Max(0, top); y < Math.Min(image.Height, top + side) && from < to; y++)
        {
            image.Pixels.Slice((y * image.Stride) + (from * 3), (to - from) * 3)
                .CopyTo(surroundings.Pixels[(((y - top) * surroundings.Stride) + ((from - left) * 3))..]);
        }

        return [.. Find(surroundings).Select(face => Shift(face, left, top))];
    }

    /// <summary>A look at the reduced image with black around it, for a network that was not shown faces that fill an image.</summary>
    private List<Candidate> LookFromAfar(RgbImage image)
    {
        var scale = Math.Min(1, (float)AfarSide / Math.Max(image.Width, image.Height));
        using var reduced = Resampler.Resize(
            image, Math.Max(1, (int)MathF.Round(image.Width * scale)), Math.Max(1, (int)MathF.Round(image.Height * scale)));
        var (left, top) = (reduced.Width / 4, reduced.Height / 4);
        using var framed = new RgbImage(reduced.Width + (2 * left), reduced.Height + (2 * top));
        framed.Pixels.Clear();
        for (var y = 0; y < reduced.Height; y++)
        {
            reduced.Pixels.Slice(y * reduced.Stride, reduced.Stride).CopyTo(framed.Pixels[(((y + top) * framed.Stride) + (left * 3))..]);
        }

        return [.. Run(framed, Multiple(framed.Width), Multiple(framed.Height), 1, options.MinConfidence)
            .Select(face => Scale(Shift(face, -left, -top), 1 / scale))];

        static int Multiple(int side) => (side + Stride - 1) / Stride * Stride;
    }

    /// <summary>A look at a small face alone, large enough for the network; none if it sees no face there.</summary>
    private IEnumerable<Candidate> LookClosely(RgbImage image, Candidate face)
    {
        var side = CloseSurroundings * Math.Max(face.Box.Width, face.Box.Height);
        var scale = CloseSide / side;
        var (left, top) = (face.Box.X + ((face.Box.Width - side) / 2), face.Box.Y + ((face.Box.Height - side) / 2));
        using var surroundings = new RgbImage(CloseSide, CloseSide);
        FaceAligner.Warp(image, new SimilarityTransform(scale, 0, -left * scale, -top * scale), surroundings);
        return Run(surroundings, CloseSide, CloseSide, 1, options.MinConfidence).Select(found => Shift(Scale(found, 1 / scale), left, top))
            .Where(found => found.Box.IntersectionOverUnion(face.Box) >= CloseMinShare).Take(1);
    }

    private List<Candidate> Run(RgbImage image, int width, int height, float scale, float minScore)
    {
        var input = network.Description.Input;
        var format = new PlanarFormat(input.Mean, 1 / input.Std, input.Channels == ChannelOrder.Bgr);
        var length = 3 * width * height;
        var planes = Planes.Rent(length);
        try
        {
            PlanarTensor.Pack(image.Pixels, image.Width, image.Height, planes.AsSpan(0, length), width, height, format, format.Black);
            using var outputs = network.Session.Run(planes.AsSpan(0, length), 1, 3, height, width);
            var candidates = new List<Candidate>();
            _read(network.Session.Outputs, outputs, width, height, minScore, candidates);
            return [.. NonMaximumSuppression.Apply(candidates, options.MaxOverlap).Select(face => Scale(face, 1 / scale))];
        }
        finally
        {
            Planes.Return(planes);
        }
    }

    /// <summary>
    /// The size of the network's input and the factor the image is scaled by to fit. Where the network leaves its size open, the input is as
    /// large as the scaled image and not padded to a square.
    /// </summary>
    private (int Width, int Height, float Scale) InputFor(RgbImage image)
    {
        var dimensions = network.Session.Input.Dimensions;
        if (dimensions is not [_, 3, _, _])
        {
            throw new NotSupportedException($"{network.Description.Name} takes {network.Session.Input}; this code gives [1, 3, height, width].");
        }

        var longer = Math.Max(image.Width, image.Height);
        var scale = (float)Math.Clamp(longer, options.MinSide, options.MaxSide) / longer;
        if (dimensions is [_, _, > 0 and var height, > 0 and var width])
        {
            return ((int)width, (int)height, Math.Min(scale, Math.Min((float)width / image.Width, (float)height / image.Height)));
        }

        int Side(int side) => Math.Max(Stride, ((int)MathF.Round(side * scale) + Stride - 1) / Stride * Stride);
        return (Side(image.Width), Side(image.Height), scale);
    }

    private static Candidate Scale(Candidate face, float factor) => Map(face, factor, 0, 0);

    private static Candidate Shift(Candidate face, float x, float y) => Map(face, 1, x, y);

    private static Candidate Map(Candidate face, float factor, float x, float y)
    {
        FacePoint Point(FacePoint point) => new((point.X * factor) + x, (point.Y * factor) + y);
        var (box, marks) = (face.Box, face.Landmarks);
        return new Candidate(
            new FaceBox((box.X * factor) + x, (box.Y * factor) + y, box.Width * factor, box.Height * factor),
            new Landmarks(Point(marks.LeftEye), Point(marks.RightEye), Point(marks.Nose), Point(marks.MouthLeft), Point(marks.MouthRight)),
            face.Score);
    }
}
