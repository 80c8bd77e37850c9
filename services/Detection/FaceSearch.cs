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

    // Not the shared pool: that keeps an array of megabytes for every thread that ever gave one back.
    private static readonly ArrayPool<float> Planes = ArrayPool<float>.Create(maxArrayLength: 1 << 23, maxArraysPerBucket: Environment.ProcessorCount);

    private readonly ReadCandidates _read = network.Description.Family switch
    {
        ModelFamily.Scrfd => Scrfd.Read,
        ModelFamily.YuNet => Yunet.Read,
        var family => throw new NotSupportedException($"{family} is no family of detectors."),
    };

    /// <summary>The faces of an image, in its own pixels.</summary>
    public List<Candidate> Find(RgbImage image)
    {
        var (width, height, scale) = InputFor(image);
        if (scale == 1)
        {
            return Run(image, width, height, 1);
        }

        using var reduced = Resampler.Resize(
            image, Math.Max(1, (int)MathF.Round(image.Width * scale)), Math.Max(1, (int)MathF.Round(image.Height * scale)));
        return Run(reduced, width, height, scale);
    }

    /// <summary>A second look: the surroundings of a box alone, so that a small face is not reduced and one that fills the image has room around it.</summary>
    public List<Candidate> FindAround(RgbImage image, FaceBox box)
    {
        var side = (int)Math.Clamp(MathF.Ceiling(2 * Math.Max(box.Width, box.Height)), Stride, 2 * Math.Max(image.Width, image.Height));
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

    private List<Candidate> Run(RgbImage image, int width, int height, float scale)
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
            _read(network.Session.Outputs, outputs, width, height, options.MinConfidence, candidates);
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
