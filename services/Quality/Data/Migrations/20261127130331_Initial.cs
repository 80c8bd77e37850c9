using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Quality.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "quality");

            migrationBuilder.CreateTable(
                name: "faces",
                schema: "quality",
                columns: table => new
                {
                    face = table.Column<Guid>(type: "uuid", nullable: false),
                    album = table.Column<Guid>(type: "uuid", nullable: true),
                    blur_score = table.Column<float>(type: "real", nullable: false),
                    brightness_score = table.Column<float>(type: "real", nullable: false),
                    exposure_score = table.Column<float>(type: "real", nullable: false),
                    confidence = table.Column<float>(type: "real", nullable: false),
                    overall_quality = table.Column<double>(type: "double precision", nullable: false),
                    face_size = table.Column<float>(type: "real", nullable: false),
                    yaw = table.Column<float>(type: "real", nullable: true),
                    pitch = table.Column<float>(type: "real", nullable: true),
                    roll = table.Column<float>(type: "real", nullable: true),
                    occlusion = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_faces", x => x.face);
                });

            migrationBuilder.CreateIndex(
                name: "IX_faces_album_overall_quality_face",
                schema: "quality",
                table: "faces",
                columns: new[] { "album", "overall_quality", "face" },
                filter: "album IS NOT NULL");

            // As of what else identifies people: the planner keeps no samples of it, which would outlive the rows.
            migrationBuilder.Sql("ALTER TABLE quality.faces ALTER face SET STATISTICS 0;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "faces",
                schema: "quality");
        }
    }
}
