// Makes `unicode.bin` and the conformance data of its tests. README.md says where the input comes from.
//   node generate.mjs UCD_FOLDER UTS46_TXT IDNA_TEST_V2_TXT
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { LIMIT, readCaseFolding, readIdna, readProperty, readUnicodeData, requireVersion } from './ucd.mjs';
import { numbers, TextPool, trie } from './pack.mjs';
import { checkAgainstIcu } from './check.mjs';

const VERSION = '17.0.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [ucd, uts46, idnaTest] = process.argv.slice(2);
if (!idnaTest) throw new Error('usage: node generate.mjs UCD_FOLDER UTS46_TXT IDNA_TEST_V2_TXT');

// The order is that of System.Globalization.UnicodeCategory.
const CATEGORIES = 'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Cn'.split(' ');
// The order is that of BidiClass; the classes that no rule of RFC 5893 names are "other", which no label may hold.
const BIDI = 'Other L R AL AN EN ES CS ET ON BN NSM'.split(' ');
const JOINING = 'U L R D T C'.split(' ');
const IDNA = ['disallowed', 'valid', 'mapped', 'ignored'];

const S_BASE = 0xAC00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11A7, V_COUNT = 21, T_COUNT = 28, S_COUNT = 11172;
const isHangul = cp => cp >= S_BASE && cp < S_BASE + S_COUNT;

for (const path of [join(ucd, 'CaseFolding.txt'), join(ucd, 'DerivedNormalizationProps.txt'), join(ucd, 'ReadMe.txt'), uts46, idnaTest]) {
  requireVersion(path, VERSION);
}

const { category, bidi, combining, raw } = readUnicodeData(ucd);
const fold = readCaseFolding(ucd);
const joining = readProperty(join(ucd, 'extracted/DerivedJoiningType.txt'));
const nfc = readProperty(join(ucd, 'DerivedNormalizationProps.txt'), 'NFC_QC');
const nfkc = readProperty(join(ucd, 'DerivedNormalizationProps.txt'), 'NFKC_QC');
const excluded = readProperty(join(ucd, 'DerivedNormalizationProps.txt'), 'Full_Composition_Exclusion');
const idna = readIdna(uts46);

function decompose(cp, compatibility) {
  if (isHangul(cp)) {
    const s = cp - S_BASE, t = s % T_COUNT;
    const lv = [L_BASE + Math.floor(s / (V_COUNT * T_COUNT)), V_BASE + Math.floor((s % (V_COUNT * T_COUNT)) / T_COUNT)];
    return t ? [...lv, T_BASE + t] : lv;
  }

  const entry = raw.get(cp);
  if (!entry || (entry.compatibility && !compatibility)) return [cp];
  return entry.to.flatMap(part => decompose(part, compatibility));
}

const records = new Map();
const properties = [];
for (let cp = 0; cp < LIMIT; cp++) {
  const known = CATEGORIES.indexOf(category[cp]);
  if (known < 0) throw new Error(`category ${category[cp]}`);
  // Maybe means: may combine with what stands before it. A jamo does too, and its quick check says so.
  const flags = (nfc.get(cp) === 'N' ? 1 : 0) | (nfkc.get(cp) === 'N' ? 2 : 0) | (nfc.get(cp) === 'M' ? 4 : 0);
  if (nfc.get(cp) === 'M' && nfkc.get(cp) !== 'M') throw new Error(`quick checks of ${cp.toString(16)}`);
  const record = [
    known | IDNA.indexOf(idna.status[cp] ?? 'disallowed') << 5,
    combining[cp],
    Math.max(0, BIDI.indexOf(bidi[cp])) | JOINING.indexOf(joining.get(cp) ?? 'U') << 4,
    flags,
  ];
  const key = record.join();
  if (!records.has(key)) records.set(key, { index: records.size, record });
  properties.push(records.get(key).index);
}

const pool = new TextPool();
function mappings(of) {
  const positions = new Array(LIMIT).fill(0);
  for (let cp = 0; cp < LIMIT; cp++) {
    const to = of(cp);
    if (to && !(to.length === 1 && to[0] === cp)) positions[cp] = pool.add(to);
  }

  return positions;
}

const canonical = mappings(cp => isHangul(cp) ? null : decompose(cp, false));
const compatible = mappings(cp => isHangul(cp) ? null : decompose(cp, true));
const folded = mappings(cp => fold.get(cp));
const mapped = mappings(cp => idna.mapping.get(cp));

const pairs = [...raw]
  .filter(([cp, entry]) => !entry.compatibility && entry.to.length === 2 && !excluded.has(cp))
  .map(([cp, { to: [first, second] }]) => ({ first, second, cp }))
  .sort((a, b) => a.first - b.first || a.second - b.second);
for (const { second } of pairs) {
  if (nfc.get(second) !== 'M') throw new Error(`${second.toString(16)} composes, but its quick check does not say so`);
}

checkAgainstIcu({ version: VERSION, category, decompose });

const tables = Buffer.concat([
  Buffer.from(`MCPSHIELD-UNICODE ${VERSION}\n`),
  numbers([...records.values()].flatMap(({ record }) => record)),
  trie(properties),
  numbers(pool.units), trie(canonical), trie(compatible), trie(folded), trie(mapped),
  numbers(pairs.map(pair => pair.first)), numbers(pairs.map(pair => pair.second)), numbers(pairs.map(pair => pair.cp)),
]);
writeFileSync(join(root, 'src/McpShield.Policy/Unicode/unicode.bin'), tables);

// The comments are left out, and say nothing that the tests read; the first lines with version and copyright stay.
const trim = text => text.split('\n').map((line, i) => i < 5 ? line : line.replace(/\s*#.*/, '')).filter(Boolean).join('\n');
const data = join(root, 'tests/McpShield.Policy.Tests/Unicode/Data');
mkdirSync(data, { recursive: true });
const normalization = execFileSync('bzcat', [join(ucd, 'NormalizationTest.txt.bz2')], { maxBuffer: 1 << 24, encoding: 'utf8' });
if (!normalization.startsWith(`# NormalizationTest-${VERSION}.txt`)) throw new Error('NormalizationTest.txt is of another version');
const files = {
  NormalizationTest: normalization,
  IdnaTestV2: readFileSync(idnaTest, 'utf8'),
  CaseFolding: readFileSync(join(ucd, 'CaseFolding.txt'), 'utf8'),
  DerivedGeneralCategory: readFileSync(join(ucd, 'extracted/DerivedGeneralCategory.txt'), 'utf8'),
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(data, `${name}.txt.gz`), gzipSync(trim(text), { level: 9 }));

console.log(`${records.size} records, ${pairs.length} pairs, ${tables.length} octets`);
