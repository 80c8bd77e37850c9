using FaceCloud.Inference;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary><c>facecloud models pull</c>.</summary>
internal static class PullModels
{
    private const double Megabyte = 1e6;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(ModelSettings settings, string[] names, bool all, CancellationToken cancellationToken)
    {
        if (all == names.Length > 0)
        {
            throw new CommandException("Name the networks to pull, or --all; 'facecloud models list' shows them.");
        }

        var models = all ? settings.Registry.Models : [.. names.Select(name => Find(settings.Registry, name))];
        Console.WriteLine(settings.Where);
        Directory.CreateDirectory(settings.Folder);
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("facecloud");
        var exitCode = 0;
        foreach (var model in models)
        {
            try
            {
                await PullAsync(settings, model, http, cancellationToken);
            }
            catch (CannotPullException e) when (all)
            {
                Console.WriteLine($"{model.Name} is left out: {e.Message}");
            }
            catch (Exception e) when (e is CannotPullException or CommandException or IOException or UnauthorizedAccessException)
            {
                await CommandRun.SayAsync($"{model.Name}: {e.Message}");
                exitCode = CommandRun.SomeFailed;
            }
        }

        return exitCode;
    }

    private static async Task PullAsync(ModelSettings settings, ModelDescription model, HttpClient http, CancellationToken cancellationToken)
    {
        if (await PresentFiles.OfAsync(settings.PathOf(model), model, cancellationToken) == PresentFile.Right)
        {
            Console.WriteLine($"{model.Name} is there already.");
            return;
        }

        if (model.IsMade)
        {
            settings.Store.Read(model);
            Console.WriteLine($"{model.Name} is there now, made of weights that came with FaceCloud: {model.File.Name}, {model.Licence.Name}.");
            return;
        }

        if (model.Download.Address is null)
        {
            throw new CannotPullException(model.Download.Note!);
        }

        if (settings.Store.WhyNotAccepted(model) is { } licence)
        {
            throw new CannotPullException(licence);
        }

        var progress = new ProgressCount("MB", Megabyte);
        var download = new ModelPull(http, settings.Folder, model, progress);
        await ProgressDisplay.ShowAsync(model.Name, progress, () => download.RunAsync(cancellationToken));
        Console.WriteLine($"{model.Name} is there now: {model.File.Name}, {model.Licence.Name}.");
    }

    private static ModelDescription Find(ModelRegistry registry, string name) =>
        registry.Models.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CommandException(
            $"'{name}' is no network that FaceCloud knows; it knows {string.Join(", ", registry.Models.Select(model => model.Name))}.");

    /// <summary>There is nothing to try: no address, or a licence that was not accepted.</summary>
    private sealed class CannotPullException(string message) : Exception(message);
}
