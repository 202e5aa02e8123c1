// A second opinion: node brings ICU, whose tables were made by other people from the same standard.
import { LIMIT } from './ucd.mjs';

const isSurrogate = cp => cp >= 0xD800 && cp <= 0xDFFF;

/** Compares every code point with node's ICU, which must be of the same Unicode version to be a judge. */
export function checkAgainstIcu({ version, category, decompose }) {
  if (`${process.versions.unicode}.0` !== version) {
    console.warn(`node has Unicode ${process.versions.unicode}: not compared with ICU`);
    return;
  }

  for (let cp = 0; cp < LIMIT; cp++) {
    const text = String.fromCodePoint(cp);
    const name = `U+${cp.toString(16).toUpperCase().padStart(4, '0')}`;
    if (!new RegExp(`^\\p{gc=${category[cp]}}$`, 'u').test(text)) throw new Error(`${name}: category ${category[cp]}`);
    if (isSurrogate(cp)) continue;
    for (const [form, compatibility] of [['NFD', false], ['NFKD', true]]) {
      const ours = String.fromCodePoint(...decompose(cp, compatibility));
      if (ours !== text.normalize(form)) throw new Error(`${name}: ${form}`);
    }
  }

  console.log(`categories and decompositions of all code points agree with ICU ${process.versions.icu}`);
}
