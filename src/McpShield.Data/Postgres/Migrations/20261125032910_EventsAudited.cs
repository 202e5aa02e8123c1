using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class EventsAudited : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "metadata",
                table: "usage_events",
                type: "json",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "jsonb",
                oldNullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "audited_at",
                table: "usage_events",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "duration_ms",
                table: "usage_events",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "outcome",
                table: "usage_events",
                type: "character varying(16)",
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

            migrationBuilder.AlterColumn<string>(
                name: "metadata",
                table: "usage_events",
                type: "jsonb",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "json",
                oldNullable: true);
        }
    }
}
