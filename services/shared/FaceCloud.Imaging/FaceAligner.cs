using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging;

/// <summary>
/// Cuts faces out upright and at one size, so that each landmark lies where the network learnt to expect it. Outside the image is black.
/// </summary>
/// <remarks>As in the code the networks were trained with, whole coordinates are pixel centres: point (0, 0) is the middle of the first pixel.</remarks>
public static class FaceAligner
{
    // Where the crop has fewer than half the source's pixels, two samples a side no longer reach every one of them.
    private const double CoarsestBilinear = 0.5;

    /// <summary>Where left eye, right eye, nose and mouth corners belong in a crop of <see cref="FaceCrop.Side"/> pixels.</summary>
    /// <remarks>Deng et al., "ArcFace", CVPR 2019; the numbers are those of InsightFace's <c>face_align.py</c>.</remarks>
    public static Landmarks ArcFaceTemplate { get; } = new(
        new FacePoint(38.2946f, 51.6963f),
        new FacePoint(73.5318f, 51.5014f),
        new FacePoint(56.0252f, 71.7366f),
        new FacePoint(41.5493f, 92.3655f),
        new FacePoint(70.7299f, 92.2041f));

    /// <summary>Where the same points lie in dlib's chip of 150 pixels with a padding of 0.25.</summary>
    /// <remarks>
    /// The mean face of dlib's <c>get_face_chip_details</c> (dlib/image_transforms/interpolation.h): means of its points for each eye, its tip of
    /// the nose and its corners of the mouth, times 100, plus 25.
    /// </remarks>
    private static readonly Landmarks DlibTemplate = new(
        new FacePoint(47.5492f, 46.5990f),
        new FacePoint(100.4761f, 46.5990f),
        new FacePoint(74.0127f, 76.5625f),
        new FacePoint(50.4149f, 103.0233f),
        new FacePoint(97.6104f, 103.0233f));

    private const float DlibSide = 150;

    // The wide chip is where a detector's box, as a square and 1.2 times as large, lies on average around the faces of LFW.
    private const float WideSide = 194;
    private const float WideLeft = 22;
    private const float WideTop = 32;

    /// <summary>Where left eye, right eye, nose and mouth corners belong in a crop, in its pixels.</summary>
    public static Landmarks Template(CropShape shape) => shape.Geometry switch
    {
        CropGeometry.ArcFace => Scaled(ArcFaceTemplate, 0, 0, shape.Side / (float)FaceCrop.Side),
        CropGeometry.Dlib => Scaled(DlibTemplate, 0, 0, shape.Side / DlibSide),
        CropGeometry.DlibWide => Scaled(DlibTemplate, WideLeft, WideTop, shape.Side / WideSide),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, null),
    };

    /// <summary>The face as a network wants it.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="landmarks">Pixels of the original, as detections give them.</param>
    /// <param name="shape">How to cut it out.</param>
    /// <exception cref="ArgumentException">The landmarks lie in one place or are not numbers.</exception>
    public static FaceChip Cut(DecodedImage image, Landmarks landmarks, CropShape shape)
    {
        using var chip = new RgbImage(shape.Side, shape.Side);
        Warp(image.Pixels, Transform(image, landmarks, Template(shape)), chip);
        return new FaceChip(shape, chip.Pixels.ToArray());
    }

    /// <summary>The crop that is shown, kept, and given to ArcFace recognisers.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="landmarks">Pixels of the original, as detections give them.</param>
    /// <exception cref="ArgumentException">The landmarks lie in one place or are not numbers.</exception>
    public static FaceCrop Align(DecodedImage image, Landmarks landmarks) => new(Cut(image, landmarks, CropShape.ArcFace).Rgb);

    /// <summary>The transform from decoded pixels to a chip in which the landmarks lie at <paramref name="template"/>.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="landmarks">Pixels of the original.</param>
    /// <param name="template">Pixels of the chip.</param>
    /// <exception cref="ArgumentException">The landmarks lie in one place or are not numbers.</exception>
    public static SimilarityTransform Transform(DecodedImage image, Landmarks landmarks, Landmarks template)
    {
        var points = landmarks.ToArray();
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = image.ToDecoded(points[i]);
        }

        return SimilarityTransform.Between(points, template.ToArray());
    }

    /// <summary>Fills a chip of any size: pixel p of the source goes to <c>transform(p)</c>. Reductions below one half are filtered first.</summary>
    /// <param name="source">Pixels to cut from.</param>
    /// <param name="transform">From pixels of the source to pixels of the chip.</param>
    /// <param name="chip">Every pixel of it is written; black where the source has none.</param>
    public static void Warp(RgbImage source, SimilarityTransform transform, RgbImage chip)
    {
        var toSource = transform.Inverse();
        if (transform.Scale >= CoarsestBilinear)
        {
            Sample(source, toSource, chip);
            return;
        }

        var region = Covered(source, toSource, chip);
        if (region is { Width: > 0, Height: > 0 })
        {
            // Reduced to between one and two pixels per pixel of the chip; the warp does the rest.
            var factor = Math.Floor(1 / transform.Scale);
            using var reduced = new RgbImage(Reduced(region.Width), Reduced(region.Height));
            Resampler.Resize(source, region, reduced);
            Sample(reduced, Within(region, reduced, toSource), chip);

            int Reduced(int side) => Math.Max(1, (int)Math.Round(side / factor));
        }
        else
        {
            chip.Pixels.Clear();
        }
    }

    private static Landmarks Scaled(Landmarks template, float left, float top, float factor) =>
        Landmarks.From([.. template.ToArray().Select(point => new FacePoint((point.X + left) * factor, (point.Y + top) * factor))]);

    /// <summary>The part of the source that the chip shows, and a margin for the filter.</summary>
    private static PixelRegion Covered(RgbImage source, SimilarityTransform toSource, RgbImage chip)
    {
        Span<FacePoint> corners =
        [
            toSource.Apply(new FacePoint(0, 0)),
            toSource.Apply(new FacePoint(chip.Width, 0)),
            toSource.Apply(new FacePoint(0, chip.Height)),
            toSource.Apply(new FacePoint(chip.Width, chip.Height)),
        ];
        var margin = 2 * toSource.Scale;
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        foreach (var corner in corners)
        {
            (left, right) = (Math.Min(left, corner.X - margin), Math.Max(right, corner.X + margin));
            (top, bottom) = (Math.Min(top, corner.Y - margin), Math.Max(bottom, corner.Y + margin));
        }

        var (x, y) = ((int)Math.Clamp(left, 0, source.Width), (int)Math.Clamp(top, 0, source.Height));
        return new PixelRegion(x, y, (int)Math.Clamp(right, 0, source.Width) - x, (int)Math.Clamp(bottom, 0, source.Height) - y);
    }

    /// <summary>The map from the chip to a region that was resized, given that to the whole source.</summary>
    private static Affine Within(PixelRegion region, RgbImage reduced, SimilarityTransform toSource)
    {
        // Resizing keeps edges in place, so centres move by half a pixel: u = (x - region.X + 0.5) * ratio - 0.5. The sides are rounded to
        // whole pixels, each by its own ratio, so that the map is no longer a similarity.
        var (ratioX, ratioY) = ((double)reduced.Width / region.Width, (double)reduced.Height / region.Height);
        return new Affine(
            ratioX * toSource.A, ratioX * -toSource.B, (toSource.X - region.X + 0.5) * ratioX - 0.5,
            ratioY * toSource.B, ratioY * toSource.A, (toSource.Y - region.Y + 0.5) * ratioY - 0.5);
    }

    private static void Sample(RgbImage source, SimilarityTransform toSource, RgbImage chip) =>
        Sample(source, new Affine(toSource.A, -toSource.B, toSource.X, toSource.B, toSource.A, toSource.Y), chip);

    private static void Sample(RgbImage source, Affine toSource, RgbImage chip)
    {
        ref var pixels = ref MemoryMarshal.GetReference(source.PixelsWithSlack);
        ref var output = ref MemoryMarshal.GetReference(chip.PixelsWithSlack);
        for (var y = 0; y < chip.Height; y++)
        {
            for (var x = 0; x < chip.Width; x++)
            {
                var sourceX = toSource.XX * x + toSource.XY * y + toSource.X;
                var sourceY = toSource.YX * x + toSource.YY * y + toSource.Y;

                // The half rounds.
                var value = Bilinear(source, ref pixels, sourceX, sourceY) + Vector128.Create(0.5f);
                RgbVector.Store(value, ref output);
                output = ref Unsafe.Add(ref output, 3);
            }
        }
    }

    /// <summary>The mean of the four pixels around a point, each weighted by its nearness; those outside the image count as black.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Bilinear(RgbImage source, ref byte pixels, double x, double y)
    {
        var (floorX, floorY) = (Math.Floor(x), Math.Floor(y));
        if (!(floorX >= -1 && floorY >= -1 && floorX < source.Width && floorY < source.Height))
        {
            return Vector128<float>.Zero;
        }

        var (left, top) = ((int)floorX, (int)floorY);
        Vector128<float> a, b, c, d;
        if (left >= 0 && top >= 0 && left + 1 < source.Width && top + 1 < source.Height)
        {
            ref var first = ref Unsafe.Add(ref pixels, top * source.Stride + left * 3);
            a = RgbVector.Load(ref first);
            b = RgbVector.Load(ref Unsafe.Add(ref first, 3));
            c = RgbVector.Load(ref Unsafe.Add(ref first, source.Stride));
            d = RgbVector.Load(ref Unsafe.Add(ref first, source.Stride + 3));
        }
        else
        {
            a = PixelOrBlack(source, left, top);
            b = PixelOrBlack(source, left + 1, top);
            c = PixelOrBlack(source, left, top + 1);
            d = PixelOrBlack(source, left + 1, top + 1);
        }

        var (right, bottom) = (Vector128.Create((float)(x - floorX)), Vector128.Create((float)(y - floorY)));
        var upper = a + (b - a) * right;
        var lower = c + (d - c) * right;
        return upper + (lower - upper) * bottom;
    }

    private static Vector128<float> PixelOrBlack(RgbImage source, int x, int y) =>
        (uint)x < (uint)source.Width && (uint)y < (uint)source.Height
            ? RgbVector.Load(ref source.PixelsWithSlack[y * source.Stride + x * 3])
            : Vector128<float>.Zero;

    private readonly record struct Affine(double XX, double XY, double X, double YX, double YY, double Y);
}
