// Reads the files of the Unicode Character Database that the tables are made from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const LIMIT = 0x110000;

/** Every line of a UCD file as its fields, without comments. */
function* rows(path) {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const text = line.replace(/#.*/, '').trim();
    if (text) yield text.split(';').map(field => field.trim());
  }
}

function* range(field) {
  const [first, last = first] = field.split('..').map(hex => parseInt(hex, 16));
  for (let cp = first; cp <= last; cp++) yield cp;
}

const codePoints = field => field.split(' ').filter(Boolean).map(hex => parseInt(hex, 16));

/** Every file names its version in its first lines; two versions must never mix. */
export function requireVersion(path, version) {
  const head = readFileSync(path, 'utf8').slice(0, 1000);
  if (!head.includes(version)) throw new Error(`${path} is not of Unicode ${version}`);
}

/** General category, combining class, bidi class and raw decomposition of every code point. */
export function readUnicodeData(ucd) {
  const category = new Array(LIMIT).fill('Cn');
  const bidi = new Array(LIMIT).fill('L');
  const combining = new Uint8Array(LIMIT);
  const raw = new Map();
  let first = -1;
  for (const [code, name, gc, ccc, bc, decomposition] of rows(join(ucd, 'UnicodeData.txt'))) {
    const cp = parseInt(code, 16);
    if (name.endsWith(', First>')) {
      first = cp;
      continue;
    }

    for (let at = first >= 0 ? first : cp; at <= cp; at++) {
      category[at] = gc;
      bidi[at] = bc;
      combining[at] = Number(ccc);
    }

    first = -1;
    if (decomposition) {
      const tagged = decomposition.startsWith('<');
      raw.set(cp, { compatibility: tagged, to: codePoints(decomposition.replace(/<[^>]*> /, '')) });
    }
  }

  return { category, bidi, combining, raw };
}

/** Full case folding: the common (C) and full (F) mappings; not the simple nor the Turkic ones. */
export function readCaseFolding(ucd) {
  const fold = new Map();
  for (const [code, status, to] of rows(join(ucd, 'CaseFolding.txt'))) {
    if (status === 'C' || status === 'F') fold.set(parseInt(code, 16), codePoints(to));
  }

  return fold;
}

/** A property given as `range ; value`, or `range ; name ; value` when a name is asked for. */
export function readProperty(path, name) {
  const values = new Map();
  for (const [field, ...rest] of rows(path)) {
    if (name && rest[0] !== name) continue;
    for (const cp of range(field)) values.set(cp, name ? rest[1] ?? 'Y' : rest[0]);
  }

  return values;
}

/**
 * The IDNA mapping table in the syntax of ICU's gennorm2 (`uts46.txt`): `code>mapping`, nothing after `>` for ignored,
 * U+FFFD for disallowed; valid and deviation lines are commented out. Deviations are valid: processing is non-transitional.
 */
export function readIdna(path) {
  const status = new Array(LIMIT).fill(undefined);
  const mapping = new Map();
  const set = (field, value, to) => {
    for (const cp of range(field)) {
      if (status[cp]) throw new Error(`two statuses for ${cp.toString(16)}`);
      status[cp] = value;
      if (to) mapping.set(cp, to);
    }
  };

  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const commented = /^# ([0-9A-F.]+) *(valid|deviation)\b/.exec(line);
    const active = /^([0-9A-F.]+) *>([0-9A-F ]*)/.exec(line);
    if (commented) set(commented[1], 'valid');
    if (!active) continue;
    const to = codePoints(active[2]);
    if (to.length === 0) set(active[1], 'ignored');
    else if (to.length === 1 && to[0] === 0xFFFD) set(active[1], 'disallowed');
    else set(active[1], 'mapped', to);
  }

  return { status, mapping };
}
