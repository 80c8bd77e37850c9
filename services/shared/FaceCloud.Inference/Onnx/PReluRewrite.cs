using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FaceCloud.Inference.Onnx;

/// <summary>
/// Writes PRelu(x) with slope a as a*x + (1-a)*Relu(x), which is the same function: for x &gt;= 0 it is x, below it is a*x.
/// On the processor ONNX Runtime computes convolutions in a blocked layout of its own (NCHWc) and has no PRelu for it, so that it
/// converts before and after each: 42 % of the time of a MobileFaceNet. Relu, BatchNormalization (here no more than a factor for each
/// channel) and Add stay in that layout, and the network takes 0.6 of the time.
/// </summary>
/// <remarks>
/// Only what is certain is rewritten: slopes that are one float for each channel of a two-dimensional convolution. Anything else, and
/// any model that does not read as expected, stays as it is; ONNX Runtime then says what is wrong with it, if anything.
/// </remarks>
internal static class PReluRewrite
{
    // The operators used mean the same in all of these: before 7, BatchNormalization has a mode for training; later ones are not known yet.
    private const int FirstOpset = 7;
    private const int LastOpset = 22;

    // Four nodes and two tensors, in networks of some hundred channels; an estimate is enough.
    private const int BytesAddedByOne = 8192;

    // Every name added begins with this; a model that has such names already is left alone.
    private const string Prefix = "facecloud.prelu.";

    /// <summary>The model with its PRelu nodes rewritten, or the same bytes if there is none to rewrite.</summary>
    /// <param name="model">An ONNX file.</param>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> model)
    {
        try
        {
            return Rewrite(model);
        }
        catch (InvalidDataException)
        {
            return model;
        }
    }

    private static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> model)
    {
        var fields = ProtobufReader.Fields(model).ToList();
        var graphs = fields.Where(field => field is { Number: ModelProto.Graph, Type: WireType.Bytes }).ToList();
        if (graphs.Count != 1 || Opset(fields) is not (>= FirstOpset and <= LastOpset))
        {
            return model;
        }

        var graph = Graph.Read(graphs[0].Bytes);
        var slopes = graph.Nodes.Values
            .Select(node => (node.Position, Slope: graph.ChannelSlopeOf(node)))
            .Where(node => node.Slope is not null)
            .ToDictionary(node => node.Position, node => node.Slope!);
        if (slopes.Count == 0 || graph.Names.Any(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            return model;
        }

        var rewrittenGraph = WithoutPRelu(graph, slopes, capacity: graphs[0].Bytes.Length + slopes.Count * BytesAddedByOne);
        var rewritten = new ProtobufWriter(capacity: model.Length + slopes.Count * BytesAddedByOne);
        foreach (var field in fields)
        {
            if (field.Number == ModelProto.Graph)
            {
                rewritten.Nested(ModelProto.Graph, rewrittenGraph);
            }
            else
            {
                rewritten.Copy(field.Whole);
            }
        }

        return rewritten.Message;
    }

    private static int? Opset(List<ProtobufField> model)
    {
        var versions = model
            .Where(field => field.Number == ModelProto.OpsetImport)
            .Select(field => ProtobufReader.Fields(field.Bytes).ToList())
            .Where(opset => opset.All(field => field.Number != OperatorSetProto.Domain || field.Bytes.IsEmpty)) // ONNX's own operators
            .SelectMany(opset => opset.Where(field => field.Number == OperatorSetProto.Version))
            .ToList();
        return versions is [{ Value: < int.MaxValue } only] ? (int)only.Value : null;
    }

    private static ProtobufWriter WithoutPRelu(Graph graph, Dictionary<int, float[]> slopes, int capacity)
    {
        var rewritten = new ProtobufWriter(capacity);
        foreach (var (position, field) in graph.Fields.Index())
        {
            if (slopes.TryGetValue(position, out var slope))
            {
                WriteNodes(rewritten, graph.Nodes[position], slope.Length);
            }
            else
            {
                rewritten.Copy(field.Whole);
            }
        }

        foreach (var (position, slope) in slopes)
        {
            WriteTensor(rewritten, Name(position, "below"), slope);
            WriteTensor(rewritten, Name(position, "rest"), [.. slope.Select(a => 1 - a)]);
        }

        foreach (var channels in slopes.Values.Select(slope => slope.Length).Distinct())
        {
            WriteTensor(rewritten, Constant("zero", channels), new float[channels]);
            WriteTensor(rewritten, Constant("one", channels), [.. Enumerable.Repeat(1f, channels)]);
        }

        return rewritten;
    }

    private static void WriteNodes(ProtobufWriter graph, Node prelu, int channels)
    {
        var (x, y, at) = (prelu.Inputs[0], prelu.Outputs[0], prelu.Position);
        WriteNode(graph, "Relu", [x], Name(at, "relu"));
        WriteFactor(graph, x, Name(at, "below"), Name(at, "scaled"), channels);
        WriteFactor(graph, Name(at, "relu"), Name(at, "rest"), Name(at, "above"), channels);
        WriteNode(graph, "Add", [Name(at, "scaled"), Name(at, "above")], y);
    }

    // BatchNormalization is scale * (x - mean) / sqrt(variance + epsilon) + bias; with 0, 1, 0 and 0 only the scale remains.
    private static void WriteFactor(ProtobufWriter graph, string input, string scale, string output, int channels)
    {
        var (zero, one) = (Constant("zero", channels), Constant("one", channels));
        var epsilon = new ProtobufWriter()
            .Text(AttributeProto.Name, "epsilon")
            .Float(AttributeProto.Float, 0)
            .Number(AttributeProto.Type, AttributeProto.TypeFloat);
        WriteNode(graph, "BatchNormalization", [input, scale, zero, zero, one], output, epsilon);
    }

    private static void WriteNode(ProtobufWriter graph, string operation, string[] inputs, string output, ProtobufWriter? attribute = null)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs)
        {
            node.Text(NodeProto.Input, input);
        }

        node.Text(NodeProto.Output, output).Text(NodeProto.Name, $"{Prefix}{operation}.{output}").Text(NodeProto.OpType, operation);
        if (attribute is not null)
        {
            node.Nested(NodeProto.Attribute, attribute);
        }

        graph.Nested(GraphProto.Node, node);
    }

    private static void WriteTensor(ProtobufWriter graph, string name, float[] values) =>
        graph.Nested(GraphProto.Initializer, new ProtobufWriter()
            .Number(TensorProto.Dims, (ulong)values.Length)
            .Number(TensorProto.DataType, TensorProto.DataTypeFloat)
            .Text(TensorProto.Name, name)
            .Bytes(TensorProto.RawData, MemoryMarshal.AsBytes<float>(values)));

    private static string Name(int position, string part) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{position}.{part}");

    private static string Constant(string value, int channels) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{value}.{channels}");

    /// <summary>What the rewrite needs to know of a graph.</summary>
    private sealed class Graph
    {
        private readonly Dictionary<string, Tensor> _tensors = [];
        private readonly Dictionary<string, Node> _producers = [];

        public required IReadOnlyList<ProtobufField> Fields { get; init; }

        /// <summary>The nodes by their position among the fields.</summary>
        public Dictionary<int, Node> Nodes { get; } = [];

        /// <summary>Every name of a value.</summary>
        public IEnumerable<string> Names => _tensors.Keys.Concat(_producers.Keys);

        public static Graph Read(ReadOnlyMemory<byte> bytes)
        {
            var graph = new Graph { Fields = [.. ProtobufReader.Fields(bytes)] };
            foreach (var (position, field) in graph.Fields.Index())
            {
                if (field.Number == GraphProto.Node)
                {
                    var node = Node.Read(position, field.Bytes);
                    graph.Nodes.Add(position, node);
                    foreach (var output in node.Outputs)
                    {
                        graph._producers[output] = node;
                    }
                }
                else if (field.Number == GraphProto.Initializer)
                {
                    var tensor = Tensor.Read(field.Bytes);
                    graph._tensors[tensor.Name] = tensor;
                }
            }

            return graph;
        }

        /// <summary>The slope for each channel, if the node is a PRelu of the kind that is rewritten.</summary>
        public float[]? ChannelSlopeOf(Node node)
        {
            if (node is not { Operation: "PRelu", Domain: "", Inputs: [var x, var slopeName], Outputs: [_], HasAttributes: false }
                || !_tensors.TryGetValue(slopeName, out var slope)
                || slope.Dimensions is not [> 0 and < int.MaxValue, 1, 1]
                || ChannelsOf(x) != slope.Dimensions[0])
            {
                return null;
            }

            return slope.Floats() is { } values && (ulong)values.Length == slope.Dimensions[0] ? values : null;
        }

        // A convolution of two dimensions has weights [channels out, channels in, height, width] and gives [N, channels out, height, width].
        private ulong? ChannelsOf(string value)
        {
            var producer = _producers.GetValueOrDefault(value);
            if (producer is { Operation: "BatchNormalization", Domain: "", Inputs: [var normalised, ..] })
            {
                producer = _producers.GetValueOrDefault(normalised);
            }

            return producer is { Operation: "Conv", Domain: "", Inputs: [_, var weights, ..] }
                && _tensors.TryGetValue(weights, out var tensor)
                && tensor.Dimensions is [var channels, _, _, _]
                ? channels
                : null;
        }
    }

    private sealed record Node(int Position, string Operation, string Domain, string[] Inputs, string[] Outputs, bool HasAttributes)
    {
        public static Node Read(int position, ReadOnlyMemory<byte> bytes)
        {
            var fields = ProtobufReader.Fields(bytes).ToList();
            return new Node(
                position,
                Texts(NodeProto.OpType).LastOrDefault(""),
                Texts(NodeProto.Domain).LastOrDefault(""),
                Texts(NodeProto.Input),
                Texts(NodeProto.Output),
                fields.Exists(field => field.Number == NodeProto.Attribute));

            string[] Texts(int number) => [.. fields.Where(field => field.Number == number).Select(field => Encoding.UTF8.GetString(field.Bytes.Span))];
        }
    }

    private sealed record Tensor(string Name, ulong[] Dimensions, List<ProtobufField> Fields)
    {
        public static Tensor Read(ReadOnlyMemory<byte> bytes)
        {
            var fields = ProtobufReader.Fields(bytes).ToList();
            return new Tensor(
                Encoding.UTF8.GetString(fields.LastOrDefault(field => field.Number == TensorProto.Name).Bytes.Span),
                [.. fields.Where(field => field.Number == TensorProto.Dims).SelectMany(ProtobufReader.Varints)],
                fields);
        }

        /// <summary>The values of a tensor of floats that lie in the file itself; null for any other.</summary>
        public float[]? Floats()
        {
            if (!Fields.Exists(field => field is { Number: TensorProto.DataType, Value: TensorProto.DataTypeFloat })
                || Fields.Exists(field => field is { Number: TensorProto.DataLocation, Value: not 0 }))
            {
                return null;
            }

            // Both forms are little-endian floats one after another, if float_data is packed.
            var data = Fields.Where(field => field.Number is TensorProto.RawData or TensorProto.FloatData).ToList();
            return data is [{ Type: WireType.Bytes, Bytes: { Length: > 0 } bytes }] && bytes.Length % sizeof(float) == 0
                ? MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray()
                : null;
        }
    }
}
