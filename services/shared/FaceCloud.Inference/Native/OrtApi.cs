using System.Runtime.InteropServices;
using System.Text;
using FaceCloud.Native;

namespace FaceCloud.Inference.Native;

/// <summary>
/// The functions of ONNX Runtime's C API that FaceCloud calls. The library exports one symbol, <c>OrtGetApiBase</c>; everything else is a
/// table of function pointers that is only ever appended to, so a position holds for every later version.
/// Positions are those of <c>struct OrtApi</c> in
/// <see href="https://github.com/microsoft/onnxruntime/blob/main/include/onnxruntime/core/session/onnxruntime_c_api.h">onnxruntime_c_api.h</see>.
/// </summary>
/// <remarks>A function that returns <c>OrtStatus*</c> returns null for success; <see cref="Check"/> reads and releases the rest.</remarks>
internal sealed unsafe class OrtApi
{
    // The version is the oldest that has all functions below, not the newest: a library refuses versions later than its own.
    private const uint Version = 17;

    private static readonly Lazy<OrtApi> Loaded = new(() => new OrtApi());

    /// <summary>The functions, loaded on first use.</summary>
    /// <exception cref="DllNotFoundException">The library is not beside the program, or does not load on this system.</exception>
    public static OrtApi Instance => Loaded.Value;

    // Errors.
    public readonly delegate* unmanaged<nint, int> GetErrorCode;
    public readonly delegate* unmanaged<nint, byte*> GetErrorMessage;
    public readonly delegate* unmanaged<nint, void> ReleaseStatus;

    // Environment and allocators.
    public readonly delegate* unmanaged<int, byte*, out nint, nint> CreateEnv;
    public readonly delegate* unmanaged<nint, void> ReleaseEnv;
    public readonly delegate* unmanaged<int, int, out nint, nint> CreateCpuMemoryInfo;
    public readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo;
    public readonly delegate* unmanaged<out nint, nint> GetAllocatorWithDefaultOptions;
    public readonly delegate* unmanaged<nint, void*, nint> AllocatorFree;

    // Session options.
    public readonly delegate* unmanaged<out nint, nint> CreateSessionOptions;
    public readonly delegate* unmanaged<nint, void> ReleaseSessionOptions;
    public readonly delegate* unmanaged<nint, nint> DisableMemPattern;
    public readonly delegate* unmanaged<nint, nint> EnableCpuMemArena;
    public readonly delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel;
    public readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads;
    public readonly delegate* unmanaged<nint, int, nint> SetInterOpNumThreads;
    public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry;

    // The CUDA provider.
    public readonly delegate* unmanaged<out nint, nint> CreateCudaProviderOptions;
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateCudaProviderOptions;
    public readonly delegate* unmanaged<nint, nint, nint> SessionOptionsAppendCuda;
    public readonly delegate* unmanaged<nint, void> ReleaseCudaProviderOptions;

    // Sessions.
    public readonly delegate* unmanaged<nint, void*, nuint, nint, out nint, nint> CreateSessionFromArray;
    public readonly delegate* unmanaged<nint, void> ReleaseSession;
    public readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run;
    public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetInputCount;
    public readonly delegate* unmanaged<nint, out nuint, nint> SessionGetOutputCount;
    public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetInputTypeInfo;
    public readonly delegate* unmanaged<nint, nuint, out nint, nint> SessionGetOutputTypeInfo;
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetInputName;
    public readonly delegate* unmanaged<nint, nuint, nint, out byte*, nint> SessionGetOutputName;

    // Tensors and their types.
    public readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, out nint, nint> CreateTensorWithDataAsOrtValue;
    public readonly delegate* unmanaged<nint, out void*, nint> GetTensorMutableData;
    public readonly delegate* unmanaged<nint, out nint, nint> GetTensorTypeAndShape;
    public readonly delegate* unmanaged<nint, void> ReleaseValue;
    public readonly delegate* unmanaged<nint, out nint, nint> CastTypeInfoToTensorInfo;
    public readonly delegate* unmanaged<nint, void> ReleaseTypeInfo;
    public readonly delegate* unmanaged<nint, out int, nint> GetTensorElementType;
    public readonly delegate* unmanaged<nint, out nuint, nint> GetDimensionsCount;
    public readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions;
    public readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShapeInfo;

    private OrtApi()
    {
        // A build for CUDA carries both libraries (see the project file); the CUDA one runs everything the other does.
        var folder = Directory.Exists(Path.Combine(NativeAssets.Folder, "onnxruntime-gpu")) ? "onnxruntime-gpu" : "onnxruntime";
        var library = NativeAssets.LoadLibrary(folder, "onnxruntime");
        var getApiBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        var table = getApiBase()->GetApi(Version);
        if (table is null)
        {
            throw new DllNotFoundException(
                $"ONNX Runtime {Marshal.PtrToStringUTF8((nint)getApiBase()->GetVersionString())} does not offer version {Version} of its C API.");
        }

        GetErrorCode = (delegate* unmanaged<nint, int>)table[1];
        GetErrorMessage = (delegate* unmanaged<nint, byte*>)table[2];
        CreateEnv = (delegate* unmanaged<int, byte*, out nint, nint>)table[3];
        CreateSessionFromArray = (delegate* unmanaged<nint, void*, nuint, nint, out nint, nint>)table[8];
        Run = (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)table[9];
        CreateSessionOptions = (delegate* unmanaged<out nint, nint>)table[10];
        DisableMemPattern = (delegate* unmanaged<nint, nint>)table[17];
        EnableCpuMemArena = (delegate* unmanaged<nint, nint>)table[18];
        SetSessionGraphOptimizationLevel = (delegate* unmanaged<nint, int, nint>)table[23];
        SetIntraOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[24];
        SetInterOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[25];
        SessionGetInputCount = (delegate* unmanaged<nint, out nuint, nint>)table[30];
        SessionGetOutputCount = (delegate* unmanaged<nint, out nuint, nint>)table[31];
        SessionGetInputTypeInfo = (delegate* unmanaged<nint, nuint, out nint, nint>)table[33];
        SessionGetOutputTypeInfo = (delegate* unmanaged<nint, nuint, out nint, nint>)table[34];
        SessionGetInputName = (delegate* unmanaged<nint, nuint, nint, out byte*, nint>)table[36];
        SessionGetOutputName = (delegate* unmanaged<nint, nuint, nint, out byte*, nint>)table[37];
        CreateTensorWithDataAsOrtValue = (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, out nint, nint>)table[49];
        GetTensorMutableData = (delegate* unmanaged<nint, out void*, nint>)table[51];
        CastTypeInfoToTensorInfo = (delegate* unmanaged<nint, out nint, nint>)table[55];
        GetTensorElementType = (delegate* unmanaged<nint, out int, nint>)table[60];
        GetDimensionsCount = (delegate* unmanaged<nint, out nuint, nint>)table[61];
        GetDimensions = (delegate* unmanaged<nint, long*, nuint, nint>)table[62];
        GetTensorTypeAndShape = (delegate* unmanaged<nint, out nint, nint>)table[65];
        CreateCpuMemoryInfo = (delegate* unmanaged<int, int, out nint, nint>)table[69];
        AllocatorFree = (delegate* unmanaged<nint, void*, nint>)table[76];
        GetAllocatorWithDefaultOptions = (delegate* unmanaged<out nint, nint>)table[78];
        ReleaseEnv = (delegate* unmanaged<nint, void>)table[92];
        ReleaseStatus = (delegate* unmanaged<nint, void>)table[93];
        ReleaseMemoryInfo = (delegate* unmanaged<nint, void>)table[94];
        ReleaseSession = (delegate* unmanaged<nint, void>)table[95];
        ReleaseValue = (delegate* unmanaged<nint, void>)table[96];
        ReleaseTypeInfo = (delegate* unmanaged<nint, void>)table[98];
        ReleaseTensorTypeAndShapeInfo = (delegate* unmanaged<nint, void>)table[99];
        ReleaseSessionOptions = (delegate* unmanaged<nint, void>)table[100];
        AddSessionConfigEntry = (delegate* unmanaged<nint, byte*, byte*, nint>)table[130];
        SessionOptionsAppendCuda = (delegate* unmanaged<nint, nint, nint>)table[204];
        CreateCudaProviderOptions = (delegate* unmanaged<out nint, nint>)table[205];
        UpdateCudaProviderOptions = (delegate* unmanaged<nint, byte**, byte**, nuint, nint>)table[206];
        ReleaseCudaProviderOptions = (delegate* unmanaged<nint, void>)table[208];
    }

    /// <summary>Throws what a status says, and releases it.</summary>
    /// <exception cref="OnnxRuntimeException">The status is not null.</exception>
    public void Check(nint status)
    {
        if (status == 0)
        {
            return;
        }

        var code = GetErrorCode(status);
        var message = Marshal.PtrToStringUTF8((nint)GetErrorMessage(status)) ?? "";
        ReleaseStatus(status);
        throw new OnnxRuntimeException(code, message);
    }

    /// <summary>A string as the C API takes it: UTF-8 with a zero at the end.</summary>
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    // The layout of struct OrtApiBase.
    [StructLayout(LayoutKind.Sequential)]
    private struct OrtApiBase
    {
        public delegate* unmanaged<uint, void**> GetApi;
        public delegate* unmanaged<byte*> GetVersionString;
    }
}
