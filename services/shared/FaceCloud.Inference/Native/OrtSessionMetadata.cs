using System.Runtime.InteropServices;

namespace FaceCloud.Inference.Native;

/// <summary>Reads the names, types and shapes of a session's inputs and outputs.</summary>
internal static unsafe class OrtSessionMetadata
{
    public static IReadOnlyList<TensorInfo> Inputs(nint session)
    {
        var api = OrtApi.Instance;
        api.Check(api.SessionGetInputCount(session, out var count));
        return Read(session, count, api.SessionGetInputName, api.SessionGetInputTypeInfo);
    }

    public static IReadOnlyList<TensorInfo> Outputs(nint session)
    {
        var api = OrtApi.Instance;
        api.Check(api.SessionGetOutputCount(session, out var count));
        return Read(session, count, api.SessionGetOutputName, api.SessionGetOutputTypeInfo);
    }

    /// <summary>The dimensions a native tensor description holds.</summary>
    public static long[] Dimensions(nint tensorInfo)
    {
        var api = OrtApi.Instance;
        api.Check(api.GetDimensionsCount(tensorInfo, out var rank));
        var dimensions = new long[rank];
        fixed (long* values = dimensions)
        {
            api.Check(api.GetDimensions(tensorInfo, values, rank));
        }

        return dimensions;
    }

    private static TensorInfo[] Read(
        nint session, nuint count, delegate* unmanaged<nint, nuint, nint, out byte*, nint> getName, delegate* unmanaged<nint, nuint, out nint, nint> getType)
    {
        var api = OrtApi.Instance;
        api.Check(api.GetAllocatorWithDefaultOptions(out var allocator)); // ONNX Runtime's own; not to be released
        var tensors = new TensorInfo[count];
        for (nuint i = 0; i < count; i++)
        {
            api.Check(getName(session, i, allocator, out var text));
            var name = Marshal.PtrToStringUTF8((nint)text)!;
            api.Check(api.AllocatorFree(allocator, text));

            api.Check(getType(session, i, out var handle));
            using var type = new OrtTypeInfoHandle(handle);
            api.Check(api.CastTypeInfoToTensorInfo(handle, out var tensor)); // belongs to the type; null if this is no tensor
            if (tensor == 0)
            {
                tensors[i] = new TensorInfo(name, TensorInfo.NameOf(0), []);
                continue;
            }

            api.Check(api.GetTensorElementType(tensor, out var elementType));
            tensors[i] = new TensorInfo(name, TensorInfo.NameOf(elementType), Dimensions(tensor));
        }

        return tensors;
    }
}
