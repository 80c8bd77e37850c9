namespace FaceCloud.Inference;

/// <summary>The hardware a network runs on.</summary>
public enum InferenceProvider
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first NVIDIA GPU. Needs a build with <c>-p:OnnxRuntime=gpu</c>, CUDA and cuDNN.</summary>
    Cuda,
}
