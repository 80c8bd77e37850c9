using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class Owners : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "owner",
                schema: "identity",
                table: "jobs",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "owner",
                schema: "identity",
                table: "albums",
                type: "text",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_albums_gallery_id_owner",
                schema: "identity",
                table: "albums",
                columns: new[] { "gallery_id", "owner" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_albums_gallery_id_owner",
                schema: "identity",
                table: "albums");

            migrationBuilder.DropColumn(
                name: "owner",
                schema: "identity",
                table: "jobs");

            migrationBuilder.DropColumn(
                name: "owner",
                schema: "identity",
                table: "albums");
        }
    }
}
