using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class NoStatisticsOfChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // As of what else identifies people: the planner keeps no samples of it, which would outlive the rows.
            migrationBuilder.Sql("ALTER TABLE identity.quality_changes ALTER face_uuid TYPE uuid, ALTER face_uuid SET STATISTICS 0;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE identity.quality_changes ALTER face_uuid SET STATISTICS -1;");
        }
    }
}
