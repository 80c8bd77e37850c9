using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging;

/// <summary>Rotation, uniform scale and shift: <c>x' = A x - B y + X</c>, <c>y' = B x + A y + Y</c>.</summary>
public readonly record struct SimilarityTransform(double A, double B, double X, double Y)
{
    /// <summary>The factor by which distances grow.</summary>
    public double Scale => Math.Sqrt(A * A + B * B);

    /// <summary>The rotation in radians; from the x axis towards the y axis, which points down in images.</summary>
    public double Angle => Math.Atan2(B, A);

    /// <summary>
    /// The transform that brings <paramref name="from"/> closest to <paramref name="to"/> (least sum of squared distances, never a mirror image).
    /// </summary>
    /// <exception cref="ArgumentException">Fewer than two points, not as many here as there, all in one place, or not finite.</exception>
    /// <remarks>
    /// Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE PAMI 13(4), 1991. In the plane its
    /// solution is one complex division: with both sets centred, a + ib = sum(conj(p) q) / sum(|p|^2).
    /// </remarks>
    public static SimilarityTransform Between(ReadOnlySpan<FacePoint> from, ReadOnlySpan<FacePoint> to)
    {
        if (from.Length != to.Length || from.Length < 2)
        {
            throw new ArgumentException("Two sets of equally many points, at least two, are needed.", nameof(to));
        }

        var (fromX, fromY) = Centre(from);
        var (toX, toY) = Centre(to);
        double real = 0, imaginary = 0, spread = 0;
        for (var i = 0; i < from.Length; i++)
        {
            var (px, py) = (from[i].X - fromX, from[i].Y - fromY);
            var (qx, qy) = (to[i].X - toX, to[i].Y - toY);
            real += px * qx + py * qy;
            imaginary += px * qy - py * qx;
            spread += px * px + py * py;
        }

        var (a, b) = (real / spread, imaginary / spread);
        var transform = new SimilarityTransform(a, b, toX - (a * fromX - b * fromY), toY - (b * fromX + a * fromY));
        return double.IsFinite(transform.X) && double.IsFinite(transform.Y) && transform.Scale > 0
            ? transform
            : throw new ArgumentException("The points lie in one place or are not numbers.", nameof(from));
    }

    /// <summary>Where a point goes.</summary>
    public FacePoint Apply(FacePoint point) => new((float)(A * point.X - B * point.Y + X), (float)(B * point.X + A * point.Y + Y));

    /// <summary>The transform back.</summary>
    public SimilarityTransform Inverse()
    {
        var square = A * A + B * B;
        var (a, b) = (A / square, -B / square);
        return new SimilarityTransform(a, b, -(a * X - b * Y), -(b * X + a * Y));
    }

    private static (double X, double Y) Centre(ReadOnlySpan<FacePoint> points)
    {
        double x = 0, y = 0;
        foreach (var point in points)
        {
            (x, y) = (x + point.X, y + point.Y);
        }

        return (x / points.Length, y / points.Length);
    }
}
