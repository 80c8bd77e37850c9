using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class LinkedFrom : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<float>(
                name: "linked_from",
                schema: "identity",
                table: "embeddings",
                type: "real",
                nullable: true);

            // The faces that are there are searched for by the worker that groups them.
            migrationBuilder.Sql(
                """
                INSERT INTO identity.group_changes (face_id, gallery_id) SELECT id, gallery_id FROM identity.faces WHERE photo_id IS NOT NULL
                ON CONFLICT (face_id) DO NOTHING
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "linked_from",
                schema: "identity",
                table: "embeddings");
        }
    }
}
