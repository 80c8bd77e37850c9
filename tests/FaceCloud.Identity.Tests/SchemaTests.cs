using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void Every_change_of_the_model_has_a_migration()
    {
        using var db = new IdentityDbDesign().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), "The model has changed: tools/add-migration.sh <Name>.");
    }
}
