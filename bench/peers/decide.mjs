// The policy and the calls of DecisionWorld.cs, put to other engines: one rule for each tool and its folder. `npm ci && node decide.mjs`
import { createRequire } from "node:module";
import { celEnv, parse, plan } from "@bufbuild/cel";
import { newEnforcer, newModelFromString } from "casbin";

const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");
const sizes = [10, 100, 1_000, 10_000];
const tool = (rule) => `server${rule}.read_text_file`;
const path = (rule) => `/data/team${rule}/reports/2026/november.md`;

const engines = {
  // One expression a rule, planned once, asked in order until one holds.
  cel(rules) {
    const plans = Array.from({ length: rules }, (_, i) => plan(celEnv(), parse(`tool == '${tool(i)}' && path.startsWith('/data/team${i}/')`)));
    return (call) => plans.some((decide) => decide({ tool: tool(call), path: path(call) }) === true);
  },
  async casbin(rules) {
    if (rules > 1_000) return null;
    const model = newModelFromString("[request_definition]\nr = tool, path\n[policy_definition]\np = tool, path\n[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = r.tool == p.tool && keyMatch(r.path, p.path)\n");
    const enforcer = await newEnforcer(model);
    await enforcer.addPolicies(Array.from({ length: rules }, (_, i) => [tool(i), `/data/team${i}/*`]));
    return (call) => enforcer.enforceSync(tool(call), path(call));
  },
  cedar(rules) {
    if (rules > 1_000) return null;
    const text = Array.from({ length: rules }, (_, i) => `permit(principal, action == Action::"${tool(i)}", resource) when { context.path like "/data/team${i}/*" };`).join("\n");
    const parsed = cedar.preparsePolicySet(`p${rules}`, { staticPolicies: text });
    if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));
    return (call) => {
      const answer = cedar.statefulIsAuthorized({
        principal: { type: "Agent", id: "a" }, action: { type: "Action", id: tool(call) }, resource: { type: "Server", id: "s" },
        context: { path: path(call) }, preparsedPolicySetId: `p${rules}`, entities: [],
      });
      return answer.response.decision === "allow";
    };
  },
};

function time(decide, call, milliseconds = 400) {
  let done = 0;
  const start = performance.now();
  do { decide(call); done++; } while (performance.now() - start < milliseconds);
  return Math.round(((performance.now() - start) * 1e6) / done);
}

console.log("| engine | rules | first ns | last ns | none ns |\n| --- | --- | --- | --- | --- |");
for (const [name, build] of Object.entries(engines)) {
  for (const rules of sizes) {
    const decide = await build(rules);
    if (!decide) continue;
    if (!decide(0) || !decide(rules - 1) || decide(rules)) throw new Error(`${name} decides otherwise`);
    time(decide, rules - 1, 200);
    console.log(`| ${name} | ${rules} | ${time(decide, 0)} | ${time(decide, rules - 1)} | ${time(decide, rules)} |`);
  }
}
