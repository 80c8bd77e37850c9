using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FaceCloud.Inference.OpenPack;

/// <summary>A tensor as TensorFlow lays it out: channels last, filters [height, width, channels in, channels out].</summary>
internal sealed record Weight(int[] Shape, float[] Values)
{
    public int this[Index dimension] => Shape[dimension];
}

/// <summary>
/// The weights of a TensorFlow.js network by their names. A manifest says how they follow one another in the .bin file, and how they were
/// made smaller: bytes with a scale and a minimum, or half precision (tfjs-core/src/io/io_utils.ts, <c>decodeWeights</c>).
/// </summary>
internal sealed class TensorFlowWeights
{
    private readonly Dictionary<string, Weight> _weights = [];

    public Weight this[string name] => _weights.TryGetValue(name, out var weight)
        ? weight
        : throw new InvalidDataException($"The weights have no tensor '{name}'.");

    public bool Has(string name) => _weights.ContainsKey(name);

    /// <param name="manifest">The list of groups, each with its <c>weights</c>.</param>
    /// <param name="bytes">All groups, one after the other.</param>
    /// <exception cref="InvalidDataException">The bytes are not as long as the manifest says, or are of a kind that is not known.</exception>
    public static TensorFlowWeights Read(JsonElement manifest, ReadOnlySpan<byte> bytes)
    {
        var weights = new TensorFlowWeights();
        foreach (var entry in manifest.EnumerateArray().SelectMany(group => group.GetProperty("weights").EnumerateArray()))
        {
            int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32())];
            var length = shape.Aggregate(1, (product, dimension) => product * dimension);
            weights._weights[entry.GetProperty("name").GetString()!] = new Weight(shape, Decode(entry, length, ref bytes));
        }

        return bytes.IsEmpty ? weights : throw new InvalidDataException($"The weights are {bytes.Length} bytes longer than their manifest says.");
    }

    private static float[] Decode(JsonElement entry, int length, ref ReadOnlySpan<byte> bytes)
    {
        var type = entry.GetProperty("dtype").GetString();
        var hasQuantization = entry.TryGetProperty("quantization", out var quantization);
        if (hasQuantization)
        {
            type = quantization.GetProperty("dtype").GetString();
        }

        switch (type)
        {
            case "uint8":
                // In double precision and rounded once, as JavaScript computes it: the bytes of the result are the same everywhere.
                var (scale, min) = (quantization.GetProperty("scale").GetDouble(), quantization.GetProperty("min").GetDouble());
                return Array.ConvertAll(Take(ref bytes, length).ToArray(), value => (float)((value * scale) + min));
            case "float16":
                return Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Take(ref bytes, length * 2)).ToArray(), value => (float)value);
            case "float32":
                return MemoryMarshal.Cast<byte, float>(Take(ref bytes, length * sizeof(float))).ToArray();
            case "int32":
                var numbers = Take(ref bytes, length * sizeof(int));
                var values = new float[length];
                for (var i = 0; i < length; i++)
                {
                    values[i] = BinaryPrimitives.ReadInt32LittleEndian(numbers[(i * sizeof(int))..]);
                }

                return values;
            default:
                throw new InvalidDataException($"A tensor of type {type} is not known.");
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (count > bytes.Length)
        {
            throw new InvalidDataException("The weights are shorter than their manifest says.");
        }

        var taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }
}
