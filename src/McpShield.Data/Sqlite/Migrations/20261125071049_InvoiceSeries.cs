using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpShield.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class InvoiceSeries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "invoice_series",
                columns: table => new
                {
                    year = table.Column<int>(type: "INTEGER", nullable: false),
                    last = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_series", x => x.year);
                });

            // Numbers given out before go on, and are not given out again.
            migrationBuilder.Sql("INSERT INTO invoice_series (year, last) SELECT CAST(substr(number, 1, 4) AS integer), max(CAST(substr(number, 6) AS bigint)) FROM invoices GROUP BY substr(number, 1, 4)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "invoice_series");
        }
    }
}
