using System.Globalization;
using System.Runtime.InteropServices;

namespace FaceCloud.Inference.Onnx;

/// <summary>
/// An ONNX network being written: tensors and nodes are added in the order of computation, each returns the name of its value, and the
/// same calls give the same bytes. Values with pixels are [N, channels, height, width].
/// </summary>
/// <param name="input">Name of the one input.</param>
/// <param name="inputShape">Its dimensions; a text is a dimension that every call chooses.</param>
internal sealed class OnnxGraph(string input, params object[] inputShape)
{
    // The oldest versions with everything used here; newer runtimes read them for good.
    private const ulong IrVersion = 8;
    private const ulong Opset = 13;

    private readonly ProtobufWriter _nodes = new(1 << 16);
    private readonly ProtobufWriter _tensors = new(1 << 20);
    private readonly List<(string Name, object[] Shape)> _outputs = [];
    private readonly HashSet<string> _names = [input];

    /// <summary>The value the network is given.</summary>
    public string Input => input;

    /// <summary>Constant floats.</summary>
    public string Floats(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape) =>
        Tensor(TensorProto.DataTypeFloat, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A list of whole numbers, as operators take positions and sizes.</summary>
    public string Integers(params ReadOnlySpan<long> values) => Tensor(TensorProto.DataTypeInt64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>A node with one output.</summary>
    /// <param name="operation">An operator of ONNX: https://onnx.ai/onnx/operators/.</param>
    /// <param name="inputs">Its inputs; an empty name leaves an optional one out.</param>
    /// <param name="attributes">Whole numbers, lists of them, floats or texts by their names.</param>
    /// <returns>The name of its output.</returns>
    public string Node(string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        var output = NewName(operation);
        var node = new ProtobufWriter();
        foreach (var value in inputs)
        {
            node.Text(NodeProto.Input, value);
        }

        node.Text(NodeProto.Output, output).Text(NodeProto.Name, output).Text(NodeProto.OpType, operation);
        foreach (var (name, value) in attributes)
        {
            node.Nested(NodeProto.Attribute, Attribute(name, value));
        }

        _nodes.Nested(GraphProto.Node, node);
        return output;
    }

    /// <summary>Declares a value as an output, under a name of its own.</summary>
    public void Output(string value, string name, params object[] shape)
    {
        _names.Add(name);
        _nodes.Nested(GraphProto.Node, new ProtobufWriter()
            .Text(NodeProto.Input, value).Text(NodeProto.Output, name).Text(NodeProto.Name, name).Text(NodeProto.OpType, "Identity"));
        _outputs.Add((name, shape));
    }

    /// <summary>The file.</summary>
    /// <param name="name">Of the network.</param>
    public byte[] ToFile(string name)
    {
        var graph = new ProtobufWriter(_tensors.Message.Length + _nodes.Message.Length + (1 << 12))
            .Copy(_nodes.Message)
            .Text(GraphProto.Name, name)
            .Copy(_tensors.Message)
            .Nested(GraphProto.Input, ValueInfo(input, inputShape));
        foreach (var (output, shape) in _outputs)
        {
            graph.Nested(GraphProto.Output, ValueInfo(output, shape));
        }

        return new ProtobufWriter(graph.Message.Length + (1 << 12))
            .Number(ModelProto.IrVersion, IrVersion)
            .Text(ModelProto.ProducerName, "FaceCloud")
            .Nested(ModelProto.Graph, graph)
            .Nested(ModelProto.OpsetImport, new ProtobufWriter().Text(OperatorSetProto.Domain, "").Number(OperatorSetProto.Version, Opset))
            .Message.ToArray();
    }

    private string Tensor(ulong type, ReadOnlySpan<byte> raw, ReadOnlySpan<int> shape)
    {
        var name = NewName("tensor");
        var tensor = new ProtobufWriter(raw.Length + 64);
        foreach (var dimension in shape)
        {
            tensor.Number(TensorProto.Dims, (ulong)dimension);
        }

        _tensors.Nested(GraphProto.Initializer, tensor.Number(TensorProto.DataType, type).Text(TensorProto.Name, name).Bytes(TensorProto.RawData, raw));
        return name;
    }

    private static ProtobufWriter Attribute(string name, object value)
    {
        var attribute = new ProtobufWriter().Text(AttributeProto.Name, name);
        switch (value)
        {
            case int number:
                return attribute.Number(AttributeProto.Int, (ulong)number).Number(AttributeProto.Type, AttributeProto.TypeInt);
            case float number:
                return attribute.Float(AttributeProto.Float, number).Number(AttributeProto.Type, AttributeProto.TypeFloat);
            case string text:
                return attribute.Text(AttributeProto.Text, text).Number(AttributeProto.Type, AttributeProto.TypeText);
            case int[] numbers:
                foreach (var number in numbers)
                {
                    attribute.Number(AttributeProto.Ints, (ulong)number);
                }

                return attribute.Number(AttributeProto.Type, AttributeProto.TypeInts);
            default:
                throw new NotSupportedException($"An attribute cannot be a {value.GetType().Name}.");
        }
    }

    private static ProtobufWriter ValueInfo(string name, object[] shape)
    {
        var dimensions = new ProtobufWriter();
        foreach (var dimension in shape)
        {
            dimensions.Nested(TensorShapeProto.Dim, dimension is string open
                ? new ProtobufWriter().Text(TensorShapeProto.DimParam, open)
                : new ProtobufWriter().Number(TensorShapeProto.DimValue, Convert.ToUInt64(dimension, CultureInfo.InvariantCulture)));
        }

        var tensor = new ProtobufWriter().Number(TypeProto.TensorElementType, TensorProto.DataTypeFloat).Nested(TypeProto.TensorShape, dimensions);
        return new ProtobufWriter().Text(ValueInfoProto.Name, name).Nested(ValueInfoProto.Type, new ProtobufWriter().Nested(TypeProto.Tensor, tensor));
    }

    private string NewName(string stem)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{stem}_{_names.Count}");
        _names.Add(name);
        return name;
    }
}
