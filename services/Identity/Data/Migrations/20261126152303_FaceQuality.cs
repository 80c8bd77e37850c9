using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class FaceQuality : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "assessed_at",
                schema: "identity",
                table: "faces",
                type: "timestamp with time zone",
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

            migrationBuilder.CreateIndex(
                name: "ix_faces_to_assess",
                schema: "identity",
                table: "faces",
                column: "id",
                filter: "assessed_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "quality_changes",
                schema: "identity");

            migrationBuilder.DropIndex(
                name: "ix_faces_to_assess",
                schema: "identity",
                table: "faces");

            migrationBuilder.DropColumn(
                name: "assessed_at",
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
        }
    }
}
