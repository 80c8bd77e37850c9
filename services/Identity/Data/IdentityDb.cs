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

    public DbSet<QualityChange> QualityChanges => Set<QualityChange>();

    public DbSet<Photo> Photos => Set<Photo>();

    public DbSet<Album> Albums => Set<Album>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<JobItem> JobItems => Set<JobItem>();

    public DbSet<Negative> Negatives => Set<Negative>();

    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    public DbSet<LedgerChange> LedgerChanges => Set<LedgerChange>();

    public DbSet<FaceLink> FaceLinks => Set<FaceLink>();

    public DbSet<FaceGroup> FaceGroups => Set<FaceGroup>();

    public DbSet<GroupChange> GroupChanges => Set<GroupChange>();

    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    public DbSet<FileRemoval> FileRemovals => Set<FileRemoval>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<Erasure> Erasures => Set<Erasure>();

    public DbSet<ErasedPlace> ErasedPlaces => Set<ErasedPlace>();

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
            face.HasOne<Person>().WithMany().HasForeignKey(f => f.ProposedPersonId).OnDelete(DeleteBehavior.SetNull);
            face.HasOne<Photo>().WithMany(p => p.Faces).HasForeignKey(f => f.PhotoId).OnDelete(DeleteBehavior.Cascade);
            face.HasIndex(f => f.PersonId);
            face.HasIndex(f => new { f.PhotoId, f.Ordinal }).IsUnique().HasFilter("photo_id IS NOT NULL");
            face.HasIndex(f => new { f.GalleryId, f.SeenAt, f.Id }, "ix_faces_unidentified")
                .HasFilter("person_id IS NULL AND proposed_person_id IS NULL AND mark = 0 AND photo_id IS NOT NULL");
            face.HasIndex(f => new { f.GalleryId, f.SeenAt, f.Id }, "ix_faces_needs_review").HasFilter("proposed_person_id IS NOT NULL");
            face.HasIndex(f => f.GroupId).HasFilter("group_id IS NOT NULL");
            face.HasIndex(f => f.Id, "ix_faces_to_assess").HasFilter("assessed_at IS NULL");
            face.HasIndex(f => new { f.GalleryId, f.EmbeddingIndex }).IsUnique().HasFilter("embedding_index IS NOT NULL");
            face.ComplexProperty(f => f.Box);
            face.ComplexProperty(f => f.Portrait);
            face.Property(f => f.Mark).HasDefaultValue(FaceMark.None);
            face.Property(f => f.SeenAt).HasDefaultValueSql("now()");
            face.Property(f => f.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Embedding>(embedding =>
        {
            embedding.ToTable("embeddings");
            embedding.HasKey(e => new { e.FaceId, e.Recogniser });
            embedding.Property(e => e.LeftBehind).HasDefaultValue(false);
            embedding.HasOne<Face>().WithMany(f => f.Embeddings).HasForeignKey(e => e.FaceId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<IndexChange>(change =>
        {
            // No foreign key: the row outlives the face whose removal it announces.
            change.ToTable("index_changes");
            change.HasKey(c => new { c.FaceId, c.Recogniser });
            change.Property(c => c.ChangedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<QualityChange>(change =>
        {
            // No foreign key, for the same reason. Noted twice it is there twice: nothing waits for anything.
            change.ToTable("quality_changes");
        });

        OnLibraryCreating(modelBuilder);
        OnAuditCreating(modelBuilder);

        // One naming rule: snake_case columns, so that SQL by hand needs no quotes.
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }

            foreach (var complex in entity.GetComplexProperties())
            {
                foreach (var property in complex.ComplexType.GetProperties())
                {
                    property.SetColumnName(SnakeCase($"{complex.Name}{property.Name}"));
                }
            }
        }
    }

    private static void OnLibraryCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Album>(album =>
        {
            album.ToTable("albums");
            album.HasOne<Gallery>().WithMany().HasForeignKey(a => a.GalleryId).OnDelete(DeleteBehavior.Cascade);
            album.HasIndex(a => a.Uuid).IsUnique();
            album.HasIndex(a => new { a.GalleryId, a.Id });
            album.HasIndex(a => new { a.GalleryId, a.Owner });
            album.Property(a => a.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Job>(job =>
        {
            job.ToTable("jobs");
            job.HasOne<Gallery>().WithMany().HasForeignKey(j => j.GalleryId).OnDelete(DeleteBehavior.Cascade);
            job.HasIndex(j => new { j.GalleryId, j.Owner, j.Id });
            job.Property(j => j.Kind).HasDefaultValue(JobKind.Upload);
            job.Property(j => j.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<JobItem>(item =>
        {
            item.ToTable("job_items");
            item.HasKey(i => new { i.JobId, i.PhotoId });
            item.HasOne<Job>().WithMany().HasForeignKey(i => i.JobId).OnDelete(DeleteBehavior.Cascade);
            item.HasOne<Photo>().WithMany().HasForeignKey(i => i.PhotoId).OnDelete(DeleteBehavior.Cascade);
            item.HasIndex(i => new { i.Size, i.JobId, i.PhotoId }, "ix_job_items_open").HasFilter("status < 2");
            item.Property(i => i.DueAt).HasDefaultValueSql("now()");
            item.Property(i => i.ChangedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Photo>(photo =>
        {
            photo.ToTable("photos");
            photo.HasOne<Gallery>().WithMany().HasForeignKey(p => p.GalleryId).OnDelete(DeleteBehavior.Cascade);
            photo.HasOne<Album>().WithMany().HasForeignKey(p => p.AlbumId).OnDelete(DeleteBehavior.SetNull);
            photo.HasOne<Job>().WithMany().HasForeignKey(p => p.JobId).OnDelete(DeleteBehavior.SetNull);
            photo.HasIndex(p => p.Uuid).IsUnique();
            photo.HasIndex(p => new { p.GalleryId, p.Sha256 }).IsUnique();
            photo.HasIndex(p => new { p.GalleryId, p.Id });
            photo.HasIndex(p => p.Id, "ix_photos_under_way").HasFilter("status < 3");
            photo.HasIndex(p => p.Id, "ix_photos_published").HasFilter("published_at IS NOT NULL AND status < 3");
            photo.Property(p => p.CreatedAt).HasDefaultValueSql("now()");
            photo.Property(p => p.ChangedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<Negative>(negative =>
        {
            negative.ToTable("negatives");
            negative.HasKey(n => new { n.FaceId, n.PersonId });
            negative.HasOne<Face>().WithMany().HasForeignKey(n => n.FaceId).OnDelete(DeleteBehavior.Cascade);
            negative.HasOne<Person>().WithMany().HasForeignKey(n => n.PersonId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger");
            entry.HasOne<Gallery>().WithMany().HasForeignKey(e => e.GalleryId).OnDelete(DeleteBehavior.Cascade);
            entry.HasIndex(e => new { e.GalleryId, e.Id });
            entry.HasIndex(e => e.UndoesId).HasFilter("undoes_id IS NOT NULL");
            entry.Property(e => e.At).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<LedgerChange>(change =>
        {
            // No foreign keys to faces and people: an entry may tell of a person who was merged away and can come back.
            change.ToTable("ledger_changes");
            change.HasKey(c => new { c.EntryId, c.Ordinal });
            change.HasOne<LedgerEntry>().WithMany(e => e.Changes).HasForeignKey(c => c.EntryId).OnDelete(DeleteBehavior.Cascade);
            change.HasIndex(c => c.FaceId);
            change.HasIndex(c => c.PersonId);
        });

        modelBuilder.Entity<FaceLink>(link =>
        {
            link.ToTable("face_links");
            link.HasKey(l => new { l.Recogniser, l.FaceA, l.FaceB });
            link.HasIndex(l => new { l.Recogniser, l.FaceB });
            link.HasOne<Face>().WithMany().HasForeignKey(l => l.FaceA).OnDelete(DeleteBehavior.Cascade);
            link.HasOne<Face>().WithMany().HasForeignKey(l => l.FaceB).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<FaceGroup>(group =>
        {
            group.ToTable("face_groups");
            group.Property(g => g.Id).ValueGeneratedNever();
            group.HasOne<Gallery>().WithMany().HasForeignKey(g => g.GalleryId).OnDelete(DeleteBehavior.Cascade);
            group.HasIndex(g => new { g.GalleryId, g.Faces, g.Id });
        });

        modelBuilder.Entity<GroupChange>(change =>
        {
            // No foreign key: the row outlives a face that is deleted.
            change.ToTable("group_changes");
            change.HasKey(c => c.FaceId);
            change.Property(c => c.FaceId).ValueGeneratedNever();
            change.HasIndex(c => c.GalleryId);
        });

        modelBuilder.Entity<OutboxMessage>(message =>
        {
            message.ToTable("outbox");
            message.HasIndex(m => m.PhotoId);
            message.Property(m => m.CreatedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<FileRemoval>(removal =>
        {
            removal.ToTable("file_removals");
            removal.HasKey(r => r.Key);
            removal.HasIndex(r => r.DueAt);
            removal.Property(r => r.DueAt).HasDefaultValueSql("now()");
        });
    }

    private static void OnAuditCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AuditEntry>(entry =>
        {
            // No foreign keys: it tells of people and faces that are gone.
            entry.ToTable("audit");
            entry.Property(e => e.At).HasDefaultValueSql("now()");
            entry.HasIndex(e => new { e.Gallery, e.Id });
            entry.HasIndex(e => e.At);
            entry.HasIndex(e => new { e.People, e.Faces }).HasMethod("gin");
        });

        modelBuilder.Entity<Erasure>(erasure =>
        {
            erasure.ToTable("erasures");
            erasure.HasOne<Gallery>().WithMany().HasForeignKey(e => e.GalleryId).OnDelete(DeleteBehavior.Cascade);
            erasure.HasIndex(e => e.ErasedAt).HasFilter("completed_at IS NULL");
            erasure.Property(e => e.ErasedAt).HasDefaultValueSql("now()");
        });

        modelBuilder.Entity<ErasedPlace>(place =>
        {
            place.ToTable("erased_places");
            place.HasOne<Photo>().WithMany().HasForeignKey(p => p.PhotoId).OnDelete(DeleteBehavior.Cascade);
            place.HasIndex(p => p.PhotoId);
            place.ComplexProperty(p => p.Box);
        });
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
