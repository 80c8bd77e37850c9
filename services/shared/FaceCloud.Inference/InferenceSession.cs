using System.Diagnostics;
using FaceCloud.Inference.Native;

namespace FaceCloud.Inference;

/// <summary>
/// A network in memory, ready to run: one input and any number of outputs, all 32-bit floats. Any number of threads may call
/// <see cref="Run"/> at once, and that is how it is fast: each call computes on its caller's thread alone, so that two requests
/// take two cores without waiting for each other (splitting one call over cores costs up to 65 % more processor time in all).
/// </summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly OrtSessionHandle _session;
    private readonly PinnedNames _inputNames;
    private readonly PinnedNames _outputNames;
    private readonly TagList _tags;

    private InferenceSession(OrtSessionHandle session, InferenceProvider provider, string name)
    {
        _session = session;
        _tags = new() { { "network", name }, { "provider", provider.ToString().ToLowerInvariant() } };
        Provider = provider;
        Inputs = OrtSessionMetadata.Inputs(session.Value);
        Outputs = OrtSessionMetadata.Outputs(session.Value);
        if (Inputs.Count != 1 || Inputs.Concat(Outputs).Any(tensor => !tensor.IsFloat32))
        {
            throw new NotSupportedException(
                $"FaceCloud runs networks with one input and outputs of 32-bit floats; this one has "
                + $"{string.Join(", ", Inputs)} -> {string.Join(", ", Outputs)}.");
        }

        _inputNames = new PinnedNames(Inputs.Select(input => input.Name));
        _outputNames = new PinnedNames(Outputs.Select(output => output.Name));
    }

    /// <summary>The inputs; there is exactly one.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The outputs, in the order of <see cref="InferenceResult"/>.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The input.</summary>
    public TensorInfo Input => Inputs[0];

    /// <summary>What the network really runs on: the provider asked for, since <see cref="Load"/> takes no other.</summary>
    public InferenceProvider Provider { get; }

    /// <summary>Loads a network.</summary>
    /// <param name="model">The bytes of an ONNX file; not needed after the call.</param>
    /// <param name="provider">What to run it on. There is no falling back to another.</param>
    /// <param name="name">What its measurements are called.</param>
    /// <exception cref="OnnxRuntimeException">The bytes are no ONNX model that this runtime can run.</exception>
    /// <exception cref="NotSupportedException">The model has more than one input, or tensors of another type than float.</exception>
    /// <exception cref="ModelUnavailableException">The provider is not available here; the message says why.</exception>
    public static InferenceSession Load(ReadOnlySpan<byte> model, InferenceProvider provider = InferenceProvider.Cpu, string name = "unnamed")
    {
        var environment = OrtEnvironment.Handle; // before the options: it has the logger without which a provider cannot say why it is not there
        using var options = OrtSessionOptions.Create(provider);
        fixed (byte* bytes = model)
        {
            OrtApi.Instance.Check(
                OrtApi.Instance.CreateSessionFromArray(environment, bytes, (nuint)model.Length, options.Value, out var handle));
            var session = new OrtSessionHandle(handle);
            try
            {
                return new InferenceSession(session, provider, name);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
    }

    /// <summary>Runs the network on the calling thread. The input is read where it lies, without a copy.</summary>
    /// <param name="input">The elements of the input tensor, rows of the last dimension first.</param>
    /// <param name="shape">Its dimensions, as <see cref="Input"/> allows them.</param>
    /// <returns>The outputs; dispose when they have been read.</returns>
    /// <exception cref="ArgumentException">The shape does not hold as many elements as the input.</exception>
    /// <exception cref="OnnxRuntimeException">The network does not take this shape.</exception>
    public InferenceResult Run(ReadOnlySpan<float> input, params ReadOnlySpan<long> shape)
    {
        if (!Holds(shape, input.Length))
        {
            throw new ArgumentException($"An input of {input.Length} elements does not have the shape [{string.Join(',', shape.ToArray())}].", nameof(shape));
        }

        var api = OrtApi.Instance;
        var outputs = new nint[Outputs.Count];
        var referenced = false;
        var begun = Stopwatch.GetTimestamp();
        try
        {
            // Dispose may be called by another thread; the session then lives until this call returns.
            _session.DangerousAddRef(ref referenced);
            fixed (float* data = input)
            fixed (long* dimensions = shape)
            fixed (nint* results = outputs)
            {
                api.Check(api.CreateTensorWithDataAsOrtValue(
                    OrtEnvironment.CpuMemory, data, (nuint)input.Length * sizeof(float), dimensions, (nuint)shape.Length, TensorInfo.Float32, out var handle));
                using var tensor = new OrtValueHandle(handle);
                var value = tensor.Value;
                api.Check(api.Run(
                    _session.Value, 0, _inputNames.Pointers, &value, 1, _outputNames.Pointers, (nuint)outputs.Length, results));
            }
        }
        finally
        {
            if (referenced)
            {
                _session.DangerousRelease();
            }
        }

        InferenceMetrics.Duration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, _tags);
        return new InferenceResult(outputs);
    }

    /// <summary>Releases the network; calls that are running finish first.</summary>
    public void Dispose() => _session.Dispose();

    private static bool Holds(ReadOnlySpan<long> shape, int length)
    {
        long elements = 1;
        foreach (var dimension in shape)
        {
            if (dimension <= 0 || dimension > length || elements > length)
            {
                return false;
            }

            elements *= dimension;
        }

        return elements == length;
    }
}
