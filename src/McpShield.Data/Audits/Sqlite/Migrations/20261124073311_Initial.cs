using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Audits.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_streams",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    opened_us = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_streams", x => x.stream_id);
                });

            migrationBuilder.CreateTable(
                name: "audit_records",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    time_us = table.Column<long>(type: "INTEGER", nullable: false),
                    call_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    project_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    decision = table.Column<string>(type: "TEXT", nullable: true),
                    tool = table.Column<string>(type: "TEXT", nullable: true),
                    rule = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: true),
                    status = table.Column<string>(type: "TEXT", nullable: true),
                    envelope = table.Column<byte[]>(type: "BLOB", nullable: false),
                    leaf = table.Column<byte[]>(type: "BLOB", nullable: false),
                    link = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_records", x => new { x.stream_id, x.seq });
                    table.ForeignKey(
                        name: "fk_audit_records_audit_streams_stream_id",
                        column: x => x.stream_id,
                        principalTable: "audit_streams",
                        principalColumn: "stream_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "audit_payloads",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    salt = table.Column<byte[]>(type: "BLOB", nullable: false),
                    payload = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_payloads", x => new { x.stream_id, x.seq });
                    table.ForeignKey(
                        name: "fk_audit_payloads_audit_records_stream_id_seq",
                        columns: x => new { x.stream_id, x.seq },
                        principalTable: "audit_records",
                        principalColumns: new[] { "stream_id", "seq" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_call_id_kind",
                table: "audit_records",
                columns: new[] { "call_id", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_time_us",
                table: "audit_records",
                column: "time_us");

            // Nothing here is ever changed. A payload may be erased, never rewritten.
            foreach (var (table, operation) in new[] { ("audit_streams", "UPDATE"), ("audit_streams", "DELETE"), ("audit_records", "UPDATE"), ("audit_records", "DELETE"), ("audit_payloads", "UPDATE") })
            {
                migrationBuilder.Sql($"CREATE TRIGGER {table}_no_{operation.ToLowerInvariant()} BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END");
            }

            migrationBuilder.Sql(
                """
                CREATE VIEW audit_events AS
                SELECT lower(d.call_id) AS id, lower(d.organization_id) AS org_id, lower(d.project_id) AS project_id,
                       strftime('%Y-%m-%dT%H:%M:%fZ', d.time_us / 1000000.0, 'unixepoch') AS timestamp,
                       d.tool AS tool_name, d.decision, d.rule AS policy_rule_matched,
                       json_object('reason', d.reason, 'status', o.status, 'agent', CAST(d.envelope AS TEXT) ->> '$.agent', 'method', CAST(d.envelope AS TEXT) ->> '$.method') AS request_metadata,
                       strftime('%Y-%m-%dT%H:%M:%fZ', d.time_us / 1000000.0, 'unixepoch') AS created_at
                FROM audit_records d LEFT JOIN audit_records o ON o.call_id = d.call_id AND o.kind = 'outcome'
                WHERE d.kind = 'decision'
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP VIEW audit_events");

            migrationBuilder.DropTable(
                name: "audit_payloads");

            migrationBuilder.DropTable(
                name: "audit_records");

            migrationBuilder.DropTable(
                name: "audit_streams");
        }
    }
}
