using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Audits.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Searching : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "action",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "actor",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "agent",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "duration_us",
                table: "audit_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "key_id",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "method",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "scope_id",
                table: "audit_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "source",
                table: "audit_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "what_id",
                table: "audit_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "who_id",
                table: "audit_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "why_id",
                table: "audit_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "audit_names",
                columns: table => new
                {
                    name_id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    scope_id = table.Column<long>(type: "INTEGER", nullable: false),
                    facet = table.Column<string>(type: "TEXT", nullable: false),
                    digest = table.Column<byte[]>(type: "BLOB", nullable: false),
                    is_rest = table.Column<bool>(type: "INTEGER", nullable: false),
                    tool = table.Column<string>(type: "TEXT", nullable: true),
                    action = table.Column<string>(type: "TEXT", nullable: true),
                    agent = table.Column<string>(type: "TEXT", nullable: true),
                    key_id = table.Column<string>(type: "TEXT", nullable: true),
                    source = table.Column<string>(type: "TEXT", nullable: true),
                    actor = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: true),
                    rule = table.Column<string>(type: "TEXT", nullable: true),
                    folded = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_names", x => x.name_id);
                });

            migrationBuilder.CreateTable(
                name: "audit_scopes",
                columns: table => new
                {
                    scope_id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    project_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    erased_before_us = table.Column<long>(type: "INTEGER", nullable: false),
                    erased_until_us = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_scopes", x => x.scope_id);
                });

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
                name: "ix_audit_names_scope_id_digest",
                table: "audit_names",
                columns: new[] { "scope_id", "digest" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_scopes_organization_id_project_id",
                table: "audit_scopes",
                columns: new[] { "organization_id", "project_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_scopes_project_id",
                table: "audit_scopes",
                column: "project_id");

            // Records are never changed; these columns are copies, and for this once the copies of older records are made.
            migrationBuilder.Sql("DROP TRIGGER audit_records_no_update");
            migrationBuilder.Sql("DROP VIEW audit_events");
            migrationBuilder.Sql(
                """
                UPDATE audit_records SET
                    agent = CAST(envelope AS TEXT) ->> '$.agent', key_id = CAST(envelope AS TEXT) ->> '$.key', method = CAST(envelope AS TEXT) ->> '$.method', source = 'enforced'
                WHERE kind = 'decision'
                """);
            migrationBuilder.Sql("UPDATE audit_records SET duration_us = CAST(envelope AS TEXT) ->> '$.duration_us' WHERE kind = 'outcome'");
            migrationBuilder.Sql(
                """
                INSERT INTO audit_scopes (organization_id, project_id, erased_before_us, erased_until_us)
                SELECT DISTINCT coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), coalesce(project_id, '00000000-0000-0000-0000-000000000000'), 0, 0
                FROM audit_records WHERE kind = 'decision'
                """);
            migrationBuilder.Sql(
                """
                UPDATE audit_records SET scope_id =
                    (SELECT s.scope_id FROM audit_scopes s WHERE s.organization_id = coalesce(audit_records.organization_id, '00000000-0000-0000-0000-000000000000')
                        AND s.project_id = coalesce(audit_records.project_id, '00000000-0000-0000-0000-000000000000'))
                WHERE kind = 'decision'
                """);

            // Names by which older records are found. Their digests are random: the first new record adds a row of its own, and a search takes both.
            migrationBuilder.Sql(
                """
                INSERT INTO audit_names (scope_id, facet, digest, is_rest, tool, folded)
                SELECT scope_id, 'what', randomblob(32), 0, tool, lower(coalesce(tool, '')) FROM audit_records WHERE kind = 'decision' GROUP BY scope_id, tool
                """);
            migrationBuilder.Sql(
                """
                INSERT INTO audit_names (scope_id, facet, digest, is_rest, agent, key_id, source, folded)
                SELECT scope_id, 'who', randomblob(32), 0, agent, key_id, 'enforced', lower(coalesce(agent, '')) FROM audit_records WHERE kind = 'decision' GROUP BY scope_id, agent, key_id
                """);
            migrationBuilder.Sql(
                """
                INSERT INTO audit_names (scope_id, facet, digest, is_rest, reason, rule, folded)
                SELECT r.scope_id, 'why', randomblob(32), 0, r.reason, r.rule,
                       lower(coalesce(r.reason, '') || char(10) || coalesce(r.rule, '') || char(10) || coalesce(CAST(p.payload AS TEXT) ->> '$.message', '')) AS folded
                FROM audit_records r LEFT JOIN audit_payloads p ON p.stream_id = r.stream_id AND p.seq = r.seq
                WHERE r.kind = 'decision' GROUP BY r.scope_id, r.reason, r.rule, folded
                """);
            migrationBuilder.Sql("CREATE INDEX audit_names_once ON audit_names (scope_id, facet, tool, agent, key_id, reason, rule, folded)");
            migrationBuilder.Sql(
                """
                UPDATE audit_records SET
                    what_id = (SELECT n.name_id FROM audit_names n WHERE n.scope_id = audit_records.scope_id AND n.facet = 'what' AND n.tool IS audit_records.tool),
                    who_id = (SELECT n.name_id FROM audit_names n WHERE n.scope_id = audit_records.scope_id AND n.facet = 'who' AND n.agent IS audit_records.agent AND n.key_id IS audit_records.key_id),
                    why_id = (SELECT n.name_id FROM audit_names n WHERE n.scope_id = audit_records.scope_id AND n.facet = 'why' AND n.reason IS audit_records.reason AND n.rule IS audit_records.rule
                        AND n.folded = lower(coalesce(audit_records.reason, '') || char(10) || coalesce(audit_records.rule, '') || char(10) || coalesce(
                            (SELECT CAST(p.payload AS TEXT) ->> '$.message' FROM audit_payloads p WHERE p.stream_id = audit_records.stream_id AND p.seq = audit_records.seq), '')))
                WHERE kind = 'decision'
                """);
            migrationBuilder.Sql("DROP INDEX audit_names_once");
            migrationBuilder.Sql("CREATE TRIGGER audit_records_no_update BEFORE UPDATE ON audit_records BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END");
            migrationBuilder.Sql(
                """
                CREATE VIEW audit_events AS
                SELECT lower(d.call_id) AS id, lower(d.organization_id) AS org_id, lower(d.project_id) AS project_id,
                       strftime('%Y-%m-%dT%H:%M:%fZ', d.time_us / 1000000.0, 'unixepoch') AS timestamp,
                       d.tool AS tool_name, d.decision, d.rule AS policy_rule_matched,
                       json_object('reason', d.reason, 'source', d.source, 'status', o.status, 'duration_us', o.duration_us, 'agent', d.agent, 'key_id', d.key_id, 'method', d.method)
                           AS request_metadata,
                       strftime('%Y-%m-%dT%H:%M:%fZ', d.time_us / 1000000.0, 'unixepoch') AS created_at
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
                name: "audit_scopes");

            migrationBuilder.DropIndex(
                name: "ix_audit_records_scope_id_decision_time_us",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "ix_audit_records_scope_id_time_us",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "ix_audit_records_what_id_time_us",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "ix_audit_records_who_id_time_us",
                table: "audit_records");

            migrationBuilder.DropIndex(
                name: "ix_audit_records_why_id_time_us",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "action",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "actor",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "agent",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "duration_us",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "key_id",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "method",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "scope_id",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "source",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "what_id",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "who_id",
                table: "audit_records");

            migrationBuilder.DropColumn(
                name: "why_id",
                table: "audit_records");

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
    }
}
