using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FaceCloud.Quality.Data;

/// <summary>The database of quality, schema <c>quality</c>. It holds no truth: all of it can be told again by identity.</summary>
internal sealed class QualityDb(DbContextOptions<QualityDb> options) : DbContext(options)
{
    internal const string Schema = "quality";

    public DbSet<FaceScores> Faces => Set<FaceScores>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<FaceScores>(face =>
        {
            face.ToTable("faces");
            face.HasKey(f => f.Face);
            face.Property(f => f.Face).HasColumnName("face").ValueGeneratedNever();
            face.Property(f => f.Album).HasColumnName("album");
            face.Property(f => f.BlurScore).HasColumnName("blur_score");
            face.Property(f => f.BrightnessScore).HasColumnName("brightness_score");
            face.Property(f => f.ExposureScore).HasColumnName("exposure_score");
            face.Property(f => f.Confidence).HasColumnName("confidence");
            face.Property(f => f.OverallQuality).HasColumnName("overall_quality");
            face.Property(f => f.FaceSize).HasColumnName("face_size");
            face.Property(f => f.Yaw).HasColumnName("yaw");
            face.Property(f => f.Pitch).HasColumnName("pitch");
            face.Property(f => f.Roll).HasColumnName("roll");
            face.Property(f => f.Occlusion).HasColumnName("occlusion");
            face.HasIndex(f => new { f.Album, f.OverallQuality, f.Face }).HasFilter("album IS NOT NULL");
        });
    }
}

/// <summary>Lets <c>tools/add-migration.sh</c> read the model without a server.</summary>
internal sealed class QualityDbDesign : IDesignTimeDbContextFactory<QualityDb>
{
    public QualityDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<QualityDb>().UseNpgsql().Options);
}
