// node --test: what the editor knows of a place, on the real schema.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describe, keysAt, keyOf, pathAt, schemasAt, valuesAt } from "./schema.js";

const schema = JSON.parse(readFileSync(new URL("../../../docs/policy.schema.json", import.meta.url), "utf8"));

/** The path at the bar in a text. */
function at(text) {
  const lines = text.split("\n");
  const number = lines.findIndex(line => line.includes("|")) + 1;
  const column = lines[number - 1].indexOf("|");
  lines[number - 1] = lines[number - 1].replace("|", "");
  return pathAt(lines, number, column);
}

test("a place is found by indentation, however lists are written", () => {
  assert.deepEqual(at("version: 1\n|"), []);
  assert.deepEqual(at("settings:\n  |"), ["settings"]);
  assert.deepEqual(at("rules:\n  - |"), ["rules", "[]"]);
  assert.deepEqual(at("rules:\n- |"), ["rules", "[]"]);
  assert.deepEqual(at("rules:\n  - id: a\n    |"), ["rules", "[]"]);
  assert.deepEqual(at("rules:\n- id: a\n  when:\n    |"), ["rules", "[]", "when"]);
  assert.deepEqual(at("rules:\n  - id: a\n  - id: b\n    when:\n      any:\n        - |"), ["rules", "[]", "when", "any", "[]"]);
  assert.deepEqual(at("rules:\n  - id: a\n\n# words\n|"), []);
  assert.deepEqual(at("\"quoted key\":\n  |"), ["quoted key"]);
});

test("keys, values and explanations come from the schema", () => {
  const names = path => keysAt(schema, path).map(one => one.name);
  assert.ok(["version", "name", "default", "rules"].every(name => names([]).includes(name)));
  assert.ok(["id", "tool", "decision"].every(name => names(["rules", "[]"]).includes(name)));
  assert.deepEqual(valuesAt(schema, ["default"]).sort(), ["allow", "deny"]);
  assert.ok(valuesAt(schema, ["filters", "mine", "detectors", "[]"]).includes("email"));
  assert.match(describe(schemasAt(schema, ["mode"])), /shadow/);
  assert.deepEqual(schemasAt(schema, ["no such key", "below it"]), []);
});

test("a key ends at a colon that stands alone", () => {
  assert.equal(keyOf("  - tool: fs.read").name, "tool");
  assert.equal(keyOf("url: http://x").name, "url");
  assert.equal(keyOf("just words"), null);
  assert.equal(keyOf("# a: b"), null);
});
