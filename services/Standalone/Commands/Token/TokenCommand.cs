using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Gateway.Edge;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands.Token;

/// <summary><c>facecloud token</c>: what callers show to say who they are.</summary>
internal static class TokenCommand
{
    private const string Keys = "api/v1/auth/keys";

    private static readonly Argument<string> Name = new("NAME") { Description = "What the key is called: the program or the person it is for." };

    private static readonly Option<string> Role = new("--role")
    {
        Description = "viewer looks, photographer also adds and changes, admin does everything.",
        DefaultValueFactory = _ => "viewer",
    };

    private static readonly Option<string[]> Galleries = new("--for-gallery")
    {
        Description = "A gallery the key is for, and no other; more of them, several times.",
    };

    private static readonly Option<int> Hours = new("--hours")
    {
        Description = "How long the token is valid.",
        DefaultValueFactory = _ => 12,
        CustomParser = hours => Whole(hours),
    };

    public static Command Create()
    {
        var token = new CommandWithExamples(
            "token",
            "Make, list and revoke API keys, and sign tokens.",
            """
            A key is shown once, when it is made. Callers send it as 'X-Api-Key: ...', a signed token as 'Authorization: Bearer ...'.
            Against a running server that is not on this machine, FACECLOUD_API_KEY must hold the key of an admin.
            """,
            "facecloud token create doorbell --role viewer",
            "facecloud token revoke doorbell",
            "facecloud token sign anna --role photographer --hours 8")
        {
            CreateKey(),
            ListKeys(),
            RevokeKey(),
            Sign(),
        };
        return token;
    }

    private static Command CreateKey()
    {
        var create = new Command("create", "Make an API key and print it.") { Name, Role, Galleries, ServerConnection.UrlOption };
        create.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            var body = new JsonObject { ["name"] = parsed.GetValue(Name), ["role"] = parsed.GetValue(Role) };
            if (parsed.GetValue(Galleries) is { Length: > 0 } galleries)
            {
                body["galleries"] = new JsonArray([.. galleries.Select(gallery => (JsonNode)gallery)]);
            }

            await using var server = await ServerConnection.OpenAsync(parsed, stop);
            using var response = await server.Http.PostAsJsonAsync(Keys, body, stop);
            await RequireSuccessAsync(response);
            Console.WriteLine((await response.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("key").GetString());
            return 0;
        }));
        return create;
    }

    private static Command ListKeys()
    {
        var list = new Command("list", "Show the API keys, without their secrets.") { ServerConnection.UrlOption };
        list.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            await using var server = await ServerConnection.OpenAsync(parsed, stop);
            using var response = await server.Http.GetAsync(Keys, stop);
            await RequireSuccessAsync(response);
            var table = new Table().AddColumns("name", "role", "galleries", "made");
            foreach (var key in (await response.Content.ReadFromJsonAsync<JsonElement>(stop)).EnumerateArray())
            {
                var galleries = key.GetProperty("galleries") is { ValueKind: JsonValueKind.Array } names
                    ? string.Join(", ", names.EnumerateArray().Select(name => name.GetString()))
                    : "all";
                table.AddRow(
                    Markup.Escape(key.GetProperty("name").GetString()!),
                    key.GetProperty("role").GetString()!,
                    Markup.Escape(galleries),
                    key.GetProperty("created_at").GetString()!);
            }

            AnsiConsole.Write(table);
            return 0;
        }));
        return list;
    }

    private static Command RevokeKey()
    {
        var revoke = new Command("revoke", "Revoke an API key; calls with it are refused from now on.") { Name, ServerConnection.UrlOption };
        revoke.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            await using var server = await ServerConnection.OpenAsync(parsed, stop);
            using var response = await server.Http.DeleteAsync($"{Keys}/{Uri.EscapeDataString(parsed.GetRequiredValue(Name))}", stop);
            await RequireSuccessAsync(response);
            return 0;
        }));
        return revoke;
    }

    private static Command Sign()
    {
        var sign = new Command("sign", "Print a JSON Web Token signed with this server's own key; it cannot be revoked.") { Name, Role, Hours };
        sign.SetAction((parsed, _) => CommandRun.ReportAsync(() =>
        {
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            SecretFile.SigningKey.Apply(configuration);
            Console.WriteLine(EdgeModule.SignToken(
                configuration, parsed.GetRequiredValue(Name), parsed.GetRequiredValue(Role), TimeSpan.FromHours(parsed.GetValue(Hours))));
            return Task.FromResult(0);
        }));
        return sign;
    }

    private static int Whole(ArgumentResult hours)
    {
        if (!int.TryParse(hours.Tokens[0].Value, System.Globalization.CultureInfo.InvariantCulture, out var count) || count < 1)
        {
            hours.AddError("--hours needs a whole number from 1.");
        }

        return count;
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandException(await ServerAnswer.SentenceAsync(response));
        }
    }
}
