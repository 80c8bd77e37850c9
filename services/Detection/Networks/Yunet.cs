using FaceCloud.Contracts.Faces;
using FaceCloud.Inference;

namespace FaceCloud.Detection.Networks;

/// <summary>
/// YuNet (Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023): anchor-free; at strides 8, 16 and 32 one prediction a cell:
/// class and objectness, centre offset and log size, five points, in strides.
/// </summary>
internal static class Yunet
{
    private static readonly int[] Strides = [8, 16, 32];

    public static void Read(
        IReadOnlyList<TensorInfo> tensors, InferenceResult outputs, int width, int height, float minScore, List<Candidate> found)
    {
        foreach (var stride in Strides)
        {
            var columns = width / stride;
            var cells = columns * (height / stride);
            var classes = Output(tensors, outputs, $"cls_{stride}", cells);
            var objects = Output(tensors, outputs, $"obj_{stride}", cells);
            var boxes = Output(tensors, outputs, $"bbox_{stride}", cells * 4);
            var points = Output(tensors, outputs, $"kps_{stride}", cells * 10);
            for (var cell = 0; cell < cells; cell++)
            {
                var score = MathF.Sqrt(Math.Clamp(classes[cell], 0, 1) * Math.Clamp(objects[cell], 0, 1));
                if (score < minScore)
                {
                    continue;
                }

                var column = cell % columns;
                var row = cell / columns;
                var box = boxes.Slice(cell * 4, 4);
                var offsets = points.Slice(cell * 10, 10);
                var boxWidth = MathF.Exp(box[2]) * stride;
                var boxHeight = MathF.Exp(box[3]) * stride;
                FacePoint Point(ReadOnlySpan<float> o, int i) => new((column + o[2 * i]) * stride, (row + o[(2 * i) + 1]) * stride);
                found.Add(new Candidate(
                    new FaceBox(((column + box[0]) * stride) - (boxWidth / 2), ((row + box[1]) * stride) - (boxHeight / 2), boxWidth, boxHeight),
                    new Landmarks(Point(offsets, 0), Point(offsets, 1), Point(offsets, 2), Point(offsets, 3), Point(offsets, 4)),
                    score));
            }
        }
    }

    private static ReadOnlySpan<float> Output(IReadOnlyList<TensorInfo> tensors, InferenceResult outputs, string name, int length)
    {
        for (var i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Name == name && outputs[i].Length == length)
            {
                return outputs[i];
            }
        }

        throw new NotSupportedException($"The YuNet network has no output '{name}' of {length} values; it is of another shape than this code reads.");
    }
}
