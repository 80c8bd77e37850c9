using System.Buffers.Binary;

namespace FaceCloud.Inference.Onnx;

/// <summary>Reads the fields of a message, one level deep: <see href="https://protobuf.dev/programming-guides/encoding/"/>.</summary>
internal static class ProtobufReader
{
    /// <summary>The fields of a message, in the order they were written.</summary>
    /// <exception cref="InvalidDataException">The bytes end inside a field, or are no message.</exception>
    public static IEnumerable<ProtobufField> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var begin = at;
            var tag = Varint(message, ref at);
            var (number, type) = (tag >> 3, (WireType)(tag & 7));
            if (number is 0 or > int.MaxValue)
            {
                throw new InvalidDataException("A field has no possible number.");
            }

            var value = 0UL;
            var bytes = ReadOnlyMemory<byte>.Empty;
            switch (type)
            {
                case WireType.Varint:
                    value = Varint(message, ref at);
                    break;
                case WireType.Fixed64:
                    bytes = Take(message, ref at, 8);
                    value = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
                    break;
                case WireType.Fixed32:
                    bytes = Take(message, ref at, 4);
                    value = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span);
                    break;
                case WireType.Bytes:
                    bytes = Take(message, ref at, Varint(message, ref at));
                    break;
                default:
                    throw new InvalidDataException($"A field has the wire type {(int)type}, which ONNX does not use.");
            }

            yield return new ProtobufField((int)number, type, value, bytes, message[begin..at]);
        }
    }

    /// <summary>The numbers of a repeated field, whether written one by one or packed.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Fields"/>.</exception>
    public static IEnumerable<ulong> Varints(ProtobufField field)
    {
        if (field.Type == WireType.Varint)
        {
            yield return field.Value;
            yield break;
        }

        for (var at = 0; at < field.Bytes.Length;)
        {
            yield return Varint(field.Bytes, ref at);
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        var span = message.Span;
        var value = 0UL;
        for (var shift = 0; shift < 64 && at < span.Length; shift += 7)
        {
            var part = span[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number does not end.");
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, ref int at, ulong length)
    {
        if (length > (ulong)(message.Length - at))
        {
            throw new InvalidDataException("A field is longer than its message.");
        }

        var bytes = message.Slice(at, (int)length);
        at += (int)length;
        return bytes;
    }
}

/// <summary>How a field is written.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <param name="Number">Its number in the .proto file.</param>
/// <param name="Type">How it is written.</param>
/// <param name="Value">Its value, unless it is bytes.</param>
/// <param name="Bytes">Its content, if it is bytes: a text, a message, packed numbers.</param>
/// <param name="Whole">The field as it stands in the message, for copying.</param>
internal readonly record struct ProtobufField(int Number, WireType Type, ulong Value, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Whole);
