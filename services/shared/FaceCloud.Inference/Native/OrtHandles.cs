using Microsoft.Win32.SafeHandles;

namespace FaceCloud.Inference.Native;

// One handle for each native type that FaceCloud owns. Each is released once, also when a constructor further on throws.

internal sealed class OrtEnvironmentHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseEnv(value);
}

internal sealed class OrtMemoryInfoHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseMemoryInfo(value);
}

internal sealed class OrtSessionOptionsHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseSessionOptions(value);
}

internal sealed class OrtCudaOptionsHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseCudaProviderOptions(value);
}

internal sealed class OrtSessionHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseSession(value);
}

internal sealed class OrtValueHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseValue(value);
}

internal sealed class OrtTypeInfoHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseTypeInfo(value);
}

internal sealed class OrtTensorInfoHandle(nint handle) : OrtHandle(handle)
{
    protected override unsafe void Release(nint value) => OrtApi.Instance.ReleaseTensorTypeAndShapeInfo(value);
}

/// <summary>What the handles share: the pointer, and that releasing returns nothing that could fail.</summary>
internal abstract class OrtHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    protected OrtHandle(nint value) : base(ownsHandle: true) => SetHandle(value);

    /// <summary>The pointer, for a call during which the owner keeps this handle alive.</summary>
    public nint Value => handle;

    protected abstract void Release(nint value);

    protected override bool ReleaseHandle()
    {
        Release(handle);
        return true;
    }
}
