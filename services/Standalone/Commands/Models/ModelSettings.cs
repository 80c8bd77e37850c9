using FaceCloud.Inference;
using Microsoft.Extensions.Options;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>What the server would be told about networks, from the same environment and files.</summary>
/// <param name="Folder">Of the networks; it need not exist.</param>
/// <param name="IsDefault">Nobody has configured a folder.</param>
/// <param name="Store">As the server's.</param>
/// <param name="Registry">As the server's.</param>
internal sealed record ModelSettings(string Folder, bool IsDefault, ModelStore Store, ModelRegistry Registry)
{
    public static ModelSettings Read()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        ModelsFolder.Apply(builder.Configuration);
        builder.Services.AddInference(builder.Configuration);
        var services = builder.Build().Services;
        var options = services.GetRequiredService<IOptions<ModelOptions>>().Value;
        var folder = Path.GetFullPath(options.Path ?? ModelsFolder.Default(builder.Configuration));
        return new ModelSettings(
            folder, folder == ModelsFolder.Default(builder.Configuration),
            services.GetRequiredService<ModelStore>(), services.GetRequiredService<ModelRegistry>());
    }

    /// <summary>Where the file of a network is or would be.</summary>
    public string PathOf(ModelDescription model) => (model.IsMade ? Store.PathOfMade(model) : null) ?? Path.Combine(Folder, model.File.Name);

    /// <summary>Where the networks are, and why there.</summary>
    public string Where => IsDefault
        ? $"Networks are in '{Folder}', the default in the data folder; "
            + $"{ModelOptions.PathVariable} or {ModelOptions.Section}:{nameof(ModelOptions.Path)} names another."
        : $"Networks are in '{Folder}'.";
}
