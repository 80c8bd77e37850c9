using FaceCloud.Contracts.Faces;
using FaceCloud.Imaging;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>
/// Five landmarks of a box, by a network that finds the 68 points of iBUG 300-W in a square. It looks twice: the second time at a square that is
/// turned upright and lies around the points of the first, so that it matters less how the detector draws its boxes and how a head is held.
/// </summary>
internal static class Landmarks68
{
    // Where in the 68 points the parts of a face begin and end.
    private static readonly Range LeftEye = 36..42;
    private static readonly Range RightEye = 42..48;
    private const int NoseTip = 30;
    private const int MouthLeft = 48;
    private const int MouthRight = 54;

    // Sides of the square in longer sides of a box, and in the extent of the points.
    private const float AroundBox = 1.1f;
    private const float AroundPoints = 1.2f;

    /// <param name="network">Of the family landmarks68.</param>
    /// <param name="image">Pixels.</param>
    /// <param name="box">Of a face, in the same pixels.</param>
    public static Landmarks Find(Network network, RgbImage image, FaceBox box)
    {
        var points = Look(network, image, Square(box.X + (box.Width / 2), box.Y + (box.Height / 2), AroundBox * Math.Max(box.Width, box.Height), 0, network));
        var (left, right) = (Mean(points[LeftEye]), Mean(points[RightEye]));
        var angle = Math.Atan2(right.Y - left.Y, right.X - left.X);

        // The extent of the points as they lie once the face is upright.
        var upright = new SimilarityTransform(Math.Cos(-angle), Math.Sin(-angle), 0, 0);
        var turned = Array.ConvertAll(points, upright.Apply);
        var (minX, maxX) = (turned.Min(point => point.X), turned.Max(point => point.X));
        var (minY, maxY) = (turned.Min(point => point.Y), turned.Max(point => point.Y));
        var centre = upright.Inverse().Apply(new FacePoint((minX + maxX) / 2, (minY + maxY) / 2));
        points = Look(network, image, Square(centre.X, centre.Y, AroundPoints * Math.Max(maxX - minX, maxY - minY), angle, network));
        return new Landmarks(Mean(points[LeftEye]), Mean(points[RightEye]), points[NoseTip], points[MouthLeft], points[MouthRight]);
    }

    /// <summary>From the image to the network's input.</summary>
    private static SimilarityTransform Square(float x, float y, float side, double angle, Network network)
    {
        var inputSide = network.Description.Crop!.Value.Side;
        var scale = inputSide / Math.Max(1, side);
        var (a, b) = (scale * Math.Cos(-angle), scale * Math.Sin(-angle));
        return new SimilarityTransform(a, b, (inputSide / 2.0) - ((a * x) - (b * y)), (inputSide / 2.0) - ((b * x) + (a * y)));
    }

    private static FacePoint[] Look(Network network, RgbImage image, SimilarityTransform toInput)
    {
        var side = network.Description.Crop!.Value.Side;
        using var face = new RgbImage(side, side);
        FaceAligner.Warp(image, toInput, face);
        using var outputs = FaceInput.Run(network, face.Pixels, side);
        var values = outputs[0];
        var toImage = toInput.Inverse();
        var points = new FacePoint[values.Length / 2];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = toImage.Apply(new FacePoint(values[2 * i] * side, values[(2 * i) + 1] * side));
        }

        return points;
    }

    private static FacePoint Mean(ReadOnlySpan<FacePoint> points)
    {
        var (x, y) = (0f, 0f);
        foreach (var point in points)
        {
            (x, y) = (x + point.X, y + point.Y);
        }

        return new FacePoint(x / points.Length, y / points.Length);
    }
}
