namespace FaceCloud.Standalone.Commands.Models;

/// <summary><c>facecloud models verify</c>.</summary>
internal static class VerifyModels
{
    public static async Task<int> RunAsync(ModelSettings settings, CancellationToken cancellationToken)
    {
        var (present, wrong) = (0, 0);
        foreach (var model in settings.Registry.Models)
        {
            var state = await PresentFiles.OfAsync(settings.PathOf(model), model, cancellationToken);
            if (state == PresentFile.Absent)
            {
                continue;
            }

            present++;
            if (state == PresentFile.Right)
            {
                Console.WriteLine($"{model.Name}: {model.File.Name} is right.");
                continue;
            }

            wrong++;
            var path = settings.PathOf(model);
            await CommandRun.SayAsync(
                $"{model.Name}: '{path}' has the SHA-256 {await PresentFiles.HashAsync(path, cancellationToken)}, expected {model.File.Sha256}.");
        }

        Console.WriteLine($"{present} of {settings.Registry.Models.Count} networks are present, {wrong} of them with a wrong hash. {settings.Where}");
        return wrong == 0 ? 0 : CommandRun.SomeFailed;
    }
}
