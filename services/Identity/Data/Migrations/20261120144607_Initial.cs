using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "identity");

            migrationBuilder.CreateTable(
                name: "galleries",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    name = table.Column<string>(type: "text", nullable: false),
                    next_embedding_index = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_galleries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "index_changes",
                schema: "identity",
                columns: table => new
                {
                    face_id = table.Column<long>(type: "bigint", nullable: false),
                    recogniser = table.Column<string>(type: "text", nullable: false),
                    changed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_index_changes", x => new { x.face_id, x.recogniser });
                });

            migrationBuilder.CreateTable(
                name: "detection_counts",
                schema: "identity",
                columns: table => new
                {
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    minute = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    faces = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_detection_counts", x => new { x.gallery_id, x.minute });
                    table.ForeignKey(
                        name: "FK_detection_counts_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "people",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    uuid = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    alias = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_people", x => x.id);
                    table.ForeignKey(
                        name: "FK_people_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "strangers",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    first_seen = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    last_seen = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    detection_count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_strangers", x => x.id);
                    table.ForeignKey(
                        name: "FK_strangers_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "faces",
                schema: "identity",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    uuid = table.Column<Guid>(type: "uuid", nullable: false),
                    gallery_id = table.Column<long>(type: "bigint", nullable: false),
                    person_id = table.Column<long>(type: "bigint", nullable: true),
                    stranger_id = table.Column<long>(type: "bigint", nullable: true),
                    embedding_index = table.Column<long>(type: "bigint", nullable: true),
                    metadata = table.Column<string>(type: "text", nullable: true),
                    landmarks = table.Column<float[]>(type: "real[]", nullable: false),
                    confidence = table.Column<float>(type: "real", nullable: false),
                    detector = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    box_height = table.Column<float>(type: "real", nullable: false),
                    box_width = table.Column<float>(type: "real", nullable: false),
                    box_x = table.Column<float>(type: "real", nullable: false),
                    box_y = table.Column<float>(type: "real", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_faces", x => x.id);
                    table.ForeignKey(
                        name: "FK_faces_galleries_gallery_id",
                        column: x => x.gallery_id,
                        principalSchema: "identity",
                        principalTable: "galleries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_faces_people_person_id",
                        column: x => x.person_id,
                        principalSchema: "identity",
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "FK_faces_strangers_stranger_id",
                        column: x => x.stranger_id,
                        principalSchema: "identity",
                        principalTable: "strangers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "embeddings",
                schema: "identity",
                columns: table => new
                {
                    face_id = table.Column<long>(type: "bigint", nullable: false),
                    recogniser = table.Column<string>(type: "text", nullable: false),
                    vector = table.Column<float[]>(type: "real[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_embeddings", x => new { x.face_id, x.recogniser });
                    table.ForeignKey(
                        name: "FK_embeddings_faces_face_id",
                        column: x => x.face_id,
                        principalSchema: "identity",
                        principalTable: "faces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_faces_gallery_id_embedding_index",
                schema: "identity",
                table: "faces",
                columns: new[] { "gallery_id", "embedding_index" },
                unique: true,
                filter: "embedding_index IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_faces_person_id",
                schema: "identity",
                table: "faces",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_faces_stranger_id",
                schema: "identity",
                table: "faces",
                column: "stranger_id");

            migrationBuilder.CreateIndex(
                name: "IX_faces_uuid",
                schema: "identity",
                table: "faces",
                column: "uuid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_galleries_name",
                schema: "identity",
                table: "galleries",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_people_gallery_id_name",
                schema: "identity",
                table: "people",
                columns: new[] { "gallery_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_people_uuid",
                schema: "identity",
                table: "people",
                column: "uuid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_strangers_gallery_id_detection_count",
                schema: "identity",
                table: "strangers",
                columns: new[] { "gallery_id", "detection_count" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "detection_counts",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "embeddings",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "index_changes",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "faces",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "people",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "strangers",
                schema: "identity");

            migrationBuilder.DropTable(
                name: "galleries",
                schema: "identity");
        }
    }
}
