namespace FaceCloud.Inference;

/// <summary>An input or output of a network.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="ElementType">What its elements are, as numpy calls it: <c>float32</c>, <c>int64</c>, ...; <c>undefined</c> if it is no tensor.</param>
/// <param name="Dimensions">Its shape; -1 where every call may choose.</param>
public sealed record TensorInfo(string Name, string ElementType, IReadOnlyList<long> Dimensions)
{
    // By number, see TensorProto.DataType: https://onnx.ai/onnx/api/classes.html#tensorproto
    private static readonly string[] ElementTypes =
    [
        "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64",
        "complex64", "complex128", "bfloat16",
    ];

    /// <summary>The number of <c>float32</c> in ONNX.</summary>
    internal const int Float32 = 1;

    /// <summary>Whether its elements are 32-bit floats.</summary>
    public bool IsFloat32 => ElementType == ElementTypes[Float32];

    /// <summary>As in <c>input.1 float32 [1,3,-1,-1]</c>.</summary>
    public override string ToString() => $"{Name} {ElementType} [{string.Join(',', Dimensions)}]";

    internal static string NameOf(int elementType) =>
        elementType >= 0 && elementType < ElementTypes.Length ? ElementTypes[elementType] : $"type {elementType}";
}
