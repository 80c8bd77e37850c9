using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Quality.Data;
using FaceCloud.Quality.Scores;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.Quality.Tests;

/// <summary>Scores follow what identity tells, on a real PostgreSQL, whatever is told twice, late or not at all.</summary>
public sealed class FeedTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("facecloud-quality-tests-").FullName;
    private readonly ToldFaces _identity = new();
    private EmbeddedPostgres.EmbeddedPostgres? _postgres;
    private ServiceProvider? _services;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(_folder, "data") }, NullLogger.Instance);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration[$"ConnectionStrings:{ServiceNames.QualityDb}"] = _postgres.ConnectionString;
        builder.Services.AddSingleton<IFaceDirectory>(_identity);
        builder.AddQuality();
        _services = builder.Services.BuildServiceProvider();
        await WithDbAsync(async db =>
        {
            await db.Database.MigrateAsync(Cancel);
            return 0;
        });
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

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Processes_that_start_together_on_an_empty_database_migrate_it_once()
    {
        await using var postgres = NpgsqlDataSource.Create(_postgres!.ConnectionString);
        await using var drop = postgres.CreateCommand("DROP SCHEMA quality CASCADE");
        await drop.ExecuteNonQueryAsync(Cancel);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => new SchemaMigration(_services!.GetRequiredService<IServiceScopeFactory>()).StartAsync(Cancel))));
        Assert.Empty(await WithDbAsync(db => db.Faces.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task A_face_that_is_told_twice_is_there_once_and_one_that_is_gone_stays_gone()
    {
        var (face, other, album) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        _identity.Change(face, Face(album, 0.85f));
        _identity.Change(face, Face(album, 0.85f));
        _identity.Change(other, Face(album, 0.2f));
        await FollowAsync();
        await FollowAsync();
        Assert.Equal(
            [0.824, 0.564],
            await WithDbAsync(db => db.Faces.OrderByDescending(row => row.OverallQuality).Select(row => row.OverallQuality).ToListAsync(Cancel)));
        Assert.Equal(0, _identity.Open);

        // It is not told what a face was when the note was made, but what it is: nothing comes back.
        _identity.Change(other, Face(null, 0.9f));
        _identity.Change(face, Face(album, 0.85f));
        _identity.Change(face, null);
        await FollowAsync();
        var left = Assert.Single(await WithDbAsync(db => db.Faces.ToListAsync(Cancel)));
        Assert.Equal((other, (Guid?)null, Occlusion.Mouth), (left.Face, left.Album, left.Occlusion));
    }

    [Fact]
    public async Task What_is_not_confirmed_is_told_again_and_what_is_not_stored_is_not_confirmed()
    {
        var face = Guid.NewGuid();
        _identity.Change(face, Face(null, 0.5f));
        _identity.FailsToConfirm = true;
        await Assert.ThrowsAsync<FailureException>(FollowAsync);
        Assert.Equal(1, _identity.Open);
        Assert.Single(await WithDbAsync(db => db.Faces.ToListAsync(Cancel)));

        _identity.FailsToConfirm = false;
        await FollowAsync();
        Assert.Equal(0, _identity.Open);
        Assert.Single(await WithDbAsync(db => db.Faces.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Many_followers_at_once_leave_what_is_true()
    {
        var faces = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = worker; i < faces.Count; i += 8)
            {
                _identity.Change(faces[i], Face(null, 0.5f));
                await FollowAsync();
                _identity.Change(faces[i], i % 2 == 0 ? null : Face(null, 0.9f));
                await FollowAsync();
            }
        })));
        var left = await WithDbAsync(db => db.Faces.ToListAsync(Cancel));
        Assert.Equal(faces.Where((_, i) => i % 2 == 1).Order(), left.Select(row => row.Face).Order());
        Assert.All(left, row => Assert.Equal(0.9f, row.BlurScore));
    }

    [Fact]
    public async Task A_database_that_lost_its_rows_or_has_too_many_is_told_everything_again()
    {
        var (kept, stale) = (Guid.NewGuid(), Guid.NewGuid());
        _identity.Change(kept, Face(null, 0.5f));
        _identity.Change(stale, Face(null, 0.5f));
        await FollowAsync();
        _identity.Forget(stale); // as a restored backup would
        await CompareAsync();
        await FollowAsync();
        Assert.Equal(kept, Assert.Single(await WithDbAsync(db => db.Faces.ToListAsync(Cancel))).Face);

        await WithDbAsync(db => db.Faces.ExecuteDeleteAsync(Cancel));
        await CompareAsync();
        await FollowAsync();
        Assert.Equal(kept, Assert.Single(await WithDbAsync(db => db.Faces.ToListAsync(Cancel))).Face);
    }

    private static AssessedFace Face(Guid? album, float blur) => new(album, blur, 0.75f, 1, 0.92f, new FaceBox(1, 2, 30, 40), default, Occlusion.Mouth);

    private async Task FollowAsync()
    {
        await using var scope = _services!.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ScoreFeed>().FollowAsync(Cancel);
    }

    private async Task CompareAsync()
    {
        await using var scope = _services!.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ScoreFeed>().CompareAsync(Cancel);
    }

    private async Task<T> WithDbAsync<T>(Func<QualityDb, Task<T>> use)
    {
        await using var scope = _services!.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<QualityDb>());
    }

    /// <summary>Identity as far as this service knows it: faces, and notes of what changed.</summary>
    private sealed class ToldFaces : IFaceDirectory
    {
        private readonly Dictionary<Guid, AssessedFace> _faces = [];
        private readonly SortedDictionary<long, Guid> _notes = [];
        private long _last;

        public bool FailsToConfirm { get; set; }

        public int Open => _notes.Count;

        public void Change(Guid face, AssessedFace? now)
        {
            lock (_faces)
            {
                Forget(face);
                if (now is not null)
                {
                    _faces[face] = now;
                }

                _notes[++_last] = face;
            }
        }

        public void Forget(Guid face)
        {
            lock (_faces)
            {
                _faces.Remove(face);
            }
        }

        public Task<IReadOnlyList<FaceChange>> ChangesAsync(int limit, CancellationToken cancellationToken)
        {
            lock (_faces)
            {
                return Task.FromResult<IReadOnlyList<FaceChange>>(
                    [.. _notes.Take(limit).Select(note => new FaceChange(note.Key, note.Value, _faces.GetValueOrDefault(note.Value)))]);
            }
        }

        public Task ConfirmAsync(IReadOnlyList<long> changes, CancellationToken cancellationToken)
        {
            lock (_faces)
            {
                foreach (var change in FailsToConfirm ? throw new FailureException(Failure.Unavailable, "The identity service does not answer.") : changes)
                {
                    _notes.Remove(change);
                }
            }

            return Task.CompletedTask;
        }

        public Task<AssessedFaces> CountAsync(CancellationToken cancellationToken) => Task.FromResult(new AssessedFaces(_faces.Count, _notes.Count));

        public Task TellAllAgainAsync(CancellationToken cancellationToken)
        {
            lock (_faces)
            {
                foreach (var face in _faces.Keys)
                {
                    _notes[++_last] = face;
                }
            }

            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<ListedFace>> FindAsync(FaceReader reader, IReadOnlyList<Guid> faces, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Guid> AlbumAsync(FaceReader reader, string album, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
