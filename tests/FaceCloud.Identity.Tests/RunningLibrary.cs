using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Pipeline;
using FaceCloud.ServiceDefaults.Messaging;
using FaceCloud.Testing;
using FaceCloud.VectorSearch;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.Identity.Tests;

/// <summary>Identity with its bus, its index and its files, on a database of its own; it can be stopped and started again on the same.</summary>
internal sealed class RunningLibrary : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly string _folder;
    private readonly bool _isReplica;
    private readonly Action<IHostApplicationBuilder> _ports;
    private readonly Dictionary<string, string?> _settings;
    private IHost? _host;

    private RunningLibrary(string connectionString, Action<IHostApplicationBuilder> ports, Dictionary<string, string?> settings, string? replicaOf = null)
    {
        (_connectionString, _ports, _settings, _isReplica) = (connectionString, ports, settings, replicaOf is not null);
        _folder = replicaOf ?? Directory.CreateTempSubdirectory("facecloud-library-").FullName;
    }

    public IServiceProvider Services => _host!.Services;

    /// <summary>The quality service.</summary>
    public FakeAssessor Assessor { get; } = new();

    public string FileFolder => Path.Combine(_folder, "files");

    /// <summary>Not started.</summary>
    public static async Task<RunningLibrary> NewAsync(
        DatabaseServer databases, Action<IHostApplicationBuilder> ports, params (string Key, string Value)[] settings)
    {
        var library = new RunningLibrary(
            await databases.NewDatabaseAsync(), ports, settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        library.Build();
        return library;
    }

    /// <summary>Not started, with networks of the test.</summary>
    public static Task<RunningLibrary> NewAsync(DatabaseServer databases, FakePorts ports, params (string Key, string Value)[] settings) =>
        NewAsync(databases, builder => builder.Services.AddSingleton<IFaceDetector>(ports).AddSingleton<IFaceEmbedder>(ports), settings);

    /// <summary>Another process of the same service: on the same database and files and the same index. To be ended before this one.</summary>
    public RunningLibrary Replica(FakePorts ports)
    {
        var replica = new RunningLibrary(
            _connectionString,
            builder => builder.Services
                .AddSingleton<IFaceDetector>(ports)
                .AddSingleton<IFaceEmbedder>(ports)
                .AddSingleton(Services.GetRequiredService<IFaceIndex>()),
            _settings,
            replicaOf: _folder);
        replica.Build();
        return replica;
    }

    public Task StartAsync() => _host!.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>Ends the process, so to speak, and makes the next one.</summary>
    public async Task StopAsync()
    {
        await _host!.StopAsync();
        await DisposeHostAsync();
        Build();
    }

    /// <summary>Asks or changes the database.</summary>
    public async Task<T> WithDbAsync<T>(Func<IdentityDb, Task<T>> use)
    {
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<IdentityDb>());
    }

    public Task<int> SqlAsync(FormattableString sql) => WithDbAsync(db => db.Database.ExecuteSqlAsync(sql));

    /// <summary>Delivers an event to its step, as the bus does.</summary>
    public async Task DeliverAsync(Func<PhotoPipeline, Task> step)
    {
        await using var scope = Services.CreateAsyncScope();
        await step(scope.ServiceProvider.GetRequiredService<PhotoPipeline>());
    }

    /// <summary>A photo as an upload leaves it: file, row and event.</summary>
    public async Task<Photo> AddAsync(byte[] file, string extension = "jpg")
    {
        var uuid = Guid.CreateVersion7();
        using var content = new MemoryStream(file);
        await Services.GetRequiredService<IFileStore>().WriteAsync(PhotoFiles.Original(uuid, extension), content, TestContext.Current.CancellationToken);
        var photo = await WithDbAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var added = new Photo
            {
                Uuid = uuid,
                GalleryId = await db.GalleryIdAsync("default", TestContext.Current.CancellationToken),
                Sha256 = uuid.ToByteArray(),
                Filename = $"{uuid}.{extension}",
                Extension = extension,
                Bytes = file.Length,
            };
            db.Photos.Add(added);
            await db.SaveChangesAsync();
            db.Outbox.Add(Outbox.Message(new Contracts.Events.PhotoStored(added.Id), added.Id));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
            return added;
        });
        Services.GetRequiredService<OutboxSignal>().Raise();
        return photo;
    }

    public Task<Photo> PhotoAsync(long id) => WithDbAsync(db => db.Photos.Include(photo => photo.Faces).AsNoTracking().SingleAsync(photo => photo.Id == id));

    public Task UntilAsync(PhotoStatus status, IEnumerable<Photo> photos)
    {
        var ids = photos.Select(photo => photo.Id).ToList();
        return Eventually.BecomesTrueAsync(
            () => WithDbAsync(db => db.Photos.AllAsync(photo => !ids.Contains(photo.Id) || photo.Status == status)), $"{ids.Count} photos are {status}");
    }

    /// <summary>Every face has its crop and its vector, nothing else has, and nothing waits.</summary>
    public async Task AssertWholeAsync()
    {
        await Eventually.BecomesTrueAsync(
            () => WithDbAsync(async db => !await db.Outbox.AnyAsync() && !await db.IndexChanges.AnyAsync() && !await db.FileRemovals.AnyAsync()),
            "nothing waits");
        var photos = await WithDbAsync(db => db.Photos.Include(photo => photo.Faces).ThenInclude(face => face.Embeddings).AsNoTracking().ToListAsync());
        var expected = photos.SelectMany(photo => photo.Faces.Select(face => PhotoFiles.Crop(photo.Uuid, face.Ordinal!.Value))
            .Append(PhotoFiles.Original(photo.Uuid, photo.Extension)));
        var files = Directory.EnumerateFiles(FileFolder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(FileFolder, file));
        Assert.Equal(expected.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.All(photos.SelectMany(photo => photo.Faces), face => Assert.Single(face.Embeddings));
        var index = Services.GetRequiredService<IFaceIndex>();
        foreach (var gallery in photos.Select(photo => photo.GalleryId).Distinct())
        {
            Assert.Equal(
                photos.Sum(photo => photo.Faces.Count),
                await index.CountAsync("fake-recogniser", new IndexFilter(gallery), TestContext.Current.CancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync();
        await DisposeHostAsync();
        if (_isReplica)
        {
            return;
        }

        await using (var pooled = new NpgsqlConnection(_connectionString))
        {
            NpgsqlConnection.ClearPool(pooled);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task DisposeHostAsync()
    {
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }
    }

    private void Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(_settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:identitydb"] = _connectionString,
            ["Files:Path"] = FileFolder,
            ["VectorSearch:Path"] = Path.Combine(_folder, "index"),
        });
        builder.Services.AddSingleton<IFaceAssessor>(Assessor);
        _ports(builder);
        builder.AddVectorSearch();
        builder.AddIdentity();
        builder.AddMessaging(bus => bus.AddIdentityConsumers());

        // The bus keeps the first factory it meets, for all hosts of the process: one that is never disposed.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        _host = builder.Build();
    }
}
