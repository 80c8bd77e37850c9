using FaceCloud.Inference.Native;

namespace FaceCloud.Inference;

/// <summary>The outputs of one run, where ONNX Runtime left them. Their spans are valid until <see cref="Dispose"/>; copy what is needed longer.</summary>
public sealed unsafe class InferenceResult : IDisposable
{
    private readonly Output[] _outputs;
    private bool _disposed;

    internal InferenceResult(ReadOnlySpan<nint> values)
    {
        _outputs = new Output[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            _outputs[i] = new Output(new OrtValueHandle(values[i])); // owned before anything below can throw
        }

        try
        {
            foreach (var output in _outputs)
            {
                output.Read();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many outputs there are.</summary>
    public int Count => _outputs.Length;

    /// <summary>The elements of an output, rows of the last dimension first.</summary>
    /// <param name="output">Its position in <see cref="InferenceSession.Outputs"/>.</param>
    /// <exception cref="ObjectDisposedException">The result was disposed.</exception>
    public ReadOnlySpan<float> this[int output]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new ReadOnlySpan<float>(_outputs[output].Data, _outputs[output].Length);
        }
    }

    /// <summary>The dimensions of an output in this run.</summary>
    /// <param name="output">Its position in <see cref="InferenceSession.Outputs"/>.</param>
    public ReadOnlySpan<long> Shape(int output) => _outputs[output].Dimensions;

    /// <summary>Gives the memory of the outputs back.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (var output in _outputs)
        {
            output.Value.Dispose();
        }
    }

    private sealed class Output(OrtValueHandle value)
    {
        public OrtValueHandle Value { get; } = value;

        public float* Data { get; private set; }

        public int Length { get; private set; }

        public long[] Dimensions { get; private set; } = [];

        public void Read()
        {
            var api = OrtApi.Instance;
            api.Check(api.GetTensorTypeAndShape(Value.Value, out var handle));
            using var info = new OrtTensorInfoHandle(handle);
            Dimensions = OrtSessionMetadata.Dimensions(handle);
            Length = checked((int)Dimensions.Aggregate(1L, (product, dimension) => product * dimension));
            api.Check(api.GetTensorMutableData(Value.Value, out var data));
            Data = (float*)data;
        }
    }
}
