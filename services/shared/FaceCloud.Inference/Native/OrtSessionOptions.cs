namespace FaceCloud.Inference.Native;

/// <summary>How every session runs. The choices were measured; each comment says what the other way cost.</summary>
internal static unsafe class OrtSessionOptions
{
    private const int AllOptimizations = 99;

    public static OrtSessionOptionsHandle Create(InferenceProvider provider)
    {
        var api = OrtApi.Instance;
        api.Check(api.CreateSessionOptions(out var handle));
        var options = new OrtSessionOptionsHandle(handle);
        try
        {
            api.Check(api.SetSessionGraphOptimizationLevel(handle, AllOptimizations));

            // Requests run beside each other, so one call needs one core; threads that spin for work halve the throughput of a busy machine.
            api.Check(api.SetIntraOpNumThreads(handle, 1));
            api.Check(api.SetInterOpNumThreads(handle, 1));
            AddEntry(handle, "session.intra_op.allow_spinning\0"u8, "0\0"u8);
            AddEntry(handle, "session.inter_op.allow_spinning\0"u8, "0\0"u8);

            // Photos have many shapes: a memory plan kept for each is memory without gain. The arena itself saves an allocation per layer.
            api.Check(api.DisableMemPattern(handle));
            api.Check(api.EnableCpuMemArena(handle));

            if (provider == InferenceProvider.Cuda)
            {
                AppendCuda(handle);
            }

            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static void AppendCuda(nint options)
    {
        var api = OrtApi.Instance;
        try
        {
            api.Check(api.CreateCudaProviderOptions(out var handle));
            using var cuda = new OrtCudaOptionsHandle(handle);

            // The default tries every convolution algorithm at each new shape, and photos have many shapes.
            fixed (byte* key = "cudnn_conv_algo_search\0"u8, value = "HEURISTIC\0"u8)
            {
                api.Check(api.UpdateCudaProviderOptions(handle, &key, &value, 1));
            }

            api.Check(api.SessionOptionsAppendCuda(options, handle));
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelUnavailableException(
                $"Models:Provider=cuda is not available here: {Reason(exception)}. "
                + "It needs a build with -p:OnnxRuntime=gpu, an NVIDIA GPU, CUDA and cuDNN; Models:Provider=cpu runs everywhere.", exception);
        }
    }

    // "/path/provider_bridge_ort.cc:1988 onnxruntime::Provider& ... [ONNXRuntimeError] : 1 : FAIL : Failed to load library ..."
    private static string Reason(OnnxRuntimeException exception)
    {
        const string beforeReason = " : ";
        var last = exception.Message.LastIndexOf(beforeReason, StringComparison.Ordinal);
        return exception.Message[(last < 0 ? 0 : last + beforeReason.Length)..].TrimEnd().TrimEnd('.');
    }

    private static void AddEntry(nint options, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            OrtApi.Instance.Check(OrtApi.Instance.AddSessionConfigEntry(options, keyBytes, valueBytes));
        }
    }
}
