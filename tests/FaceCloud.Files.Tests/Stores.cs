using FaceCloud.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Sdk;

namespace FaceCloud.Files.Tests;

/// <summary>A file store of each kind, set up as the services do it.</summary>
public sealed class Stores : IAsyncLifetime
{
    private readonly Dictionary<FileStoreKind, ServiceProvider> _providers = [];
    private S3Server? _s3;
    private SkipException? _missing;

    /// <summary>The folder of the store in one.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("facecloud-files-").FullName;

    public static ServiceProvider Provide(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
        services.AddFileStore();
        return services.BuildServiceProvider();
    }

    public async ValueTask InitializeAsync()
    {
        _providers[FileStoreKind.Folder] = Provide([KeyValuePair.Create("Files:Path", Folder)]);
        try
        {
            _s3 = await S3Server.StartAsync();
            _providers[FileStoreKind.S3] = Provide(_s3.Settings);
        }
        catch (SkipException missing)
        {
            // A test may skip; a fixture that does fails its tests.
            _missing = missing;
        }
    }

    /// <summary>Skips the test where such a store cannot be had.</summary>
    public IFileStore Of(FileStoreKind kind) => _providers.TryGetValue(kind, out var provider) ? provider.GetRequiredService<IFileStore>() : throw _missing!;

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers.Values)
        {
            await provider.DisposeAsync();
        }

        if (_s3 is not null)
        {
            await _s3.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
