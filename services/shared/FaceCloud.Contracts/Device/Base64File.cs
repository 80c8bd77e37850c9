using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.Contracts.Device;

/// <summary>A file inside a JSON string: base64, with or without a data-URI prefix (<c>data:image/jpeg;base64,</c>, RFC 2397).</summary>
[JsonConverter(typeof(Converter))]
public sealed record Base64File(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The bytes of an image field.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: the field is missing.</exception>
    public static ReadOnlyMemory<byte> RequireImage(Base64File? image) =>
        image?.Bytes ?? throw new FailureException(Failure.Malformed, "The field 'image' is missing.");

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
            var unescaped = new byte[reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length];
            return Decode(unescaped.AsSpan(0, reader.CopyString(unescaped)));
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
