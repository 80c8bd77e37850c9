using FaceCloud.Inference.Onnx;

namespace FaceCloud.Inference.OpenPack;

/// <summary>
/// TensorFlow's layers as ONNX nodes: filters turned from [height, width, in, out] to [out, in, height, width], and a factor for each channel
/// (BatchNormalization, scale) folded into them.
/// </summary>
internal static class Layers
{
    /// <summary>Padding so that only the stride makes the output smaller; what is uneven goes to the right and to the bottom.</summary>
    private static readonly (string, object) Same = ("auto_pad", "SAME_UPPER");

    // Of [N, channels, height, width].
    private static readonly int[] Channels = [1];
    private static readonly int[] Pixels = [2, 3];
    private static readonly int[] ChannelsToTheEnd = [0, 2, 3, 1];

    /// <summary><c>scale * (x * filters + bias) + offset</c>.</summary>
    /// <param name="graph">Written to.</param>
    /// <param name="x">[N, in, height, width].</param>
    /// <param name="filters">[height, width, in, out].</param>
    /// <param name="bias">One for each channel out; null for none.</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="same">Whether the image is padded with zeros.</param>
    /// <param name="scale">One for each channel out; null for 1.</param>
    /// <param name="offset">One for each channel out; null for 0.</param>
    public static string Convolve(
        this OnnxGraph graph, string x, Weight filters, float[]? bias = null, int stride = 1, bool same = true, float[]? scale = null, float[]? offset = null)
    {
        var (height, width, channelsIn, channelsOut) = (filters[0], filters[1], filters[2], filters[3]);
        var turned = new float[filters.Values.Length];
        var at = 0;
        for (var o = 0; o < channelsOut; o++)
        {
            for (var i = 0; i < channelsIn; i++)
            {
                for (var pixel = 0; pixel < height * width; pixel++)
                {
                    turned[at++] = Times(filters.Values[(((pixel * channelsIn) + i) * channelsOut) + o], scale, o);
                }
            }
        }

        return graph.Convolution(x, turned, [channelsOut, channelsIn, height, width], Bias(channelsOut, bias, scale, offset), stride, same, groups: 1);
    }

    /// <summary>Each channel by its own filter.</summary>
    /// <param name="graph">Written to.</param>
    /// <param name="x">[N, channels, height, width].</param>
    /// <param name="filters">[height, width, channels, 1].</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="same">Whether the image is padded with zeros.</param>
    /// <param name="scale">One for each channel; null for 1.</param>
    /// <param name="offset">One for each channel; null for 0.</param>
    public static string ConvolveEach(
        this OnnxGraph graph, string x, Weight filters, int stride = 1, bool same = true, float[]? scale = null, float[]? offset = null)
    {
        var (height, width, channels) = (filters[0], filters[1], filters[2]);
        if (filters[3] != 1)
        {
            throw new InvalidDataException("A channel has more than one filter.");
        }

        var turned = new float[filters.Values.Length];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var pixel = 0; pixel < height * width; pixel++)
            {
                turned[(channel * height * width) + pixel] = Times(filters.Values[(pixel * channels) + channel], scale, channel);
            }
        }

        return graph.Convolution(x, turned, [channels, 1, height, width], Bias(channels, null, scale, offset), stride, same, groups: channels);
    }

    /// <summary>A fully connected layer: [N, in] to [N, out].</summary>
    /// <param name="graph">Written to.</param>
    /// <param name="x">[N, in].</param>
    /// <param name="weights">[in, out].</param>
    /// <param name="bias">One for each value out; null for none.</param>
    public static string Connect(this OnnxGraph graph, string x, Weight weights, float[]? bias = null)
    {
        var product = graph.Node("MatMul", [x, graph.Floats(weights.Values, weights.Shape)]);
        return bias is null ? product : graph.Node("Add", [product, graph.Floats(bias, bias.Length)]);
    }

    /// <summary><c>(x - mean) / divisor</c>, a mean for each channel.</summary>
    public static string Normalise(this OnnxGraph graph, string x, float[] mean, float divisor = 1)
    {
        var centred = graph.Node("Sub", [x, graph.Floats(mean, 1, mean.Length, 1, 1)]);
        return divisor == 1 ? centred : graph.Node("Div", [centred, graph.Floats([divisor], 1)]);
    }

    public static string Relu(this OnnxGraph graph, string x) => graph.Node("Relu", [x]);

    public static string Add(this OnnxGraph graph, string a, string b) => graph.Node("Add", [a, b]);

    /// <summary>Values below a limit stay, others become it.</summary>
    public static string Clip(this OnnxGraph graph, string x, float low, float high) => graph.Node("Clip", [x, graph.Floats([low]), graph.Floats([high])]);

    /// <param name="graph">Written to.</param>
    /// <param name="x">[N, channels, height, width].</param>
    /// <param name="operation"><c>MaxPool</c> or <c>AveragePool</c>.</param>
    /// <param name="side">Of the window.</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="same">Whether windows reach over the edges.</param>
    public static string Pool(this OnnxGraph graph, string x, string operation, int side, int stride, bool same = false)
    {
        (string, object)[] attributes = [("kernel_shape", new[] { side, side }), ("strides", new[] { stride, stride })];
        return graph.Node(operation, [x], same ? [.. attributes, Same] : attributes);
    }

    /// <summary>The mean over all pixels: [N, channels].</summary>
    public static string MeanOfPixels(this OnnxGraph graph, string x) => graph.Node("ReduceMean", [x], ("axes", Pixels), ("keepdims", 0));

    /// <summary>[N, height, width, channels], TensorFlow's order.</summary>
    public static string ChannelsLast(this OnnxGraph graph, string x) => graph.Node("Transpose", [x], ("perm", ChannelsToTheEnd));

    /// <summary>Vectors of length 1: [N, n] to [N, n].</summary>
    public static string Unit(this OnnxGraph graph, string x) =>
        graph.Node("Div", [x, graph.Node("ReduceL2", [x], ("axes", Channels), ("keepdims", 1))]);

    private static string Convolution(this OnnxGraph graph, string x, float[] filters, int[] shape, float[]? bias, int stride, bool same, int groups)
    {
        string[] inputs = [x, graph.Floats(filters, shape)];
        (string, object)[] attributes = [("kernel_shape", shape[2..]), ("strides", new[] { stride, stride }), ("group", groups)];
        return graph.Node("Conv", bias is null ? inputs : [.. inputs, graph.Floats(bias, bias.Length)], same ? [.. attributes, Same] : attributes);
    }

    private static float[]? Bias(int channels, float[]? bias, float[]? scale, float[]? offset)
    {
        if (bias is null && offset is null)
        {
            return null;
        }

        var sums = new float[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            sums[channel] = (float)(((double)(bias?[channel] ?? 0) * (scale?[channel] ?? 1)) + (offset?[channel] ?? 0));
        }

        return sums;
    }

    private static float Times(float value, float[]? scale, int channel) => scale is null ? value : (float)((double)value * scale[channel]);
}
