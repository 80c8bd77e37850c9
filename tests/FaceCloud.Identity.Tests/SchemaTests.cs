using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

public sealed class SchemaTests(DatabaseServer databases)
{
    [Fact]
    public void Every_change_of_the_model_has_a_migration()
    {
        using var db = new IdentityDbDesign().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), "The model has changed: tools/add-migration.sh <Name>.");
    }

    [Fact]
    public async Task Processes_that_start_together_on_an_empty_database_migrate_it_once()
    {
        await using var services = Services(await databases.NewEmptyDatabaseAsync());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => new SchemaMigration(services.GetRequiredService<IServiceScopeFactory>()).StartAsync(TestContext.Current.CancellationToken))));

        await using var scope = services.CreateAsyncScope();
        var migrated = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        Assert.Empty(await migrated.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await migrated.Photos.ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Whoever_was_enrolled_under_the_first_schema_is_kept_as_named_by_hand()
    {
        await using var services = Services(await databases.NewEmptyDatabaseAsync());
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        await db.GetService<IMigrator>().MigrateAsync("Initial", TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlAsync(
            $$"""
              INSERT INTO identity.galleries (name) VALUES ('default');
              INSERT INTO identity.people (uuid, gallery_id, name, alias) VALUES (gen_random_uuid(), 1, 'Anna', 'known_anna_1');
              INSERT INTO identity.strangers (gallery_id, first_seen, last_seen, detection_count) VALUES (1, now(), now(), 3);
              INSERT INTO identity.faces
                  (uuid, gallery_id, person_id, stranger_id, landmarks, confidence, detector, created_at, box_x, box_y, box_width, box_height)
              VALUES (gen_random_uuid(), 1, 1, NULL, '{1,2,3,4,5,6,7,8,9,10}', 0.9, 'scrfd', '2020-01-01Z', 1, 2, 30, 40),
                     (gen_random_uuid(), 1, NULL, 1, '{1,2,3,4,5,6,7,8,9,10}', 0.8, 'scrfd', '2021-01-01Z', 1, 2, 30, 40);
              INSERT INTO identity.embeddings (face_id, recogniser, vector) VALUES (1, 'w600k_mbf', '{1,0}');
              """,
            TestContext.Current.CancellationToken);

        await new SchemaMigration(services.GetRequiredService<IServiceScopeFactory>()).StartAsync(TestContext.Current.CancellationToken);

        var faces = await db.Faces.Include(face => face.Embeddings).AsNoTracking().OrderBy(face => face.Id).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([Assigner.Manual, null], faces.Select(face => face.AssignedBy));
        Assert.Equal([2020, 2021], faces.Select(face => face.SeenAt.Year));
        Assert.Equal([1, 0], Assert.Single(faces[0].Embeddings).Vector);
        Assert.Equal("Anna", (await db.People.SingleAsync(TestContext.Current.CancellationToken)).Name);
    }

    private static ServiceProvider Services(string connectionString) => new ServiceCollection().AddDbContext<IdentityDb>(
        db => db.UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable("migrations", IdentityDb.Schema))).BuildServiceProvider();
}
