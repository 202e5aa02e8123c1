using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Announcements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_project_added AFTER INSERT ON projects
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_project_changed AFTER UPDATE OF org_id, name, environment, policy_yaml ON projects
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_project_gone AFTER DELETE ON projects
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT OLD.id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_key_added AFTER INSERT ON api_keys
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_key_changed AFTER UPDATE OF key_hash, agent, roles, scopes, expires_at, revoked_at ON api_keys
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_key_gone AFTER DELETE ON api_keys
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT OLD.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_connection_added AFTER INSERT ON connections
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_connection_changed AFTER UPDATE ON connections
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT NEW.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_connection_gone AFTER DELETE ON connections
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT OLD.project_id, (SELECT value FROM change_counter WHERE id = 1);
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_quota AFTER UPDATE OF events_refused_until ON organizations
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT p.id, (SELECT value FROM change_counter WHERE id = 1) FROM projects p WHERE p.org_id = NEW.id;
                END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER announce_standing AFTER UPDATE OF status ON profiles
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1;
                    INSERT OR REPLACE INTO project_changes (project_id, value) SELECT p.id, (SELECT value FROM change_counter WHERE id = 1) FROM projects p JOIN organizations o ON o.id = p.org_id WHERE o.owner_user_id = NEW.user_id;
                END
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER announce_project_added");
            migrationBuilder.Sql("DROP TRIGGER announce_project_changed");
            migrationBuilder.Sql("DROP TRIGGER announce_project_gone");
            migrationBuilder.Sql("DROP TRIGGER announce_key_added");
            migrationBuilder.Sql("DROP TRIGGER announce_key_changed");
            migrationBuilder.Sql("DROP TRIGGER announce_key_gone");
            migrationBuilder.Sql("DROP TRIGGER announce_connection_added");
            migrationBuilder.Sql("DROP TRIGGER announce_connection_changed");
            migrationBuilder.Sql("DROP TRIGGER announce_connection_gone");
            migrationBuilder.Sql("DROP TRIGGER announce_quota");
            migrationBuilder.Sql("DROP TRIGGER announce_standing");
        }
    }
}
