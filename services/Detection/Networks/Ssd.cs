using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>
/// SSD on MobileNet (Liu et al., "SSD: Single Shot MultiBox Detector", ECCV 2016), with the anchors of TensorFlow's object detection: grids of
/// strides 16 to 512, in each cell boxes of several shapes, sizes relative to the 512 pixels it was trained at. It finds no landmarks.
/// </summary>
internal static class Ssd
{
    // Variances by which box and anchor differ.
    private const float CentreVariance = 10;
    private const float SizeVariance = 5;

    private static readonly (int Stride, (float Width, float Height)[] Shapes)[] Grids = [.. Enumerable.Range(0, 6).Select(grid => (16 << grid, Shapes(grid)))];

    public static void Read(
        IReadOnlyList<TensorInfo> tensors, InferenceResult outputs, int width, int height, float minScore, List<Candidate> found)
    {
        var boxes = outputs[0];
        var scores = outputs[1];
        if (boxes.Length != scores.Length * 4
            || scores.Length != Grids.Sum(grid => Cells(width, grid.Stride) * Cells(height, grid.Stride) * grid.Shapes.Length))
        {
            throw new NotSupportedException($"The SSD network gives {boxes.Length} and {scores.Length} values; it is of another shape than this code reads.");
        }

        var anchor = 0;
        foreach (var (stride, shapes) in Grids)
        {
            var columns = Cells(width, stride);
            for (var cell = 0; cell < columns * Cells(height, stride); cell++)
            {
                foreach (var shape in shapes)
                {
                    if (scores[anchor] >= minScore)
                    {
                        found.Add(new Candidate(
                            Box(boxes.Slice(anchor * 4, 4), ((cell % columns) + 0.5f) * stride, ((cell / columns) + 0.5f) * stride, shape),
                            default,
                            scores[anchor]));
                    }

                    anchor++;
                }
            }
        }
    }

    // Encoded as vertical and horizontal offset, height and width.
    private static FaceBox Box(ReadOnlySpan<float> code, float x, float y, (float Width, float Height) anchor)
    {
        var centreX = x + (code[1] / CentreVariance * anchor.Width);
        var centreY = y + (code[0] / CentreVariance * anchor.Height);
        var width = MathF.Exp(code[3] / SizeVariance) * anchor.Width;
        var height = MathF.Exp(code[2] / SizeVariance) * anchor.Height;
        return new FaceBox(centreX - (width / 2), centreY - (height / 2), width, height);
    }

    private static int Cells(int side, int stride) => (side + stride - 1) / stride;

    /// <summary>Scales from 0.2 to 0.95 of 512 pixels; aspect ratios 1, 2, 1/2, 3 and 0.3333, and a square between this scale and the next.</summary>
    private static (float Width, float Height)[] Shapes(int grid)
    {
        const float Side = 512;
        var (scale, next) = (Scale(grid), grid == 5 ? 1 : Scale(grid + 1));
        return grid == 0
            ? [Shape(0.1f, 1), Shape(scale, 2), Shape(scale, 0.5f)]
            : [Shape(scale, 1), Shape(MathF.Sqrt(scale * next), 1), Shape(scale, 2), Shape(scale, 0.5f), Shape(scale, 3), Shape(scale, 0.3333f)];

        static float Scale(int grid) => 0.2f + (0.15f * grid);

        static (float, float) Shape(float scale, float aspect) => (Side * scale * MathF.Sqrt(aspect), Side * scale / MathF.Sqrt(aspect));
    }
}
