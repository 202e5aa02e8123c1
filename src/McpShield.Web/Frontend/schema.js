// What a JSON Schema says of a place in a YAML document. Places are found by indentation, not by parsing: a document that is being written seldom parses.

const KEY = /^(\s*(?:-\s+)*)("[^"]*"|'[^']*'|[^\s#:'"\-][^:#]*?|-[^\s:][^:#]*?)\s*:(?=\s|$)/;

/** The columns of a line: its list dashes, and where what follows them begins. */
function columns(text) {
  const dashes = [];
  let at = 0;
  for (;;) {
    while (text[at] === " ") at++;
    if (text[at] !== "-" || (text[at + 1] !== undefined && text[at + 1] !== " ")) break;
    dashes.push(at++);
  }
  return { dashes, start: at };
}

export function keyOf(text) {
  const match = KEY.exec(text);
  return match && { name: match[2].replace(/^["']|["']$/g, ""), from: match[1].length, to: match[1].length + match[2].length };
}

/** The path to the mapping or list that holds column `column` of line `number` (from 1): keys, and `[]` for an item of a list. */
export function pathAt(lines, number, column) {
  const path = [];
  let limit = column;
  const climb = (dashes) => {
    for (const dash of dashes.toReversed()) {
      if (dash >= limit) continue;
      path.unshift("[]");
      limit = dash;
    }
  };
  climb(columns(lines[number - 1].slice(0, column)).dashes);

  for (let i = number - 2; i >= 0 && (limit > 0 || path[0] === "[]"); i--) {
    const text = lines[i];
    if (!text.trim() || text.trimStart().startsWith("#")) continue;
    const { dashes, start } = columns(text);
    const key = keyOf(text);

    // A list may stand at the very column of the key that holds it.
    const holds = path[0] === "[]" && dashes.length === 0 && start === limit;
    if (key && (start < limit || holds)) {
      path.unshift(key.name);
      limit = start;
      climb(dashes);
    } else if (start <= limit) {
      climb(dashes);
    }
  }
  return path;
}

/** Every schema that may hold for what `schema` describes, its alternatives opened. */
function alternatives(root, schema, seen = new Set()) {
  if (!schema || typeof schema !== "object" || seen.has(schema)) return [];
  seen.add(schema);
  const all = [schema];
  if (schema.$ref) all.push(...alternatives(root, schema.$ref.split("/").slice(1).reduce((at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], root), seen));
  for (const word of ["allOf", "anyOf", "oneOf"]) for (const one of schema[word] ?? []) all.push(...alternatives(root, one, seen));
  for (const word of ["then", "else"]) all.push(...alternatives(root, schema[word], seen));
  return all;
}

export function schemasAt(root, path) {
  let here = alternatives(root, root);
  for (const part of path) {
    const next = here.flatMap(one => {
      if (part === "[]") return [one.items];
      if (one.properties?.[part]) return [one.properties[part]];
      const patterns = Object.entries(one.patternProperties ?? {}).filter(([pattern]) => new RegExp(pattern).test(part)).map(([, schema]) => schema);
      return patterns.length ? patterns : [one.additionalProperties];
    });
    const seen = new Set();
    here = next.flatMap(one => alternatives(root, one, seen));
  }
  return here;
}

/** Keys that may stand in a mapping: name, what it means, whether what follows is on lines of its own. */
export function keysAt(root, path) {
  const keys = new Map();
  for (const one of schemasAt(root, path)) {
    for (const [name, schema] of Object.entries(one.properties ?? {})) {
      const all = alternatives(root, schema);
      const opens = all.length > 0 && all.some(a => a.type === "object" || a.type === "array") && !all.some(a => ["string", "integer", "number", "boolean"].includes(a.type) || a.enum || "const" in a);
      if (!keys.has(name)) keys.set(name, { name, description: describe(all), opens, required: one.required?.includes(name) ?? false });
    }
  }
  return [...keys.values()];
}

/** Values that may stand at a place. */
export function valuesAt(root, path) {
  const values = new Set();
  for (const one of schemasAt(root, path)) {
    for (const value of one.enum ?? []) values.add(String(value));
    if ("const" in one) values.add(String(one.const));
    if (one.type === "boolean") values.add("true").add("false");
  }
  return [...values];
}

export function describe(schemas) {
  return schemas.find(one => one.description)?.description ?? "";
}
