using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Jobs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_jobs_gallery_id",
                schema: "identity",
                table: "jobs");

            migrationBuilder.AddColumn<DateTime>(
                name: "cancelled_at",
                schema: "identity",
                table: "jobs",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "kind",
                schema: "identity",
                table: "jobs",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "started_at",
                schema: "identity",
                table: "jobs",
                type: "timestamp with time zone",
                nullable: true);

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
                name: "IX_jobs_gallery_id_owner_id",
                schema: "identity",
                table: "jobs",
                columns: new[] { "gallery_id", "owner", "id" });

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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "job_items",
                schema: "identity");

            migrationBuilder.DropIndex(
                name: "IX_jobs_gallery_id_owner_id",
                schema: "identity",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "cancelled_at",
                schema: "identity",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "kind",
                schema: "identity",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "started_at",
                schema: "identity",
                table: "jobs");

            migrationBuilder.CreateIndex(
                name: "IX_jobs_gallery_id",
                schema: "identity",
                table: "jobs",
                column: "gallery_id");
        }
    }
}
