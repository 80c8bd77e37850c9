using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using FaceCloud.Contracts.Events;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Pipeline;

/// <summary>Events as rows of the outbox.</summary>
internal static class Outbox
{
    private static readonly ActivitySource Source = new("FaceCloud.Identity");

    /// <summary>The row of an event that carries a photo on; to be added in the transaction of the change that it tells of.</summary>
    public static OutboxMessage Message<T>(T photoEvent, long photoId)
        where T : notnull => new()
        {
            Kind = typeof(T).Name,
            Body = JsonSerializer.Serialize(photoEvent),
            PhotoId = photoId,
            TraceParent = Activity.Current is { Recorded: true } span ? span.Id : null,
        };

    /// <summary>Goes on with the trace that the event was written in, until disposed; null where nothing is recorded.</summary>
    public static Activity? Resume(OutboxMessage message) =>
        message.TraceParent is { } parent ? Source.StartActivity($"{message.Kind} outbox", ActivityKind.Internal, parent) : null;

    /// <summary>The event of a row.</summary>
    /// <returns>False for one that this version does not know or cannot read.</returns>
    public static bool TryRead(OutboxMessage message, [NotNullWhen(true)] out object? read)
    {
        read = null;
        if (typeof(PhotoStored).Assembly.GetType($"{typeof(PhotoStored).Namespace}.{message.Kind}") is { } type)
        {
            try
            {
                read = JsonSerializer.Deserialize(message.Body, type);
            }
            catch (JsonException)
            {
                return false;
            }
        }

        return read is not null;
    }
}
