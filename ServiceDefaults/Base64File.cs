using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.ServiceDefaults;

/// <summary>A file inside a JSON string: base64, with or without a data-URI prefix (<c>data:image/jpeg;base64,</c>, RFC 2397).</summary>
[JsonConverter(typeof(Converter))]
public sealed record Base64File(ReadOnlyMemory<byte> Bytes)
{
    internal sealed class Converter : JsonConverter<Base64File>
    {
        public override Base64File Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException();
            }

            if (!reader.ValueIsEscaped && !reader.HasValueSequence)
            {
                return Decode(reader.ValueSpan);
            }

            // Some encoders write "/" as "\/": unescape first.
            var unescaped = ArrayPool<byte>.Shared.Rent(reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length);
            try
            {
                return Decode(unescaped.AsSpan(0, reader.CopyString(unescaped)));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(unescaped, clearArray: true);
            }
        }

        public override void Write(Utf8JsonWriter writer, Base64File value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value.Bytes.Span);

        private static Base64File Decode(ReadOnlySpan<byte> text)
        {
            if (text.StartsWith("data:"u8))
            {
                var comma = text.IndexOf((byte)',');
                if (comma < 0 || !text[..comma].EndsWith(";base64"u8))
                {
                    throw new JsonException();
                }

                text = text[(comma + 1)..];
            }

            var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
            return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done
                ? new Base64File(bytes.AsMemory(0, written))
                : throw new JsonException();
        }
    }
}
