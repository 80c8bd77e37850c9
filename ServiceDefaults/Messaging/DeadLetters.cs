using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace FaceCloud.ServiceDefaults.Messaging;

/// <summary>
/// The messages that no consumer could do anything with, in one queue of the broker, each with what went wrong: to be looked at, and to be sent
/// again to where they came from once that is mended. Reading leaves them where they are.
/// </summary>
public sealed class DeadLetters : IAsyncDisposable
{
    public const string Queue = "dead-letters";

    internal const string ReplayHeader = "FaceCloud-Replayed-At";

    /// <summary>How often a dead letter may be looked at, which the broker counts as deliveries: RabbitMQ 4 drops a message after 20 by itself.</summary>
    internal const int Looks = 1_000_000;

    // As MassTransit names them: https://masstransit.io/documentation/concepts/exceptions#error-headers
    private const string FaultHeaders = "MT-Fault-";
    private const string InputAddress = "MT-Fault-InputAddress";

    private readonly IConnection _connection;

    private DeadLetters(IConnection connection) => _connection = connection;

    /// <param name="broker">As in <c>ConnectionStrings:messaging</c>.</param>
    /// <param name="cancellationToken">Before the broker answers.</param>
    /// <exception cref="IOException">The broker does not answer, or does not let us in.</exception>
    public static async Task<DeadLetters> OpenAsync(Uri broker, CancellationToken cancellationToken)
    {
        try
        {
            return new DeadLetters(await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(cancellationToken));
        }
        catch (BrokerUnreachableException e)
        {
            // Its address holds a password.
            throw new IOException($"The message broker at {broker.Host} does not answer: {(e.InnerException ?? e).Message}", e);
        }
    }

    /// <summary>The oldest first.</summary>
    /// <exception cref="IOException">The first event failed a moment ago, and the broker is not ready to show it. This object is of no more use.</exception>
    public async IAsyncEnumerable<DeadLetter> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await foreach (var got in GetAsync(channel, cancellationToken))
        {
            // Nothing is acknowledged: with the channel's end all go back.
            yield return Read(got);
        }
    }

    /// <summary>Sends dead letters to the queues where they failed. A crash in between sends one twice, which consumers have to bear anyway.</summary>
    /// <param name="id">Of one message; null for all that are there now.</param>
    /// <param name="cancellationToken">What is sent stays sent.</param>
    /// <returns>How many were sent.</returns>
    public async Task<int> ReplayAsync(string? id, CancellationToken cancellationToken)
    {
        // Confirmed by the broker before it is forgotten here; sent to a queue that is there, or not at all.
        await using var channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var sent = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var got in GetAsync(channel, cancellationToken))
        {
            var letter = Read(got);
            if ((id is not null && letter.Id != id) || !sent.Add(letter.Id))
            {
                // Another one, or one that has failed again already: both stay.
                continue;
            }

            var properties = new BasicProperties(got.BasicProperties)
            {
                Headers = (got.BasicProperties.Headers ?? new Dictionary<string, object?>())
                    .Where(header => header.Key != ReplayHeader && !header.Key.StartsWith(FaultHeaders, StringComparison.Ordinal))
                    .Append(KeyValuePair.Create(ReplayHeader, (object?)DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture)))
                    .ToDictionary(),
            };
            await channel.BasicPublishAsync("", letter.Queue, mandatory: true, properties, got.Body, cancellationToken);
            await channel.BasicAckAsync(got.DeliveryTag, multiple: false, cancellationToken);
        }

        return sent.Count;
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    /// <summary>All of them; what is not acknowledged is not met again.</summary>
    private static async IAsyncEnumerable<BasicGetResult> GetAsync(IChannel channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            BasicGetResult? got;
            try
            {
                got = await channel.BasicGetAsync(Queue, autoAck: false, cancellationToken);
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                // Made with the first message that fails.
                yield break;
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.InternalError)
            {
                // Which also ends the connection.
                throw new IOException("The message broker is only just making the queue of events that failed; try again.", e);
            }

            if (got is null)
            {
                yield break;
            }

            yield return got;
        }
    }

    private static DeadLetter Read(BasicGetResult got)
    {
        return new DeadLetter(
            got.BasicProperties.MessageId ?? "",
            new Uri(Header(InputAddress)).AbsolutePath.Split('/')[^1],
            Header("MT-Fault-MessageType").Split(':', '.')[^1],
            Header("MT-Fault-Timestamp"),
            Header("MT-Fault-ExceptionType"),
            Header("MT-Fault-Message"),
            Header("MT-Fault-StackTrace"),
            Encoding.UTF8.GetString(got.Body.Span));

        string Header(string name) => got.BasicProperties.Headers?.TryGetValue(name, out var value) == true && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : "";
    }
}

/// <summary>A message that failed.</summary>
/// <param name="Id">Of the message.</param>
/// <param name="Queue">Where it failed.</param>
/// <param name="Event">The name of the event.</param>
/// <param name="FailedAt">ISO 8601, by the clock of the consumer.</param>
/// <param name="Error">The exception's type.</param>
/// <param name="Reason">What the exception says.</param>
/// <param name="StackTrace">Where it was thrown.</param>
/// <param name="Body">The message in its envelope, JSON.</param>
public sealed record DeadLetter(string Id, string Queue, string Event, string FailedAt, string Error, string Reason, string StackTrace, string Body);
