using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class EventsAudited : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "audited_at",
                table: "usage_events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "duration_ms",
                table: "usage_events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "outcome",
                table: "usage_events",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_usage_events_unaudited",
                table: "usage_events",
                column: "id",
                filter: "audited_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_usage_events_unaudited",
                table: "usage_events");

            migrationBuilder.DropColumn(
                name: "audited_at",
                table: "usage_events");

            migrationBuilder.DropColumn(
                name: "duration_ms",
                table: "usage_events");

            migrationBuilder.DropColumn(
                name: "outcome",
                table: "usage_events");
        }
    }
}
