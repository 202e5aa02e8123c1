using BenchmarkDotNet.Running;
using McpShield.Bench;

if (args is ["load", ..]) await GatewayLoad.RunAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 9);
else BenchmarkSwitcher.FromAssembly(typeof(GatewayLoad).Assembly).Run(args);
