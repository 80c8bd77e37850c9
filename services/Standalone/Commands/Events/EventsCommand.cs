using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults.Messaging;

namespace FaceCloud.Standalone.Commands.Events;

/// <summary><c>facecloud events</c>: the events that no service could do anything with, where events go through a message broker.</summary>
internal static class EventsCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Argument<string> Id = new("ID") { Description = "As 'list' shows it." };

    private static readonly Argument<string?> IdOrNone = new("ID") { Description = "As 'list' shows it.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<bool> All = new("--all") { Description = "Every one that is there." };

    private static readonly Option<Uri?> Broker = new("--broker")
    {
        Description = "The broker, as in amqp://user:password@host. Without it, the setting ConnectionStrings__messaging.",
    };

    public static Command Create()
    {
        var events = new CommandWithExamples(
            "events",
            "Show events that failed, and send them again.",
            """
            An event that a service cannot do anything with, tried four times, is put aside in the broker with what went wrong. Once that is mended, send
            it again: its work starts anew, and what is done already is not done twice. Without a broker there are none: the photos that failed are
            listed by GET /api/photos?status=failed, and start anew when they are uploaded again.
            """,
            "facecloud events list",
            "facecloud events show 0a100000-5d3c-0015-9f1b-08de2ce0a1b2",
            "facecloud events replay --all")
        {
            List(),
            Show(),
            Replay(),
        };
        return events;
    }

    private static Command List()
    {
        var list = new Command("list", "Show the events that failed, a line each: id, time, event, reason.") { Broker };
        list.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            await using var letters = await OpenAsync(parsed, stop);
            var none = true;
            await foreach (var letter in letters.ReadAsync(stop))
            {
                none = false;
                Console.WriteLine($"{letter.Id}  {letter.FailedAt}  {letter.Event}  {letter.Error}: {letter.Reason.ReplaceLineEndings(" ")}");
            }

            if (none)
            {
                Console.WriteLine("No event has failed.");
            }

            return 0;
        }));
        return list;
    }

    private static Command Show()
    {
        var show = new Command("show", "Print one as JSON: where and why it failed, and the event itself.") { Id, Broker };
        show.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            await using var letters = await OpenAsync(parsed, stop);
            var id = parsed.GetRequiredValue(Id);
            var letter = await letters.ReadAsync(stop).FirstOrDefaultAsync(letter => letter.Id == id, stop) ?? throw NotThere(id);
            Console.WriteLine(new JsonObject
            {
                ["id"] = letter.Id,
                ["event"] = letter.Event,
                ["queue"] = letter.Queue,
                ["failed_at"] = letter.FailedAt,
                ["error"] = letter.Error,
                ["reason"] = letter.Reason,
                ["stack_trace"] = letter.StackTrace,
                ["body"] = JsonNode.Parse(letter.Body),
            }.ToJsonString(Indented));
            return 0;
        }));
        return show;
    }

    private static Command Replay()
    {
        var replay = new Command("replay", "Send one, or all of them, to where they failed.") { IdOrNone, All, Broker };
        replay.Validators.Add(result =>
        {
            if (result.GetValue(All) == (result.GetValue(IdOrNone) is not null))
            {
                result.AddError("Name the ID of one event, or --all.");
            }
        });
        replay.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            await using var letters = await OpenAsync(parsed, stop);
            var id = parsed.GetValue(IdOrNone);
            var sent = await letters.ReplayAsync(id, stop);
            if (sent == 0 && id is not null)
            {
                throw NotThere(id);
            }

            Console.WriteLine(sent == 1 ? "1 event was sent again." : $"{sent} events were sent again.");
            return 0;
        }));
        return replay;
    }

    private static Task<DeadLetters> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var configured = new ConfigurationBuilder().AddEnvironmentVariables().Build().GetConnectionString(ServiceNames.Messaging);
        var broker = parsed.GetValue(Broker) ?? (string.IsNullOrEmpty(configured) ? null : new Uri(configured))
            ?? throw new CommandException(
                $"Name the message broker with --broker, or in ConnectionStrings__{ServiceNames.Messaging}. "
                + "Without one, events stay in the process that serves.");
        return DeadLetters.OpenAsync(broker, cancellationToken);
    }

    private static CommandException NotThere(string id) => new($"No event {id} has failed, or it was sent again already.");
}
