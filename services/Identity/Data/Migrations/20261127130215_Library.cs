using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Library : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<float>(
                name: "age",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "assessed_at",
                schema: "identity",
                table: "faces",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "assigned_by",
                schema: "identity",
                table: "faces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "blur_score",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "brightness_score",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "exposure_score",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "gender",
                schema: "identity",
                table: "faces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "gender_confidence",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "group_id",
                schema: "identity",
                table: "faces",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "mark",
                schema: "identity",
                table: "faces",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "occlusion",
                schema: "identity",
                table: "faces",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "ordinal",
                schema: "identity",
                table: "faces",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "person_confidence",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "photo_id",
                schema: "identity",
                table: "faces",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "portrait_height",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "portrait_width",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "portrait_x",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<float>(
                name: "portrait_y",
                schema: "identity",
                table: "faces",
                type: "real",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "proposed_person_id",
                schema: "identity",
                table: "faces",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "recognised_at",
                schema: "identity",
                table: "faces",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "seen_at",
                schema: "identity",
                table: "faces",
                type: "timestamp with time zone",
                nullable: false,
                defaultValueSql: "now()");

            migrationBuilder.AddColumn<bool>(
                name: "left_behind",
                schema: "identity",
                table: "embeddings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<float>(
                name: "linked_from",
                schema: "identity",
                table: "embeddings",
                type: "real",
                nullable: true);

            // Faces that are there already: seen when they came, and named by whoever enrolled them.
            migrationBuilder.Sql("UPDATE identity.faces SET seen_at = created_at, assigned_by = CASE WHEN person_id IS NULL THEN NULL ELSE 0 END");

            migrationBuilder.CreateTable(
                name: "albums",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    uuid = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_albums", x => x.id);
                    table.ForeignKey(
                        name: "FK_albums_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    actor = table.Column<string>(type: "text", nullable: false),
                    dialect = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    gallery = table.Column<string>(type: "text", nullable: false),
                    people = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    faces = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    trace = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "erasures",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    erased_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    completed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    faces = table.Column<long[]>(type: "bigint[]", nullable: false),
                    files = table.Column<string[]>(type: "text[]", nullable: false),
                    scored_faces = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    photos = table.Column<long[]>(type: "bigint[]", nullable: false),
                    strangers = table.Column<long[]>(type: "bigint[]", nullable: false),
                    people = table.Column<int>(type: "integer", nullable: false),
                    embeddings = table.Column<int>(type: "integer", nullable: false),
                    pictures = table.Column<int>(type: "integer", nullable: false),
                    scores = table.Column<int>(type: "integer", nullable: false),
                    denials = table.Column<int>(type: "integer", nullable: false),
                    links = table.Column<int>(type: "integer", nullable: false),
                    history_changes = table.Column<int>(type: "integer", nullable: false),
                    audit_entries = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_erasures", x => x.id);
                    table.ForeignKey(
                        name: "FK_erasures_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "face_groups",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    faces = table.Column<int>(type: "integer", nullable: false),
                    cohesion = table.Column<float>(type: "real", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_face_groups", x => x.id);
                    table.ForeignKey(
                        name: "FK_face_groups_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "face_links",
                schema: "identity",
                columns: table => new
                {
                    recogniser = table.Column<string>(type: "text", nullable: false),
                    face_a = table.Column<long>(type: "bigint", nullable: false),
                    face_b = table.Column<long>(type: "bigint", nullable: false),
                    cosine = table.Column<float>(type: "real", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_face_links", x => new { x.recogniser, x.face_a, x.face_b });
                    table.ForeignKey(
                        name: "FK_face_links_faces_face_a",
                        column: x => x.face_a,
                        principalSchema: "identity",
                        principalTable: "faces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_face_links_faces_face_b",
                        column: x => x.face_b,
                        principalSchema: "identity",
                        principalTable: "faces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "file_removals",
                schema: "identity",
                columns: table => new
                {
                    key = table.Column<string>(type: "text", nullable: false),
                    due_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_file_removals", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "group_changes",
                schema: "identity",
                columns: table => new
                {
                    face_id = table.Column<long>(type: "bigint", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_group_changes", x => x.face_id);
                });

            migrationBuilder.CreateTable(
                name: "jobs",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: true),
                    kind = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    cancelled_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_jobs", x => x.id);
                    table.ForeignKey(
                        name: "FK_jobs_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ledger",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    actor = table.Column<string>(type: "text", nullable: false),
                    dialect = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    undoes_id = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ledger", x => x.id);
                    table.ForeignKey(
                        name: "FK_ledger_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "negatives",
                schema: "identity",
                columns: table => new
                {
                    face_id = table.Column<long>(type: "bigint", nullable: false),
                    person_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_negatives", x => new { x.face_id, x.person_id });
                    table.ForeignKey(
                        name: "FK_negatives_faces_face_id",
                        column: x => x.face_id,
                        principalSchema: "identity",
                        principalTable: "faces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_negatives_people_person_id",
                        column: x => x.person_id,
                        principalSchema: "identity",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    kind = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: true),
                    photo_id = table.Column<long>(type: "bigint", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "quality_changes",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    face_uuid = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_quality_changes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "photos",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    uuid = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    sha256 = table.Column<byte[]>(type: "bytea", nullable: false),
                    filename = table.Column<string>(type: "text", nullable: false),
                    extension = table.Column<string>(type: "text", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false),
                    width = table.Column<int>(type: "integer", nullable: true),
                    height = table.Column<int>(type: "integer", nullable: true),
                    taken_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    album_id = table.Column<long>(type: "bigint", nullable: true),
                    job_id = table.Column<Guid>(type: "uuid", nullable: true),
                    status = table.Column<int>(type: "integer", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    published_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_photos", x => x.id);
                    table.ForeignKey(
                        name: "FK_photos_albums_album_id",
                        column: x => x.album_id,
                        principalSchema: "identity",
                        principalTable: "albums",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_photos_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_photos_jobs_job_id",
                        column: x => x.job_id,
                        principalSchema: "identity",
                        principalTable: "jobs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "ledger_changes",
                schema: "identity",
                columns: table => new
                {
                    entry_id = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    face_id = table.Column<long>(type: "bigint", nullable: true),
                    person_id = table.Column<long>(type: "bigint", nullable: true),
                    before = table.Column<string>(type: "text", nullable: true),
                    after = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ledger_changes", x => new { x.entry_id, x.ordinal });
                    table.ForeignKey(
                        name: "FK_ledger_changes_ledger_entry_id",
                        column: x => x.entry_id,
                        principalSchema: "identity",
                        principalTable: "ledger",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "erased_places",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    photo_id = table.Column<long>(type: "bigint", nullable: false),
                    box_height = table.Column<float>(type: "real", nullable: false),
                    box_width = table.Column<float>(type: "real", nullable: false),
                    box_x = table.Column<float>(type: "real", nullable: false),
                    box_y = table.Column<float>(type: "real", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_erased_places", x => x.id);
                    table.ForeignKey(
                        name: "FK_erased_places_photos_photo_id",
                        column: x => x.photo_id,
                        principalSchema: "identity",
                        principalTable: "photos",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "job_items",
                schema: "identity",
                columns: table => new
                {
                    job_id = table.Column<Guid>(type: "uuid", nullable: false),
                    photo_id = table.Column<long>(type: "bigint", nullable: false),
                    size = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    due_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    changed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_job_items", x => new { x.job_id, x.photo_id });
                    table.ForeignKey(
                        name: "FK_job_items_jobs_job_id",
                        column: x => x.job_id,
                        principalSchema: "identity",
                        principalTable: "jobs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_job_items_photos_photo_id",
                        column: x => x.photo_id,
                        principalSchema: "identity",
                        principalTable: "photos",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_faces_group_id",
                schema: "identity",
                table: "faces",
                column: "group_id",
                filter: "group_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_faces_photo_id_ordinal",
                schema: "identity",
                table: "faces",
                columns: new[] { "photo_id", "ordinal" },
                unique: true,
                filter: "photo_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_faces_proposed_person_id",
                schema: "identity",
                table: "faces",
                column: "proposed_person_id");

            migrationBuilder.CreateIndex(
                name: "ix_faces_needs_review",
                schema: "identity",
                table: "faces",
                columns: new[] { "gallery_id", "seen_at", "id" },
                filter: "proposed_person_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_faces_to_assess",
                schema: "identity",
                table: "faces",
                column: "id",
                filter: "assessed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_faces_unidentified",
                schema: "identity",
                table: "faces",
                columns: new[] { "gallery_id", "seen_at", "id" },
                filter: "person_id IS NULL AND proposed_person_id IS NULL AND mark = 0 AND photo_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_albums_gallery_id_id",
                schema: "identity",
                table: "albums",
                columns: new[] { "gallery_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_albums_gallery_id_owner",
                schema: "identity",
                table: "albums",
                columns: new[] { "gallery_id", "owner" });

            migrationBuilder.CreateIndex(
                name: "IX_albums_uuid",
                schema: "identity",
                table: "albums",
                column: "uuid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_audit_at",
                schema: "identity",
                table: "audit",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_audit_gallery_id",
                schema: "identity",
                table: "audit",
                columns: new[] { "gallery", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_people_faces",
                schema: "identity",
                table: "audit",
                columns: new[] { "people", "faces" })
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "IX_erased_places_photo_id",
                schema: "identity",
                table: "erased_places",
                column: "photo_id");

            migrationBuilder.CreateIndex(
                name: "IX_erasures_erased_at",
                schema: "identity",
                table: "erasures",
                column: "erased_at",
                filter: "completed_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_erasures_gallery_id",
                schema: "identity",
                table: "erasures",
                column: "gallery_id");

            migrationBuilder.CreateIndex(
                name: "IX_face_groups_gallery_id_faces_id",
                schema: "identity",
                table: "face_groups",
                columns: new[] { "gallery_id", "faces", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_face_links_face_a",
                schema: "identity",
                table: "face_links",
                column: "face_a");

            migrationBuilder.CreateIndex(
                name: "IX_face_links_face_b",
                schema: "identity",
                table: "face_links",
                column: "face_b");

            migrationBuilder.CreateIndex(
                name: "IX_face_links_recogniser_face_b",
                schema: "identity",
                table: "face_links",
                columns: new[] { "recogniser", "face_b" });

            migrationBuilder.CreateIndex(
                name: "IX_file_removals_due_at",
                schema: "identity",
                table: "file_removals",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_group_changes_gallery_id",
                schema: "identity",
                table: "group_changes",
                column: "gallery_id");

            migrationBuilder.CreateIndex(
                name: "IX_job_items_photo_id",
                schema: "identity",
                table: "job_items",
                column: "photo_id");

            migrationBuilder.CreateIndex(
                name: "ix_job_items_open",
                schema: "identity",
                table: "job_items",
                columns: new[] { "size", "job_id", "photo_id" },
                filter: "status < 2");

            migrationBuilder.CreateIndex(
                name: "IX_jobs_gallery_id_owner_id",
                schema: "identity",
                table: "jobs",
                columns: new[] { "gallery_id", "owner", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_ledger_gallery_id_id",
                schema: "identity",
                table: "ledger",
                columns: new[] { "gallery_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_ledger_undoes_id",
                schema: "identity",
                table: "ledger",
                column: "undoes_id",
                filter: "undoes_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ledger_changes_face_id",
                schema: "identity",
                table: "ledger_changes",
                column: "face_id");

            migrationBuilder.CreateIndex(
                name: "IX_ledger_changes_person_id",
                schema: "identity",
                table: "ledger_changes",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_negatives_person_id",
                schema: "identity",
                table: "negatives",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_photo_id",
                schema: "identity",
                table: "outbox",
                column: "photo_id");

            migrationBuilder.CreateIndex(
                name: "IX_photos_album_id",
                schema: "identity",
                table: "photos",
                column: "album_id");

            migrationBuilder.CreateIndex(
                name: "IX_photos_gallery_id_id",
                schema: "identity",
                table: "photos",
                columns: new[] { "gallery_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_photos_gallery_id_sha256",
                schema: "identity",
                table: "photos",
                columns: new[] { "gallery_id", "sha256" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_photos_job_id",
                schema: "identity",
                table: "photos",
                column: "job_id");

            migrationBuilder.CreateIndex(
                name: "IX_photos_uuid",
                schema: "identity",
                table: "photos",
                column: "uuid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_photos_published",
                schema: "identity",
                table: "photos",
                column: "id",
                filter: "published_at IS NOT NULL AND status < 3");

            migrationBuilder.CreateIndex(
                name: "ix_photos_under_way",
                schema: "identity",
                table: "photos",
                column: "id",
                filter: "status < 3");

            migrationBuilder.AddForeignKey(
                name: "FK_faces_people_proposed_person_id",
                schema: "identity",
                table: "faces",
                column: "proposed_person_id",
                principalSchema: "identity",
                principalTable: "people",
                principalColumn: "id",
                onDelete: ReferentialAction.SetNull);

            migrationBuilder.AddForeignKey(
                name: "FK_faces_photos_photo_id",
                schema: "identity",
                table: "faces",
                column: "photo_id",
                principalSchema: "identity",
                principalTable: "photos",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);

            migrationBuilder.Sql(AppendOnly);
            migrationBuilder.Sql(NoSamples);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_faces_people_proposed_person_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropForeignKey(
                name: "FK_faces_photos_photo_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropTable(
                name: "audit",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "erased_places",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "erasures",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "face_groups",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "face_links",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "file_removals",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "group_changes",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "job_items",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "ledger_changes",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "negatives",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "outbox",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "quality_changes",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "photos",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "ledger",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "albums",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "identity");

            migrationBuilder.DropIndex(
                name: "IX_faces_group_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropIndex(
                name: "IX_faces_photo_id_ordinal",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropIndex(
                name: "IX_faces_proposed_person_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropIndex(
                name: "ix_faces_needs_review",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropIndex(
                name: "ix_faces_to_assess",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropIndex(
                name: "ix_faces_unidentified",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "age",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "assessed_at",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "assigned_by",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "blur_score",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "brightness_score",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "exposure_score",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "gender",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "gender_confidence",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "group_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "mark",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "occlusion",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "ordinal",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "person_confidence",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "photo_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "portrait_height",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "portrait_width",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "portrait_x",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "portrait_y",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "proposed_person_id",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "recognised_at",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "seen_at",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "left_behind",
                schema: "identity",
                table: "embeddings");

            migrationBuilder.DropColumn(
                name: "linked_from",
                schema: "identity",
                table: "embeddings");

            migrationBuilder.Sql("DROP FUNCTION identity.refuse_audit_change()");
        }

        // Entries are only added, whoever is at the database; a transaction that has to forget says so.
        private const string AppendOnly =
            """
            CREATE FUNCTION identity.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('facecloud.forgetting', true) IS DISTINCT FROM 'on' THEN
                    RAISE EXCEPTION 'The audit trail is append-only.';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER append_only AFTER UPDATE OR DELETE OR TRUNCATE ON identity.audit
                FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_audit_change();
            """;

        // The planner's statistics hold samples of values, also of rows that are gone: of what identifies people none are taken. Setting a column's
        // type, here to what it is, drops those that were.
        private const string NoSamples =
            """
            ALTER TABLE identity.people ALTER name TYPE text, ALTER alias TYPE text, ALTER uuid TYPE uuid;
            ALTER TABLE identity.people ALTER name SET STATISTICS 0, ALTER alias SET STATISTICS 0, ALTER uuid SET STATISTICS 0;
            ALTER TABLE identity.faces ALTER uuid TYPE uuid, ALTER metadata TYPE text, ALTER landmarks TYPE real[];
            ALTER TABLE identity.faces ALTER uuid SET STATISTICS 0, ALTER metadata SET STATISTICS 0, ALTER landmarks SET STATISTICS 0;
            ALTER TABLE identity.embeddings ALTER vector TYPE real[];
            ALTER TABLE identity.embeddings ALTER vector SET STATISTICS 0;
            ALTER TABLE identity.ledger ALTER reason TYPE text;
            ALTER TABLE identity.ledger ALTER reason SET STATISTICS 0;
            ALTER TABLE identity.ledger_changes ALTER before TYPE text, ALTER after TYPE text;
            ALTER TABLE identity.ledger_changes ALTER before SET STATISTICS 0, ALTER after SET STATISTICS 0;
            ALTER TABLE identity.file_removals ALTER key TYPE text;
            ALTER TABLE identity.file_removals ALTER key SET STATISTICS 0;
            ALTER TABLE identity.audit ALTER people SET STATISTICS 0, ALTER faces SET STATISTICS 0;
            ALTER TABLE identity.erasures ALTER files SET STATISTICS 0, ALTER scored_faces SET STATISTICS 0;
            ALTER TABLE identity.quality_changes ALTER face_uuid SET STATISTICS 0;
            """;
    }
}
