using System.Globalization;
using System.Text;
using System.Text.Json;
using FaceCloud.Inference.Onnx;

namespace FaceCloud.Inference.OpenPack;

/// <summary>
/// A TensorFlow.js graph model as ONNX nodes: the operators that Human's face networks use (https://github.com/vladmandic/human, MIT), and no
/// others. Factors and sums after a convolution become part of it; Relu, Minimum and Maximum become one Clip.
/// </summary>
internal sealed class GraphModel
{
    private readonly OnnxGraph _graph;
    private readonly TensorFlowWeights _weights;
    private readonly Dictionary<string, Node> _nodes;
    private readonly Dictionary<string, int> _uses;
    private readonly Dictionary<string, string> _written = [];
    private readonly string _input;

    private GraphModel(OnnxGraph graph, TensorFlowWeights weights, List<Node> nodes, string input)
    {
        (_graph, _weights, _input) = (graph, weights, input);
        _nodes = nodes.ToDictionary(node => node.Name);
        _uses = nodes.SelectMany(node => node.Inputs).CountBy(name => name).ToDictionary();
    }

    /// <summary>Writes what the outputs need.</summary>
    /// <param name="graph">Written to.</param>
    /// <param name="model">The JSON file of the model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="input">A value for the placeholder, channels first: [N, channels, height, width].</param>
    /// <param name="outputs">Names of nodes.</param>
    /// <returns>Their values.</returns>
    /// <exception cref="InvalidDataException">It has an operator that is not known here.</exception>
    public static string[] Write(OnnxGraph graph, JsonElement model, TensorFlowWeights weights, string input, params string[] outputs)
    {
        var nodes = model.GetProperty("modelTopology").GetProperty("node").EnumerateArray().Select(Node.Read).ToList();
        var writer = new GraphModel(graph, weights, nodes, input);
        return [.. outputs.Select(writer.Value)];
    }

    private string Value(string name)
    {
        if (!_written.TryGetValue(name, out var value))
        {
            value = Write(_nodes[name]);
            _written[name] = value;
        }

        return value;
    }

    private string Write(Node node)
    {
        switch (node.Operation)
        {
            case "Placeholder":
                return _input;
            case "Identity":
                return Value(node.Inputs[0]);
            case "Conv2D" or "_FusedConv2D" or "DepthwiseConv2dNative":
                return Convolution(node, null, null);
            case "Add" or "AddV2" or "Mul":
                return Folded(node) ?? _graph.Node(node.Operation == "Mul" ? "Mul" : "Add", [Value(node.Inputs[0]), PerChannel(node)]);
            case "Relu":
                return _graph.Relu(Value(node.Inputs[0]));
            case "Maximum":
                return Clipped(node);
            case "MaxPool":
                return _graph.Pool(Value(node.Inputs[0]), "MaxPool", node.Sides("ksize"), node.Sides("strides"), node.IsSame);
            case "Mean" when _weights[node.Inputs[1]].Values is [1, 2] && !node.KeepsDimensions:
                return _graph.MeanOfPixels(Value(node.Inputs[0]));
            case "Reshape":
                // Pixels are flattened channels last, as the weights of the layer after it expect them.
                return _graph.Node(
                    "Reshape",
                    [_graph.ChannelsLast(Value(node.Inputs[0])), _graph.Integers([.. _weights[node.Inputs[1]].Values.Select(side => (long)side)])]);
            case "_FusedMatMul":
                return Activated(node, _graph.Connect(Value(node.Inputs[0]), _weights[node.Inputs[1]], _weights[node.Inputs[2]].Values));
            case "Sigmoid":
                return _graph.Node("Sigmoid", [Value(node.Inputs[0])]);
            case "Softmax":
                return _graph.Node("Softmax", [Value(node.Inputs[0])], ("axis", 1));
            default:
                throw new InvalidDataException($"The graph model has the operator {node.Operation}, which is not known here.");
        }
    }

    private string Convolution(Node node, float[]? scale, float[]? offset)
    {
        var (x, filters) = (Value(node.Inputs[0]), _weights[node.Inputs[1]]);
        if (node.Operation == "DepthwiseConv2dNative")
        {
            return _graph.ConvolveEach(x, filters, node.Sides("strides"), node.IsSame, scale, offset);
        }

        var bias = node.Operation == "_FusedConv2D" ? _weights[node.Inputs[2]].Values : null;
        return Activated(node, _graph.Convolve(x, filters, bias, node.Sides("strides"), node.IsSame, scale, offset));
    }

    /// <summary>A convolution with the factor and the sum that follow it; null where none stands before this node, or something else uses it, too.</summary>
    private string? Folded(Node node)
    {
        var offset = node.Operation == "Mul" ? null : Constant(node);
        var factor = node.Operation == "Mul" ? node : Before(node, "Mul");
        var convolution = Before(factor ?? node, "Conv2D") ?? Before(factor ?? node, "DepthwiseConv2dNative");
        return convolution is null || (factor is null && offset is null) ? null : Convolution(convolution, factor is null ? null : Constant(factor), offset);
    }

    private Node? Before(Node node, string operation) =>
        _nodes[node.Inputs[0]] is var before && before.Operation == operation && _uses[before.Name] == 1 ? before : null;

    private float[] Constant(Node node) => _weights.Has(node.Inputs[1])
        ? _weights[node.Inputs[1]].Values
        : throw new InvalidDataException($"{node.Name} does not add or multiply by a constant.");

    // A value for each channel: the last dimension of TensorFlow's, the second here.
    private string PerChannel(Node node) => Constant(node) is var values && HasPixels(node)
        ? _graph.Floats(values, values.Length, 1, 1)
        : _graph.Floats(values, values.Length);

    private bool HasPixels(Node node) => node.Operation switch
    {
        "Placeholder" => true,
        "Reshape" or "Mean" or "_FusedMatMul" => false,
        _ => HasPixels(_nodes[node.Inputs[0]]),
    };

    private string Clipped(Node maximum)
    {
        var minimum = _nodes[maximum.Inputs[0]];
        return minimum.Operation == "Minimum" && Constant(minimum) is [var high] && Constant(maximum) is [0]
            ? _graph.Clip(Value(Before(minimum, "Relu")?.Inputs[0] ?? minimum.Inputs[0]), 0, high)
            : throw new InvalidDataException($"{maximum.Name} is no limit from 0 to a number.");
    }

    private string Activated(Node node, string value) => node.FusedOperations switch
    {
        [] or ["BiasAdd"] => value,
        ["BiasAdd", "Relu"] => _graph.Relu(value),
        var others => throw new InvalidDataException($"{node.Name} ends with {string.Join(", ", others)}, which is not known here."),
    };

    private sealed record Node(string Name, string Operation, string[] Inputs, JsonElement Attributes)
    {
        public bool IsSame => Text(Attributes.GetProperty("padding").GetProperty("s")) == "SAME";

        public bool KeepsDimensions => Attributes.TryGetProperty("keep_dims", out var keeps) && keeps.GetProperty("b").GetBoolean();

        public string[] FusedOperations => Attributes.TryGetProperty("fused_ops", out var fused)
            ? [.. fused.GetProperty("list").GetProperty("s").EnumerateArray().Select(Text)]
            : [];

        public static Node Read(JsonElement json) => new(
            json.GetProperty("name").GetString()!,
            json.GetProperty("op").GetString()!,
            json.TryGetProperty("input", out var inputs) ? [.. inputs.EnumerateArray().Select(name => name.GetString()!)] : [],
            json.TryGetProperty("attr", out var attributes) ? attributes : default);

        /// <summary>Of [1, side, side, 1].</summary>
        public int Sides(string attribute)
        {
            int[] sides = [.. Attributes.GetProperty(attribute).GetProperty("list").GetProperty("i").EnumerateArray()
                .Select(side => int.Parse(side.GetString()!, CultureInfo.InvariantCulture))];
            return sides is [1, var height, var width, 1] && height == width
                ? height
                : throw new InvalidDataException($"{Name}: {attribute} is not square.");
        }

        private static string Text(JsonElement base64) => Encoding.ASCII.GetString(base64.GetBytesFromBase64());
    }
}
