namespace FaceCloud.Inference.Onnx;

// The field numbers of onnx.proto that are read or written here: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

internal static class ModelProto
{
    public const int IrVersion = 1;
    public const int ProducerName = 2;
    public const int Graph = 7;
    public const int OpsetImport = 8;
}

internal static class OperatorSetProto
{
    public const int Domain = 1;
    public const int Version = 2;
}

internal static class GraphProto
{
    public const int Node = 1;
    public const int Name = 2;
    public const int Initializer = 5;
    public const int Input = 11;
    public const int Output = 12;
}

internal static class NodeProto
{
    public const int Input = 1;
    public const int Output = 2;
    public const int Name = 3;
    public const int OpType = 4;
    public const int Attribute = 5;
    public const int Domain = 7;
}

internal static class AttributeProto
{
    public const int Name = 1;
    public const int Float = 2;
    public const int Int = 3;
    public const int Text = 4;
    public const int Ints = 8;
    public const int Type = 20;
    public const ulong TypeFloat = 1;
    public const ulong TypeInt = 2;
    public const ulong TypeText = 3;
    public const ulong TypeInts = 7;
}

internal static class ValueInfoProto
{
    public const int Name = 1;
    public const int Type = 2;
}

internal static class TypeProto
{
    public const int Tensor = 1;

    // Of TypeProto.Tensor.
    public const int TensorElementType = 1;
    public const int TensorShape = 2;
}

internal static class TensorShapeProto
{
    public const int Dim = 1;

    // Of TensorShapeProto.Dimension.
    public const int DimValue = 1;
    public const int DimParam = 2;
}

internal static class TensorProto
{
    public const int Dims = 1;
    public const int DataType = 2;
    public const int FloatData = 4;
    public const int Name = 8;
    public const int RawData = 9;
    public const int DataLocation = 14;
    public const ulong DataTypeFloat = 1;
    public const ulong DataTypeInt64 = 7;
}
