using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Announcements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                CREATE FUNCTION announce(project uuid) RETURNS void LANGUAGE plpgsql AS $$
                DECLARE counted bigint;
                BEGIN
                    UPDATE change_counter SET value = value + 1 WHERE id = 1 RETURNING value INTO counted;
                    INSERT INTO project_changes (project_id, value) VALUES (project, counted) ON CONFLICT (project_id) DO UPDATE SET value = counted;
                    PERFORM pg_notify('mcpshield_projects', project::text);
                END $$;
                CREATE FUNCTION announce_own() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM announce(CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END); RETURN NULL; END $$;
                CREATE FUNCTION announce_part() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM announce(CASE WHEN TG_OP = 'DELETE' THEN OLD.project_id ELSE NEW.project_id END); RETURN NULL; END $$;
                CREATE FUNCTION announce_organization() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM announce(p.id) FROM projects p WHERE p.org_id = NEW.id; RETURN NULL; END $$;
                CREATE FUNCTION announce_owner() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM announce(p.id) FROM projects p JOIN organizations o ON o.id = p.org_id WHERE o.owner_user_id = NEW.user_id; RETURN NULL; END $$;
                CREATE TRIGGER announce_projects AFTER INSERT OR DELETE OR UPDATE OF org_id, name, environment, policy_yaml ON projects FOR EACH ROW EXECUTE FUNCTION announce_own();
                CREATE TRIGGER announce_keys AFTER INSERT OR DELETE OR UPDATE OF key_hash, agent, roles, scopes, expires_at, revoked_at ON api_keys FOR EACH ROW EXECUTE FUNCTION announce_part();
                CREATE TRIGGER announce_connections AFTER INSERT OR DELETE OR UPDATE ON connections FOR EACH ROW EXECUTE FUNCTION announce_part();
                CREATE TRIGGER announce_quota AFTER UPDATE OF events_refused_until ON organizations FOR EACH ROW EXECUTE FUNCTION announce_organization();
                CREATE TRIGGER announce_standing AFTER UPDATE OF status ON profiles FOR EACH ROW EXECUTE FUNCTION announce_owner();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP FUNCTION announce_own() CASCADE; DROP FUNCTION announce_part() CASCADE; DROP FUNCTION announce_organization() CASCADE;
                DROP FUNCTION announce_owner() CASCADE; DROP FUNCTION announce(uuid);
                """);
        }
    }
}
