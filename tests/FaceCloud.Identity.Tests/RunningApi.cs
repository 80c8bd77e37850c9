using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using FaceCloud.VectorSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FaceCloud.Identity.Tests;

/// <summary>
/// Identity over HTTP, on a database and an index of its own, for the tests of a class, each of which has a gallery of its own. Who calls is what the
/// edge would say. Nothing runs in the background.
/// </summary>
public sealed class RunningApi(DatabaseServer server) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facecloud-api-tests-");
    private readonly Dictionary<long, Guid> _photos = [];
    private WebApplication? _app;

    /// <summary>The program's; a test may set it forward, by more than any other of the class.</summary>
    internal SetClock Clock { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(
        [
            $"--ConnectionStrings:{ServiceNames.IdentityDb}={await server.NewDatabaseAsync()}",
            $"--Files:Path={Path.Combine(_folder.FullName, "files")}",
            $"--VectorSearch:Path={Path.Combine(_folder.FullName, "index")}",
            "--urls=http://127.0.0.1:0",
        ]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<TimeProvider>(Clock).AddSingleton<IFaceEmbedder, SaysItsName>().AddSingleton<IFaceDetector, SeesNothing>()
            .AddSingleton<IFaceAssessor, FakeAssessor>();
        builder.AddVectorSearch();
        builder.AddIdentity();
        foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Namespace?.StartsWith("FaceCloud.Identity", StringComparison.Ordinal) == true).ToList())
        {
            builder.Services.Remove(service);
        }

        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.MapIdentity();
        await _app.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A client as the edge lets it through; without a role nobody was asked.</summary>
    internal HttpClient Client(string gallery, string? name = null, string? role = null)
    {
        var http = new HttpClient { BaseAddress = new Uri(_app!.Urls.First()) };
        http.DefaultRequestHeaders.Add(GalleryHeader.Name, gallery);
        if (role is not null)
        {
            http.DefaultRequestHeaders.Add("X-FaceCloud-Caller", name);
            http.DefaultRequestHeaders.Add("X-FaceCloud-Role", role);
        }

        return http;
    }

    /// <summary>Asks a service as a request would.</summary>
    internal async Task<T> AskAsync<TService, T>(Func<TService, Task<T>> ask)
        where TService : notnull
    {
        await using var scope = _app!.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>An album that somebody made over HTTP.</summary>
    internal static async Task<Guid> AlbumAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync("/api/v1/albums", new { name = "Summer" }, Cancel);
        response.EnsureSuccessStatusCode();
        return (Guid)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["album_id"]!;
    }

    /// <summary>A photo with faces as after processing, crops and index included.</summary>
    internal Task<Face[]> PhotoAsync(string gallery, Guid? album, params NewFace[] faces) => AskAsync(async (IServiceProvider services) =>
    {
        var db = services.GetRequiredService<IdentityDb>();
        var galleryId = await db.GalleryIdAsync(gallery, Cancel);
        var photo = new Photo
        {
            GalleryId = galleryId,
            AlbumId = album is null ? null : await db.Albums.Where(row => row.Uuid == album).Select(row => row.Id).SingleAsync(Cancel),
            Sha256 = RandomNumberGenerator.GetBytes(32),
            Filename = "IMG_001.jpg",
            Extension = "jpg",
            Status = PhotoStatus.Processed,
        };
        db.Photos.Add(photo);
        await db.SaveChangesAsync(Cancel);
        var rows = faces.Select((face, ordinal) => face.Of(galleryId, photo.Id, ordinal)).ToArray();
        db.Faces.AddRange(rows);
        _photos[photo.Id] = photo.Uuid;
        foreach (var row in rows.Where((_, i) => faces[i].HasCrop))
        {
            using var crop = new MemoryStream(Crop(row.Uuid));
            await services.GetRequiredService<IFileStore>().WriteAsync(PhotoFiles.Crop(photo.Uuid, row.Ordinal!.Value), crop, Cancel);
        }

        await db.SaveChangesAsync(Cancel);
        long[] ids = [.. rows.Select(row => row.Id)];
        await services.GetRequiredService<IndexSync>().NoteAsync(ids, Cancel);
        await services.GetRequiredService<IndexSync>().ApplyAsync(ids, Cancel);
        return rows;
    });

    /// <summary>The key in the store of a face's crop.</summary>
    internal string KeyOf(Face face) => PhotoFiles.Crop(_photos[face.PhotoId!.Value], face.Ordinal!.Value);

    /// <summary>A face that was enrolled, of which no picture is kept.</summary>
    internal Task<Guid> EnrolledAsync(string gallery, long person) => AskAsync(async (IdentityDb db) =>
    {
        var face = new NewFace { PersonId = person }.Of(await db.GalleryIdAsync(gallery, Cancel), null, null);
        db.Faces.Add(face);
        await db.SaveChangesAsync(Cancel);
        return face.Uuid;
    });

    /// <summary>Searches for those like the faces of a gallery's photos that nobody has searched for yet, as the background worker does.</summary>
    internal Task LinkAsync(string gallery) => AskAsync(async (IServiceProvider services) =>
    {
        var db = services.GetRequiredService<IdentityDb>();
        var galleryId = await db.GalleryIdAsync(gallery, Cancel);
        var faces = await db.Embeddings
            .Where(embedding => embedding.LinkedFrom == null
                && db.Faces.Any(face => face.Id == embedding.FaceId && face.GalleryId == galleryId))
            .Select(embedding => embedding.FaceId).ToListAsync(Cancel);
        await services.GetRequiredService<FaceLinking>().NoteAsync(faces, Cancel);
        await services.GetRequiredService<Grouping>().CatchUpAsync(galleryId, Cancel);
        return 0;
    });

    /// <summary>Somebody without faces yet.</summary>
    internal Task<Person> PersonAsync(string gallery, string name) => AskAsync(async (IdentityDb db) =>
    {
        var person = new Person { GalleryId = await db.GalleryIdAsync(gallery, Cancel), Name = name, Alias = name };
        db.People.Add(person);
        await db.SaveChangesAsync(Cancel);
        return person;
    });

    /// <summary>What lies in the store for a face of a photo.</summary>
    internal static byte[] Crop(Guid face) => [0xFF, 0xD8, .. face.ToByteArray()];

    /// <summary>The program's clock, which a test may set forward.</summary>
    internal sealed class SetClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    /// <summary>No network runs in these tests; vectors come with the faces.</summary>
    private sealed class SaysItsName : IFaceEmbedder
    {
        public Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) =>
            crops.Count == 0
                ? Task.FromResult(new Embeddings(LibraryDatabase.Recogniser, []))
                : throw new FailureException(Failure.Unavailable, "No network runs here.");
    }

    private sealed class SeesNothing : IFaceDetector
    {
        public Task<Contracts.Ports.Detection> DetectAsync(ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken) =>
            throw new FailureException(Failure.Unavailable, "No network runs here.");
    }
}

/// <summary>A face as a test wants it.</summary>
internal sealed record NewFace
{
    /// <summary>Null: like nobody else's.</summary>
    public float[]? Vector { get; init; }

    public long? PersonId { get; init; }

    public float Confidence { get; init; } = 0.9f;

    public FaceMark Mark { get; init; }

    /// <summary>Null: now.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>Null until it is assessed.</summary>
    public float? BlurScore { get; init; }

    /// <summary>Null likewise.</summary>
    public float? BrightnessScore { get; init; }

    /// <summary>The file of its crop is written, too.</summary>
    public bool HasCrop { get; init; } = true;

    public Face Of(long galleryId, long? photo, int? ordinal) => new()
    {
        GalleryId = galleryId,
        PhotoId = photo,
        Ordinal = ordinal,
        PersonId = PersonId,
        AssignedBy = PersonId is null ? null : Assigner.Manual,
        Mark = Mark,
        Box = new FaceBox(10, 20, 30, 40),
        Landmarks = new float[10],
        Confidence = Confidence,
        BlurScore = BlurScore,
        BrightnessScore = BrightnessScore,
        Detector = "test",
        Age = 30.4f,
        Gender = Contracts.Faces.Gender.Female,
        CreatedAt = CreatedAt.GetValueOrDefault(),
        Embeddings = { new Data.Embedding { Recogniser = LibraryDatabase.Recogniser.Name, Vector = Vector ?? LikeFaces.Anybody(Random.Shared) } },
    };
}
