using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.Identity.Tests;

/// <summary>The services of identity on a database for the tests of a class, each of which has galleries of its own. Nothing runs in the background.</summary>
public sealed class IdentityDatabase(DatabaseServer server) : IAsyncLifetime
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("facecloud-identity-tests-files-");
    private ServiceProvider? _services;

    internal MemoryIndex Index { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ServiceNames.IdentityDb}"] = await server.NewDatabaseAsync(),
            ["Files:Path"] = _files.FullName,
        });
        builder.Services.AddSingleton<IFaceIndex>(Index).AddSingleton<IFaceEmbedder, NamedEmbedder>().AddSingleton<IFaceAssessor, FakeAssessor>();
        builder.AddIdentity();
        _services = builder.Services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services!.DisposeAsync();
        _files.Delete(recursive: true);
    }

    /// <summary>Asks a service as a request would: with nothing left over from the one before.</summary>
    internal async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> ask)
        where TService : notnull
    {
        await using var scope = _services!.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Tells a service as a request would.</summary>
    internal async Task TellAsync<TService>(Func<TService, Task> tell)
        where TService : notnull
    {
        await using var scope = _services!.CreateAsyncScope();
        await tell(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Says which recogniser the faces of these tests are of.</summary>
    private sealed class NamedEmbedder : IFaceEmbedder
    {
        public Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) =>
            Task.FromResult(new Embeddings(new Recogniser(TestGallery.Recogniser, TestGallery.Dimension, new Calibration(C0: 0.299, K: 13.9), "MIT", "0"), []));
    }
}
