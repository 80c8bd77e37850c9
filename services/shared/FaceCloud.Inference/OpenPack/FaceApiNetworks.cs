using FaceCloud.Inference.Onnx;

namespace FaceCloud.Inference.OpenPack;

/// <summary>
/// The networks of face-api (https://github.com/vladmandic/face-api, MIT), written out as its own code in <c>src/</c> computes them. Except for
/// the detector's, values are pixels from 0 to 255, RGB.
/// </summary>
internal static class FaceApiNetworks
{
    /// <summary>Side of the chip that <see cref="Descriptor"/> takes.</summary>
    public const int ChipSide = 150;

    // BatchNormalization's epsilon in ssdMobilenetv1/mobileNetV1.ts.
    private const double Epsilon = 0.0010000000474974513;

    // Classes of the detector: background, face, and one that is not used.
    private const int Classes = 3;
    private const int Face = 1;

    private static readonly float[] MeanRgb = [122.782f, 117.001f, 104.298f];
    private static readonly int[] HalvingLayers = [2, 4, 6, 12];

    /// <summary>
    /// ssd_mobilenetv1. Input [1, 3, height, width], values from -1 to 1. Outputs: <c>boxes</c> [1, anchors, 4], how box and anchor differ, and
    /// <c>scores</c> [1, anchors], 0 to 1. Anchors go by grid (strides 16 to 512), row, column and shape.
    /// </summary>
    public static void SsdMobilenet(OnnxGraph graph, TensorFlowWeights weights)
    {
        var x = Pointwise(graph.Input, "MobilenetV1/Conv2d_0_pointwise", 2);
        var grids = new List<string>();
        for (var layer = 1; layer <= 13; layer++)
        {
            var prefix = $"MobilenetV1/Conv2d_{layer}_depthwise";
            var scale = weights[$"{prefix}/BatchNorm/gamma"].Values.Zip(
                weights[$"{prefix}/BatchNorm/moving_variance"].Values, (gamma, variance) => (float)(gamma / Math.Sqrt(variance + Epsilon))).ToArray();
            var offset = weights[$"{prefix}/BatchNorm/beta"].Values.Select(
                (beta, channel) => (float)(beta - ((double)weights[$"{prefix}/BatchNorm/moving_mean"].Values[channel] * scale[channel]))).ToArray();
            x = graph.ConvolveEach(x, weights[$"{prefix}/depthwise_weights"], HalvingLayers.Contains(layer) ? 2 : 1, scale: scale, offset: offset);
            x = Pointwise(graph.Clip(x, 0, 6), $"MobilenetV1/Conv2d_{layer}_pointwise", 1);
            if (layer is 11 or 13)
            {
                grids.Add(x);
            }
        }

        for (var layer = 0; layer < 8; layer++)
        {
            x = Pointwise(x, $"Prediction/Conv2d_{layer}_pointwise", layer % 2 == 0 ? 1 : 2);
            if (layer % 2 == 1)
            {
                grids.Add(x);
            }
        }

        graph.Output(Predictions("BoxEncodingPredictor", [1, -1, 4], filters => filters), "boxes", 1, "anchors", 4);
        graph.Output(graph.Node("Sigmoid", [Predictions("ClassPredictor", [1, -1], OnlyFace)]), "scores", 1, "anchors");

        string Pointwise(string value, string prefix, int stride) =>
            graph.Clip(graph.Convolve(value, weights[$"{prefix}/weights"], weights[$"{prefix}/convolution_bn_offset"].Values, stride), 0, 6);

        string Predictions(string predictor, long[] shape, Func<Weight, Weight> select)
        {
            var parts = grids.Select((grid, i) =>
            {
                var prefix = $"Prediction/BoxPredictor_{i}/{predictor}";
                var prediction = graph.Convolve(grid, select(weights[$"{prefix}/weights"]), select(weights[$"{prefix}/biases"]).Values);
                return graph.Node("Reshape", [graph.ChannelsLast(prediction), graph.Integers(shape)]);
            });
            return graph.Node("Concat", [.. parts], ("axis", 1));
        }

        // The channels of the other classes are never looked at.
        static Weight OnlyFace(Weight weight) => new(
            [.. weight.Shape[..^1], weight[^1] / Classes], [.. weight.Values.Where((_, i) => i % Classes == Face)]);
    }

    /// <summary>face_landmark_68. <paramref name="pixels"/> [N, 3, 112, 112]; result [N, 136], x and y of each point in sides of the square.</summary>
    public static string Landmarks(OnnxGraph graph, TensorFlowWeights weights, string pixels)
    {
        var x = graph.Normalise(pixels, MeanRgb, 255);
        for (var block = 0; block < 4; block++)
        {
            var prefix = $"dense{block}";
            var first = graph.Relu(block == 0
                ? graph.Convolve(x, weights[$"{prefix}/conv0/filters"], weights[$"{prefix}/conv0/bias"].Values, 2)
                : Separable(graph, weights, x, $"{prefix}/conv0", 2));
            var sum = first;
            for (var layer = 1; layer < 4; layer++)
            {
                // As in DenseNet, each layer sees the sum of all before it.
                sum = graph.Add(sum, Separable(graph, weights, layer == 1 ? sum : graph.Relu(sum), $"{prefix}/conv{layer}", 1));
            }

            x = graph.Relu(sum);
        }

        x = graph.Node("Flatten", [graph.Pool(x, "AveragePool", 7, 2)]);
        return graph.Connect(x, weights["fc/weights"], weights["fc/bias"].Values);
    }

    /// <summary>face_recognition, dlib's ResNet. <paramref name="pixels"/> [N, 3, 150, 150]; result [N, 128].</summary>
    public static string Descriptor(OnnxGraph graph, TensorFlowWeights weights, string pixels)
    {
        var x = graph.Relu(Convolution(graph.Normalise(pixels, MeanRgb, 255), "conv32_down", 2, same: false));
        x = graph.Pool(x, "MaxPool", 3, 2);
        x = Residuals(x, "conv32", 1, 3);
        x = Halving(x, "conv64_down", 35);
        x = Residuals(x, "conv64", 1, 3);
        x = Halving(x, "conv128_down", 17);
        x = Residuals(x, "conv128", 1, 2);
        x = Halving(x, "conv256_down", 8);
        x = Residuals(x, "conv256", 1, 2);
        x = Halving(x, "conv256_down_out", 4);
        return graph.Connect(graph.MeanOfPixels(x), weights["fc"]);

        string Convolution(string value, string prefix, int stride, bool same) => graph.Convolve(
            value, weights[$"{prefix}/conv/filters"], weights[$"{prefix}/conv/bias"].Values, stride, same,
            weights[$"{prefix}/scale/weights"].Values, weights[$"{prefix}/scale/biases"].Values);

        string Residuals(string value, string prefix, int first, int last)
        {
            for (var i = first; i <= last; i++)
            {
                var inner = graph.Relu(Convolution(value, $"{prefix}_{i}/conv1", 1, same: true));
                value = graph.Relu(graph.Add(Convolution(inner, $"{prefix}_{i}/conv2", 1, same: true), value));
            }

            return value;
        }

        // Both paths get zeros where they are smaller than the other: in pixels at the right and bottom, in channels at the end.
        string Halving(string value, string prefix, int side)
        {
            var inner = graph.Relu(Convolution(value, $"{prefix}/conv1", 2, same: false));
            inner = Convolution(inner, $"{prefix}/conv2", 1, same: true);
            var pooled = graph.Pool(value, "AveragePool", 2, 2);
            var missing = (side / 2) - ((side - 1) / 2);
            if (missing > 0)
            {
                inner = graph.Node("Pad", [inner, graph.Integers(0, 0, 0, 0, 0, 0, missing, missing)]);
            }

            var filters = weights[$"{prefix}/conv1/conv/filters"];
            var channels = filters[3] - filters[2];
            if (channels > 0)
            {
                pooled = graph.Node("Pad", [pooled, graph.Integers(0, 0, 0, 0, 0, channels, 0, 0)]);
            }

            return graph.Relu(graph.Add(pooled, inner));
        }
    }

    /// <summary>age_gender. <paramref name="pixels"/> [N, 3, 112, 112]; results [N, 1] years and [N, 2] logits of male and female.</summary>
    public static (string Age, string Gender) AgeGender(OnnxGraph graph, TensorFlowWeights weights, string pixels)
    {
        var x = graph.Relu(Convolution(graph.Normalise(pixels, MeanRgb, 255), "entry_flow/conv_in"));
        x = Reduction(x, x, "entry_flow/reduction_block_0");
        x = Reduction(x, graph.Relu(x), "entry_flow/reduction_block_1");
        for (var block = 0; block < 2; block++)
        {
            var inner = x;
            for (var layer = 0; layer < 3; layer++)
            {
                inner = Separable(graph, weights, graph.Relu(inner), $"middle_flow/main_block_{block}/separable_conv{layer}", 1);
            }

            x = graph.Add(inner, x);
        }

        x = Reduction(x, graph.Relu(x), "exit_flow/reduction_block");
        x = graph.Relu(Separable(graph, weights, x, "exit_flow/separable_conv", 1));
        x = graph.Node("Flatten", [graph.Pool(x, "AveragePool", 7, 2)]);
        return (
            graph.Connect(x, weights["fc/age/weights"], weights["fc/age/bias"].Values),
            graph.Connect(x, weights["fc/gender/weights"], weights["fc/gender/bias"].Values));

        string Convolution(string value, string prefix) => graph.Convolve(value, weights[$"{prefix}/filters"], weights[$"{prefix}/bias"].Values, 2);

        string Reduction(string value, string activated, string prefix)
        {
            var inner = Separable(graph, weights, activated, $"{prefix}/separable_conv0", 1);
            inner = Separable(graph, weights, graph.Relu(inner), $"{prefix}/separable_conv1", 1);
            return graph.Add(graph.Pool(inner, "MaxPool", 3, 2, same: true), Convolution(value, $"{prefix}/expansion_conv"));
        }
    }

    private static string Separable(OnnxGraph graph, TensorFlowWeights weights, string x, string prefix, int stride) => graph.Convolve(
        graph.ConvolveEach(x, weights[$"{prefix}/depthwise_filter"], stride), weights[$"{prefix}/pointwise_filter"], weights[$"{prefix}/bias"].Values);
}
