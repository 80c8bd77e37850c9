using System.Runtime.Versioning;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Tests;
using FaceCloud.ServiceDefaults;
using FaceCloud.VectorSearch;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(LibraryDatabase))]

namespace FaceCloud.Identity.Tests;

/// <summary>
/// A real PostgreSQL server with the schema and the real embedded index, one for all tests that compare faces; each test has a gallery of its own.
/// Nothing runs in the background: what is to happen, a test makes happen.
/// </summary>
public sealed class LibraryDatabase : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("library-tests-");
    private EmbeddedPostgres.EmbeddedPostgres? _postgres;
    private ServiceProvider? _services;

    /// <summary>That the vectors of all tests are said to be of.</summary>
    internal static Recogniser Recogniser { get; } = new("made-up", 512, new Calibration(C0: 0.299, K: 13.9), "MIT", "0");

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // the embedded server is there for Linux only
        }

        OpenToServer(_folder);
        _postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(_folder.FullName, "data") }, NullLogger.Instance, CancellationToken.None);
        _services = Build([]);
        await using var scope = Scope();
        await scope.ServiceProvider.GetRequiredService<IdentityDb>().Database.MigrateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>What one request has to itself.</summary>
    internal AsyncServiceScope Scope()
    {
        Assert.SkipWhen(_services is null, "The embedded server is there for Linux only.");
        return _services!.CreateAsyncScope();
    }

    /// <summary>Asks a service as a request would.</summary>
    internal async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> ask)
        where TService : notnull
    {
        await using var scope = Scope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Asks a service of an installation with other settings on the same database and index.</summary>
    internal async Task<T> AskAsync<TService, T>(Dictionary<string, string?> settings, Func<TService, Task<T>> ask)
        where TService : notnull
    {
        await using var scope = Scope();
        await using var other = Build(settings, scope.ServiceProvider.GetRequiredService<IFaceIndex>());
        await using var otherScope = other.CreateAsyncScope();
        return await ask(otherScope.ServiceProvider.GetRequiredService<TService>());
    }

    private ServiceProvider Build(Dictionary<string, string?> settings, IFaceIndex? index = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings)
        {
            [$"ConnectionStrings:{ServiceNames.IdentityDb}"] = _postgres!.ConnectionString,
            ["Files:Path"] = Path.Combine(_folder.FullName, "files"),
            ["VectorSearch:Path"] = Path.Combine(_folder.FullName, "index"),
        });
        builder.Services.AddSingleton<IFaceEmbedder, SaysItsName>().AddSingleton<IFaceAssessor, FakeAssessor>();
        if (index is not null)
        {
            builder.Services.AddSingleton(_ => new Borrowed(index)).AddSingleton<IFaceIndex>(services => services.GetRequiredService<Borrowed>());
        }

        builder.AddServiceDefaults();
        builder.AddVectorSearch();
        builder.AddIdentity();
        return builder.Services.BuildServiceProvider();
    }

    // Started by root the server runs as somebody else, who has to get through.
    [SupportedOSPlatform("linux")]
    private static void OpenToServer(DirectoryInfo folder) => folder.UnixFileMode = (UnixFileMode)0b111_101_101;

    /// <summary>No network runs in these tests; vectors come with the faces.</summary>
    private sealed class SaysItsName : IFaceEmbedder
    {
        public Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) =>
            crops.Count == 0 ? Task.FromResult(new Embeddings(Recogniser, [])) : throw new FailureException(Failure.Unavailable, "No network runs here.");
    }

    /// <summary>An index that another provider owns.</summary>
    private sealed class Borrowed(IFaceIndex index) : IFaceIndex
    {
        public Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken) =>
            index.UpsertAsync(recogniser, faces, cancellationToken);

        public Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken) =>
            index.DeleteAsync(recogniser, faceIds, cancellationToken);

        public Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
            string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken) =>
            index.SearchAsync(recogniser, probes, limit, filter, cancellationToken);

        public Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) =>
            index.CountAsync(recogniser, filter, cancellationToken);

        public Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
            index.RebuildAsync(recogniser, faces, cancellationToken);
    }
}
