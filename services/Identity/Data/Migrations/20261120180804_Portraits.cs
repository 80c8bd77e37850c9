using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Portraits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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

            migrationBuilder.AddColumn<bool>(
                name: "left_behind",
                schema: "identity",
                table: "embeddings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "ix_photos_published",
                schema: "identity",
                table: "photos",
                column: "id",
                filter: "published_at IS NOT NULL AND status < 3");

            migrationBuilder.CreateIndex(
                name: "IX_ledger_undoes_id",
                schema: "identity",
                table: "ledger",
                column: "undoes_id",
                filter: "undoes_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_group_changes_gallery_id",
                schema: "identity",
                table: "group_changes",
                column: "gallery_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_photos_published",
                schema: "identity",
                table: "photos");

            migrationBuilder.DropIndex(
                name: "IX_ledger_undoes_id",
                schema: "identity",
                table: "ledger");

            migrationBuilder.DropIndex(
                name: "IX_group_changes_gallery_id",
                schema: "identity",
                table: "group_changes");

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
                name: "left_behind",
                schema: "identity",
                table: "embeddings");
        }
    }
}
