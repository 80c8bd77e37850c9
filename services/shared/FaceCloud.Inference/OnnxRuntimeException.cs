namespace FaceCloud.Inference;

/// <summary>ONNX Runtime refused a call: the model is no ONNX model, or the input does not fit it. The message is ONNX Runtime's own.</summary>
/// <param name="code">
/// Its <c>OrtErrorCode</c>: 1 fail, 2 invalid argument, 4 no model, 6 runtime exception, 7 invalid protobuf, 9 not implemented, 10 invalid graph, 11
/// provider failure.
/// </param>
/// <param name="message">What it says.</param>
public sealed class OnnxRuntimeException(int code, string message) : Exception(message)
{
    /// <summary>The <c>OrtErrorCode</c>.</summary>
    public int Code { get; } = code;
}
