using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
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
        var connectionString = await databases.NewEmptyDatabaseAsync();
        await using var services = new ServiceCollection().AddDbContext<IdentityDb>(
            db => db.UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable("migrations", IdentityDb.Schema))).BuildServiceProvider();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => new SchemaMigration(services.GetRequiredService<IServiceScopeFactory>()).StartAsync(TestContext.Current.CancellationToken))));

        await using var scope = services.CreateAsyncScope();
        var migrated = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        Assert.Empty(await migrated.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await migrated.Photos.ToListAsync(TestContext.Current.CancellationToken));
    }
}
