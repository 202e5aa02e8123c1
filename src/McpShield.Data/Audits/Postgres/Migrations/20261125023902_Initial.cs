using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace McpShield.Data.Audits.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_names",
                columns: table => new
                {
                    name_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    scope_id = table.Column<long>(type: "bigint", nullable: false),
                    facet = table.Column<string>(type: "text", nullable: false),
                    digest = table.Column<byte[]>(type: "bytea", nullable: false),
                    is_rest = table.Column<bool>(type: "boolean", nullable: false),
                    tool = table.Column<string>(type: "text", nullable: true),
                    action = table.Column<string>(type: "text", nullable: true),
                    agent = table.Column<string>(type: "text", nullable: true),
                    key_id = table.Column<string>(type: "text", nullable: true),
                    source = table.Column<string>(type: "text", nullable: true),
                    actor = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    rule = table.Column<string>(type: "text", nullable: true),
                    folded = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_names", x => x.name_id);
                });

            migrationBuilder.CreateTable(
                name: "audit_payloads",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    salt = table.Column<byte[]>(type: "bytea", nullable: false),
                    payload = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_payloads", x => new { x.stream_id, x.seq });
                });

            migrationBuilder.CreateTable(
                name: "audit_records",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    time_us = table.Column<long>(type: "bigint", nullable: false),
                    call_id = table.Column<Guid>(type: "uuid", nullable: true),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: true),
                    project_id = table.Column<Guid>(type: "uuid", nullable: true),
                    decision = table.Column<string>(type: "text", nullable: true),
                    tool = table.Column<string>(type: "text", nullable: true),
                    rule = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: true),
                    duration_us = table.Column<long>(type: "bigint", nullable: true),
                    agent = table.Column<string>(type: "text", nullable: true),
                    key_id = table.Column<string>(type: "text", nullable: true),
                    source = table.Column<string>(type: "text", nullable: true),
                    action = table.Column<string>(type: "text", nullable: true),
                    actor = table.Column<string>(type: "text", nullable: true),
                    method = table.Column<string>(type: "text", nullable: true),
                    envelope = table.Column<byte[]>(type: "bytea", nullable: false),
                    leaf = table.Column<byte[]>(type: "bytea", nullable: false),
                    link = table.Column<byte[]>(type: "bytea", nullable: false),
                    scope_id = table.Column<long>(type: "bigint", nullable: true),
                    what_id = table.Column<long>(type: "bigint", nullable: true),
                    who_id = table.Column<long>(type: "bigint", nullable: true),
                    why_id = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_records", x => new { x.stream_id, x.seq });
                });

            migrationBuilder.CreateTable(
                name: "audit_scopes",
                columns: table => new
                {
                    scope_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    organization_id = table.Column<Guid>(type: "uuid", nullable: false),
                    project_id = table.Column<Guid>(type: "uuid", nullable: false),
                    erased_before_us = table.Column<long>(type: "bigint", nullable: false),
                    erased_until_us = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_scopes", x => x.scope_id);
                });

            migrationBuilder.CreateTable(
                name: "audit_streams",
                columns: table => new
                {
                    stream_id = table.Column<Guid>(type: "uuid", nullable: false),
                    opened_us = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_streams", x => x.stream_id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_names_scope_id_digest",
                table: "audit_names",
                columns: new[] { "scope_id", "digest" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_call_id_kind",
                table: "audit_records",
                columns: new[] { "call_id", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_scope_id_decision_time_us",
                table: "audit_records",
                columns: new[] { "scope_id", "decision", "time_us" },
                filter: "decision IN ('deny', 'approve')");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_scope_id_time_us",
                table: "audit_records",
                columns: new[] { "scope_id", "time_us" },
                filter: "scope_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_what_id_time_us",
                table: "audit_records",
                columns: new[] { "what_id", "time_us" },
                filter: "what_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_who_id_time_us",
                table: "audit_records",
                columns: new[] { "who_id", "time_us" },
                filter: "who_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_records_why_id_time_us",
                table: "audit_records",
                columns: new[] { "why_id", "time_us" },
                filter: "why_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_audit_scopes_organization_id_project_id",
                table: "audit_scopes",
                columns: new[] { "organization_id", "project_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_scopes_project_id",
                table: "audit_scopes",
                column: "project_id");

            // Nothing here is ever changed. A payload may be erased, never rewritten. Once a statement, not once a row: a COPY pays nothing for it.
            migrationBuilder.Sql("CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$");
            foreach (var (table, operations) in new[] { ("audit_streams", "UPDATE OR DELETE OR TRUNCATE"), ("audit_records", "UPDATE OR DELETE OR TRUNCATE"), ("audit_payloads", "UPDATE OR TRUNCATE") })
            {
                migrationBuilder.Sql($"CREATE TRIGGER {table}_append_only BEFORE {operations} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()");
            }

            migrationBuilder.Sql(
                """
                CREATE VIEW audit_events AS
                SELECT d.call_id AS id, d.organization_id AS org_id, d.project_id, timestamptz 'epoch' + d.time_us * interval '1 microsecond' AS timestamp,
                       d.tool AS tool_name, d.decision, d.rule AS policy_rule_matched,
                       jsonb_build_object('reason', d.reason, 'source', d.source, 'status', o.status, 'duration_us', o.duration_us, 'agent', d.agent, 'key_id', d.key_id, 'method', d.method)
                           AS request_metadata,
                       timestamptz 'epoch' + d.time_us * interval '1 microsecond' AS created_at
                FROM audit_records d
                JOIN audit_scopes s ON s.scope_id = d.scope_id AND d.time_us >= s.erased_before_us
                LEFT JOIN audit_records o ON o.call_id = d.call_id AND o.kind = 'outcome'
                WHERE d.kind = 'decision'
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP VIEW audit_events");

            migrationBuilder.DropTable(
                name: "audit_names");

            migrationBuilder.DropTable(
                name: "audit_payloads");

            migrationBuilder.DropTable(
                name: "audit_records");

            migrationBuilder.DropTable(
                name: "audit_scopes");

            migrationBuilder.DropTable(
                name: "audit_streams");

            migrationBuilder.Sql("DROP FUNCTION audit_append_only()");
        }
    }
}
