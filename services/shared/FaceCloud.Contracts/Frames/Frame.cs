using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.Contracts.Frames;

/// <summary>
/// One message between services: metadata as JSON, then pixels or floats as they are in memory, so that neither is ever written as text.
/// The bytes are those of <see cref="FrameHeader"/>, the metadata, the payload, and nothing after that.
/// </summary>
public sealed record Frame<T>(T Metadata, ReadOnlyMemory<byte> Payload = default)
{
    /// <summary>Header and metadata, which the payload follows.</summary>
    public byte[] Head()
    {
        var metadata = JsonSerializer.SerializeToUtf8Bytes(Metadata, Frame.Json);
        var head = new byte[FrameHeader.Size + metadata.Length];
        new FrameHeader(metadata.Length, Payload.Length).Write(head);
        metadata.CopyTo(head, FrameHeader.Size);
        return head;
    }
}

/// <summary>Reading frames, and what all of them share.</summary>
public static class Frame
{
    public const string ContentType = "application/vnd.facecloud.frame";

    // As strict as both ends are ours; but members this version does not know are passed over, so that a newer service may add some.
    internal static readonly JsonSerializerOptions Json = new()
    {
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Reads a frame from exactly its own bytes. The payload is a slice of them.</summary>
    /// <exception cref="DamagedFrameException">See there.</exception>
    public static Frame<T> Parse<T>(ReadOnlyMemory<byte> bytes)
    {
        var header = FrameHeader.Read(bytes.Span);
        if (header.FrameLength != bytes.Length)
        {
            throw new DamagedFrameException($"The frame should be {header.FrameLength} bytes long; {bytes.Length} came.");
        }

        try
        {
            var metadata = JsonSerializer.Deserialize<T>(bytes.Span.Slice(FrameHeader.Size, header.MetadataLength), Json);
            return metadata is null
                ? throw new DamagedFrameException("The frame's metadata is null.")
                : new Frame<T>(metadata, bytes[(FrameHeader.Size + header.MetadataLength)..]);
        }
        catch (JsonException e)
        {
            throw new DamagedFrameException($"The frame's metadata is not that of a {typeof(T).Name}.", e);
        }
    }
}
