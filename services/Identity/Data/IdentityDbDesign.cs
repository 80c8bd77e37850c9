using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FaceCloud.Identity.Data;

/// <summary>Lets <c>tools/add-migration.sh</c> read the model without a server.</summary>
internal sealed class IdentityDbDesign : IDesignTimeDbContextFactory<IdentityDb>
{
    public IdentityDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<IdentityDb>().UseNpgsql().Options);
}
