using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
                    photos = table.Column<long[]>(type: "bigint[]", nullable: false),
                    strangers = table.Column<long[]>(type: "bigint[]", nullable: false),
                    people = table.Column<int>(type: "integer", nullable: false),
                    embeddings = table.Column<int>(type: "integer", nullable: false),
                    pictures = table.Column<int>(type: "integer", nullable: false),
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

            migrationBuilder.Sql(AppendOnly);
            migrationBuilder.Sql(NoSamples);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "erased_places",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "erasures",
                schema: "identity");

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
            ALTER TABLE identity.erasures ALTER files SET STATISTICS 0;
            """;
    }
}
