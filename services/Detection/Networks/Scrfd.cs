using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>
/// SCRFD with key points (Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", ICLR 2022): at strides 8, 16 and 32
/// two anchors a cell; a score, four edge distances and five point offsets each, in strides.
/// </summary>
internal static class Scrfd
{
    private const int AnchorsPerCell = 2;
    private static readonly int[] Strides = [8, 16, 32];

    public static void Read(
        IReadOnlyList<TensorInfo> tensors, InferenceResult outputs, int width, int height, float minScore, List<Candidate> found)
    {
        foreach (var stride in Strides)
        {
            var columns = width / stride;
            var anchors = columns * (height / stride) * AnchorsPerCell;

            // Exported graphs name their outputs by number and order them differently; the shape tells them apart.
            var scores = Output(outputs, anchors, 1);
            var boxes = Output(outputs, anchors, 4);
            var points = Output(outputs, anchors, 10);
            for (var anchor = 0; anchor < anchors; anchor++)
            {
                if (scores[anchor] < minScore)
                {
                    continue;
                }

                var cell = anchor / AnchorsPerCell;
                float x = cell % columns * stride;
                float y = cell / columns * stride;
                var edges = boxes.Slice(anchor * 4, 4);
                var offsets = points.Slice(anchor * 10, 10);
                FacePoint Point(ReadOnlySpan<float> o, int i) => new(x + (o[2 * i] * stride), y + (o[(2 * i) + 1] * stride));
                found.Add(new Candidate(
                    new FaceBox(x - (edges[0] * stride), y - (edges[1] * stride), (edges[0] + edges[2]) * stride, (edges[1] + edges[3]) * stride),
                    new Landmarks(Point(offsets, 0), Point(offsets, 1), Point(offsets, 2), Point(offsets, 3), Point(offsets, 4)),
                    scores[anchor]));
            }
        }
    }

    private static ReadOnlySpan<float> Output(InferenceResult outputs, int rows, int columns)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            var shape = outputs.Shape(i);
            if (shape.Length >= 2 && shape[^1] == columns && shape[^2] == rows)
            {
                return outputs[i];
            }
        }

        throw new NotSupportedException($"The SCRFD network has no output of {rows} x {columns} values; it is of another shape than this code reads.");
    }
}
