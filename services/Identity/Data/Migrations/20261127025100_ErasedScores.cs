using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FaceCloud.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class ErasedScores : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid[]>(
                name: "scored",
                schema: "identity",
                table: "erasures",
                type: "uuid[]",
                nullable: false,
                defaultValue: new Guid[0]);

            migrationBuilder.AddColumn<int>(
                name: "scores",
                schema: "identity",
                table: "erasures",
                type: "integer",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "scored",
                schema: "identity",
                table: "erasures");

            migrationBuilder.DropColumn(
                name: "scores",
                schema: "identity",
                table: "erasures");
        }
    }
}
