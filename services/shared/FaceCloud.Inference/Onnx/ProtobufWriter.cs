using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FaceCloud.Inference.Onnx;

/// <summary>Writes a message field by field: <see href="https://protobuf.dev/programming-guides/encoding/"/>.</summary>
/// <param name="capacity">About how many bytes there will be; a network is copied several times over if it has to grow into its size.</param>
internal sealed class ProtobufWriter(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> _message = new(capacity);

    public ReadOnlyMemory<byte> Message => _message.WrittenMemory;

    public ProtobufWriter Number(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Varint(value);
        return this;
    }

    public ProtobufWriter Float(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(_message.GetSpan(4), value);
        _message.Advance(4);
        return this;
    }

    public ProtobufWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)value.Length);
        _message.Write(value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Nested(int field, ProtobufWriter message) => Bytes(field, message.Message.Span);

    /// <summary>A field as <see cref="ProtobufField.Whole"/> has it.</summary>
    public ProtobufWriter Copy(ReadOnlyMemory<byte> field)
    {
        _message.Write(field.Span);
        return this;
    }

    private void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (ulong)type);

    private void Varint(ulong value)
    {
        var span = _message.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        _message.Advance(length);
    }
}
