using System.Globalization;
using BenchmarkDotNet.Running;
using McpShield.Bench;

if (args is ["load", ..]) await GatewayLoad.RunAsync(Rounds(args));
else if (args is ["ingest", ..]) await IngestLoad.RunAsync(Rounds(args));
else if (args is ["decisions", ..]) DecisionRounds.Run(Rounds(args));
else if (args is ["audits", var rows, ..]) await AuditRounds.RunAsync(long.Parse(rows, CultureInfo.InvariantCulture));
else BenchmarkSwitcher.FromAssembly(typeof(GatewayLoad).Assembly).Run(args);

static int Rounds(string[] args) => args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 9;
