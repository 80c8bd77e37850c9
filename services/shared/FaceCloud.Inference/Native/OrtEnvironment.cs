namespace FaceCloud.Inference.Native;

/// <summary>
/// What all sessions of the process share: ONNX Runtime allows one environment, which holds its logger, and needs it for as long as any session
/// lives.
/// </summary>
internal static unsafe class OrtEnvironment
{
    // Warnings are about shapes other than those a network was exported with: expected here, and many.
    private const int LogLevelError = 3;
    private const int ArenaAllocator = 1;
    private const int DefaultMemory = 0;

    private static readonly Lazy<OrtEnvironmentHandle> Environment = new(() =>
    {
        fixed (byte* name = "FaceCloud\0"u8)
        {
            OrtApi.Instance.Check(OrtApi.Instance.CreateEnv(LogLevelError, name, out var handle));
            return new OrtEnvironmentHandle(handle);
        }
    });

    private static readonly Lazy<OrtMemoryInfoHandle> Memory = new(() =>
    {
        OrtApi.Instance.Check(OrtApi.Instance.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, out var handle));
        return new OrtMemoryInfoHandle(handle);
    });

    /// <summary>The environment.</summary>
    public static nint Handle => Environment.Value.Value;

    /// <summary>Says of a tensor that its data lies in ordinary memory.</summary>
    public static nint CpuMemory => Memory.Value.Value;
}
