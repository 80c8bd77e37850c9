using System.Runtime.InteropServices;
using FaceCloud.Inference.Onnx;
using FaceCloud.Testing;

namespace FaceCloud.Inference.Tests;

public sealed class PReluRewriteTests
{
    private static readonly float[] Input = [-2, -1, 0, 3, -4, -0.5f, 8, 1];

    [Fact]
    public void A_small_network_computes_the_same_after_the_rewrite()
    {
        var model = Model([0.25f, -0.5f], [2, 1, 1]);

        var rewritten = PReluRewrite.Apply(model);

        // Two channels of 2x2: slopes 0.25 and -0.5 below zero, nothing above.
        float[] expected = [-0.5f, -0.25f, 0, 3, 2, 0.25f, 8, 1];
        Assert.Equal(expected, Run(model));
        Assert.Equal(expected, Run(rewritten));
        Assert.Equal(["Conv", "PRelu"], Operations(model));
        Assert.Equal(["Conv", "Relu", "BatchNormalization", "BatchNormalization", "Add"], Operations(rewritten));
    }

    [Fact]
    public void The_recogniser_gives_the_same_embeddings_after_the_rewrite()
    {
        var model = File.ReadAllBytes(Path.Combine(TestFiles.Models, "w600k_mbf.onnx"));
        var rewritten = PReluRewrite.Apply(model);
        Assert.Contains("PRelu", Operations(model));
        Assert.DoesNotContain("PRelu", Operations(rewritten));
        using var before = InferenceSession.Load(model);
        using var after = InferenceSession.Load(rewritten.Span);
        var random = new Random(1);

        for (var i = 0; i < 8; i++)
        {
            float[] crop = [.. Enumerable.Range(0, 3 * 112 * 112).Select(_ => random.NextSingle() * 2 - 1)];
            using var expected = before.Run(crop, 1, 3, 112, 112);
            using var actual = after.Run(crop, 1, 3, 112, 112);
            Assert.InRange(Cosine(expected[0], actual[0]), 0.999999, 1.000001);
        }
    }

    [Fact]
    public void A_network_without_what_is_rewritten_keeps_its_bytes()
    {
        foreach (var file in new[] { "det_500m.onnx", "face_detection_yunet_2023mar.onnx", "yunet_n_dynamic.onnx" })
        {
            var model = File.ReadAllBytes(Path.Combine(TestFiles.Models, file));

            AssertUnchanged(model);
        }
    }

    [Fact]
    public void A_slope_that_is_not_one_for_each_channel_is_left_alone()
    {
        AssertUnchanged(Model([0.25f], [1]));
        AssertUnchanged(Model([0.25f], [1, 1, 1]));
        AssertUnchanged(Model([0.1f, 0.2f], [2]));
        AssertUnchanged(Model([0.1f, 0.2f, 0.3f, 0.4f], [1, 2, 2]));
        AssertUnchanged(Model([0.1f, 0.2f, 0.3f], [2, 1, 1])); // more values than the shape has
    }

    [Fact]
    public void A_slope_on_anything_but_a_convolution_is_left_alone()
    {
        AssertUnchanged(Model([0.25f, -0.5f], [2, 1, 1], activation: "x"));
    }

    [Fact]
    public void A_slope_kept_outside_the_file_is_left_alone()
    {
        AssertUnchanged(Model([0.25f, -0.5f], [2, 1, 1], dataLocation: 1));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(23)]
    public void A_model_of_other_operator_versions_is_left_alone(ulong opset)
    {
        AssertUnchanged(Model([0.25f, -0.5f], [2, 1, 1], opset));
    }

    [Fact]
    public void A_rewritten_model_is_not_rewritten_again()
    {
        AssertUnchanged(PReluRewrite.Apply(Model([0.25f, -0.5f], [2, 1, 1])));
    }

    [Fact]
    public void Bytes_that_are_no_model_are_left_to_the_runtime_to_refuse()
    {
        var model = Model([0.25f, -0.5f], [2, 1, 1]).ToArray();
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            byte[] damaged = [.. model.AsSpan(0, random.Next(model.Length))];
            for (var change = 0; change < i % 4 && damaged.Length > 0; change++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            PReluRewrite.Apply(damaged); // whatever comes out, nothing is thrown
        }

        AssertUnchanged("not a model"u8.ToArray());
        AssertUnchanged(ReadOnlyMemory<byte>.Empty);
    }

    private static void AssertUnchanged(ReadOnlyMemory<byte> model) => Assert.True(model.Equals(PReluRewrite.Apply(model)));

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (dot, squareA, squareB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            squareA += (double)a[i] * a[i];
            squareB += (double)b[i] * b[i];
        }

        return dot / Math.Sqrt(squareA * squareB);
    }

    private static float[] Run(ReadOnlyMemory<byte> model)
    {
        using var session = InferenceSession.Load(model.Span);
        using var result = session.Run(Input, 1, 2, 2, 2);
        return result[0].ToArray();
    }

    private static string[] Operations(ReadOnlyMemory<byte> model)
    {
        var graph = ProtobufReader.Fields(model).Single(field => field.Number == ModelProto.Graph);
        return
        [
            .. ProtobufReader.Fields(graph.Bytes)
                .Where(field => field.Number == GraphProto.Node)
                .Select(node => ProtobufReader.Fields(node.Bytes).Single(field => field.Number == NodeProto.OpType))
                .Select(operation => System.Text.Encoding.UTF8.GetString(operation.Bytes.Span)),
        ];
    }

    // x [1,2,2,2] -> Conv with a 1x1 identity -> c -> PRelu -> y
    private static ReadOnlyMemory<byte> Model(float[] slope, ulong[] slopeShape, ulong opset = 11, string activation = "c", ulong dataLocation = 0)
    {
        const int irVersion = 1, name = 2, input = 11, output = 12;
        var graph = new ProtobufWriter()
            .Nested(GraphProto.Node, Node("Conv", ["x", "w"], "c"))
            .Nested(GraphProto.Node, Node("PRelu", [activation, "slope"], "y"))
            .Text(name, "small")
            .Nested(GraphProto.Initializer, Tensor("w", [1, 0, 0, 1], [2, 2, 1, 1]))
            .Nested(GraphProto.Initializer, Tensor("slope", slope, slopeShape).Number(TensorProto.DataLocation, dataLocation))
            .Nested(input, Value("x"))
            .Nested(output, Value("y"));
        return new ProtobufWriter()
            .Number(irVersion, 6)
            .Nested(ModelProto.Graph, graph)
            .Nested(ModelProto.OpsetImport, new ProtobufWriter().Text(OperatorSetProto.Domain, "").Number(OperatorSetProto.Version, opset))
            .Message;
    }

    private static ProtobufWriter Node(string operation, string[] inputs, string output)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs)
        {
            node.Text(NodeProto.Input, input);
        }

        return node.Text(NodeProto.Output, output).Text(NodeProto.OpType, operation);
    }

    private static ProtobufWriter Tensor(string name, float[] values, ulong[] shape)
    {
        var tensor = new ProtobufWriter();
        foreach (var dimension in shape)
        {
            tensor.Number(TensorProto.Dims, dimension);
        }

        return tensor
            .Number(TensorProto.DataType, TensorProto.DataTypeFloat)
            .Text(TensorProto.Name, name)
            .Bytes(TensorProto.RawData, MemoryMarshal.AsBytes<float>(values));
    }

    // ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1 } } } }
    private static ProtobufWriter Value(string name)
    {
        var shape = new ProtobufWriter();
        foreach (var dimension in new ulong[] { 1, 2, 2, 2 })
        {
            shape.Nested(1, new ProtobufWriter().Number(1, dimension));
        }

        return new ProtobufWriter().Text(1, name).Nested(2, new ProtobufWriter().Nested(1, new ProtobufWriter().Number(1, 1).Nested(2, shape)));
    }
}
