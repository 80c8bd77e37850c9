using System.Collections.Concurrent;
using System.Numerics.Tensors;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A large gallery names no more strangers than a small one.</summary>
public sealed class StrangerGuardTests(ITestOutputHelper output)
{
    private const int RandomVectors = 10_000;
    private const int PhotoEmbeddings = 5_000;

    private static readonly ParallelOptions Clients = new() { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount };

    [Fact]
    public async Task Strangers_stay_strangers_when_fifteen_thousand_embeddings_are_added_to_the_gallery()
    {
        _ = TestFiles.Models;
        using var data = new DataFolder();
        using var databaseFolder = new DataFolder();
        await using var postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = databaseFolder.Path }, NullLogger.Instance);
        await using var facecloud = await FaceCloudProcess.StartAsync(
            data.Path, new Dictionary<string, string> { ["ConnectionStrings__identitydb"] = postgres.ConnectionString });
        await Parallel.ForEachAsync(People.WithSeveralPhotos, Clients, async (person, _) => await facecloud.Http.AddAsync(person.Name, person.Photos[0]));
        var before = await NamedStrangersAsync(facecloud.Http);

        await AddAsync(postgres.ConnectionString, Additions(await OtherPhotosAsync(facecloud.Http)));
        using var rebuilt = await facecloud.Http.PostAsync("/maintenance/rebuild-index", null, TestContext.Current.CancellationToken);
        rebuilt.EnsureSuccessStatusCode();
        var after = await NamedStrangersAsync(facecloud.Http);

        var strangers = People.SinglePhotos.Count();
        output.WriteLine($"Of {strangers} strangers {before} are named in a gallery of 280, {after} in one of {280 + RandomVectors + PhotoEmbeddings}.");
        Assert.InRange(after, 0, 0.02 * strangers);
    }

    private static async Task<int> NamedStrangersAsync(HttpClient http)
    {
        var named = 0;
        await Parallel.ForEachAsync(People.SinglePhotos, Clients, async (photo, _) =>
        {
            if (DeviceClient.Largest(await http.RecognizeAsync(photo)) != "Unknown")
            {
                Interlocked.Increment(ref named);
            }
        });
        return named;
    }

    /// <summary>What the recogniser says of the enrolled people's other photos.</summary>
    private static async Task<List<float[]>> OtherPhotosAsync(HttpClient http)
    {
        var vectors = new ConcurrentDictionary<string, float[]?>();
        await Parallel.ForEachAsync(
            People.WithSeveralPhotos.SelectMany(person => person.Photos.Skip(1)), Clients, async (photo, _) => vectors[photo] = await http.EmbedAsync(photo));
        return [.. vectors.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value).OfType<float[]>()];
    }

    /// <summary>
    /// Random unit vectors; the photos' embeddings; and blends of two of them until there are enough: faces of nobody, which are nevertheless where
    /// in the space faces are.
    /// </summary>
    private static IEnumerable<float[]> Additions(List<float[]> photos)
    {
        var random = new Random(7);
        for (var i = 0; i < RandomVectors; i++)
        {
            yield return Unit([.. photos[0].Select(_ => (float)Normal())]);
        }

        for (var i = 0; i < PhotoEmbeddings; i++)
        {
            var (first, second, share) = (photos[random.Next(photos.Count)], photos[random.Next(photos.Count)], random.NextSingle());
            yield return i < photos.Count ? photos[i] : Unit([.. first.Zip(second, (a, b) => (a * share) + (b * (1 - share)))]);
        }

        // Box and Muller.
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        static float[] Unit(float[] vector)
        {
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
            return vector;
        }
    }

    private static async Task AddAsync(string database, IEnumerable<float[]> vectors)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellation);
        await using var faces = new NpgsqlCommand(
            $"""
             WITH person AS (
                 INSERT INTO identity.people (uuid, gallery_id, name, alias)
                 SELECT gen_random_uuid(), id, 'Somebody else', 'known_somebody_else' FROM identity.galleries RETURNING id, gallery_id)
             INSERT INTO identity.faces (uuid, gallery_id, person_id, assigned_by, box_x, box_y, box_width, box_height, landmarks, confidence, detector)
             SELECT gen_random_uuid(), gallery_id, id, 0, 0, 0, 100, 100, ARRAY[]::real[], 1, 'test'
             FROM person, generate_series(1, {RandomVectors + PhotoEmbeddings})
             RETURNING id
             """, connection);
        var ids = new Queue<long>();
        await using (var added = await faces.ExecuteReaderAsync(cancellation))
        {
            while (await added.ReadAsync(cancellation))
            {
                ids.Enqueue(added.GetInt64(0));
            }
        }

        await using var embeddings = await connection.BeginBinaryImportAsync(
            "COPY identity.embeddings (face_id, recogniser, vector) FROM STDIN (FORMAT BINARY)", cancellation);
        foreach (var vector in vectors)
        {
            await embeddings.StartRowAsync(cancellation);
            await embeddings.WriteAsync(ids.Dequeue(), NpgsqlDbType.Bigint, cancellation);
            await embeddings.WriteAsync("w600k_mbf", NpgsqlDbType.Text, cancellation);
            await embeddings.WriteAsync(vector, NpgsqlDbType.Array | NpgsqlDbType.Real, cancellation);
        }

        await embeddings.CompleteAsync(cancellation);
    }
}
