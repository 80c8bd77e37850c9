using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Quality.Data.Migrations
{
    /// <inheritdoc />
    public partial class NoStatistics : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // As of what else identifies people: the planner keeps no samples of it, which would outlive the rows.
            migrationBuilder.Sql("ALTER TABLE quality.faces ALTER face TYPE uuid, ALTER face SET STATISTICS 0;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE quality.faces ALTER face SET STATISTICS -1;");
        }
    }
}
