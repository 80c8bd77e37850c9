using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Data;

/// <summary>The database of identity, schema <c>identity</c>: the truth that the vector index is built from.</summary>
internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : DbContext(options)
{
    internal const string Schema = "identity";

    public DbSet<Gallery> Galleries => Set<Gallery>();

    public DbSet<Person> People => Set<Person>();

    public DbSet<Face> Faces => Set<Face>();

    public DbSet<Stranger> Strangers => Set<Stranger>();

    public DbSet<DetectionCount> DetectionCounts => Set<DetectionCount>();

    public DbSet<Embedding> Embeddings => Set<Embedding>();

    public DbSet<IndexChange> IndexChanges => Set<IndexChange>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);

        modelBuilder.Entity<Gallery>(gallery =>
        {
            gallery.ToTable("galleries");
            gallery.HasIndex(g => g.Name).IsUnique();
            gallery.Property(g => g.NextEmbeddingIndex).HasDefaultValue(0L);
            gallery.Property(g => g.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Person>(person =>
        {
            person.ToTable("people");
            person.HasOne<Gallery>().WithMany().HasForeignKey(p => p.GalleryId).OnDelete(DeleteBehavior.Cascade);
            person.HasIndex(p => p.Uuid).IsUnique();
            person.HasIndex(p => new { p.GalleryId, p.Name }).IsUnique();
            person.Property(p => p.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Stranger>(stranger =>
        {
            stranger.ToTable("strangers");
            stranger.HasOne<Gallery>().WithMany().HasForeignKey(s => s.GalleryId).OnDelete(DeleteBehavior.Cascade);
            stranger.HasIndex(s => new { s.GalleryId, s.DetectionCount });
        });

        modelBuilder.Entity<DetectionCount>(count =>
        {
            count.ToTable("detection_counts");
            count.HasKey(c => new { c.GalleryId, c.Minute });
            count.HasOne<Gallery>().WithMany().HasForeignKey(c => c.GalleryId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<Face>(face =>
        {
            face.ToTable("faces");
            face.HasOne<Gallery>().WithMany().HasForeignKey(f => f.GalleryId).OnDelete(DeleteBehavior.Cascade);
            face.HasOne<Person>().WithMany(p => p.Faces).HasForeignKey(f => f.PersonId).OnDelete(DeleteBehavior.SetNull);
            face.HasIndex(f => f.Uuid).IsUnique();
            face.HasOne<Stranger>().WithMany(s => s.Faces).HasForeignKey(f => f.StrangerId).OnDelete(DeleteBehavior.Cascade);
            face.HasIndex(f => f.PersonId);
            face.HasIndex(f => new { f.GalleryId, f.EmbeddingIndex }).IsUnique().HasFilter("embedding_index IS NOT NULL");
            face.ComplexProperty(f => f.Box);
            face.Property(f => f.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Embedding>(embedding =>
        {
            embedding.ToTable("embeddings");
            embedding.HasKey(e => new { e.FaceId, e.Recogniser });
            embedding.HasOne<Face>().WithMany(f => f.Embeddings).HasForeignKey(e => e.FaceId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<IndexChange>(change =>
        {
            // No foreign key: the row outlives the face whose removal it announces.
            change.ToTable("index_changes");
            change.HasKey(c => new { c.FaceId, c.Recogniser });
            change.Property(c => c.ChangedAt).HasDefaultValueSql("now()");
        });

        // One naming rule: snake_case columns, so that SQL by hand needs no quotes.
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }

            foreach (var property in entity.GetComplexProperties().SelectMany(complex => complex.ComplexType.GetProperties()))
            {
                property.SetColumnName(SnakeCase($"Box{property.Name}"));
            }
        }
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
