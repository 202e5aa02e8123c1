// Packs tables for `UnicodeTables.cs`, which reads them in the same order. All numbers are little-endian.

/** One value a code point, as two stages; the block size that gives the smallest table is tried out. */
export function trie(values) {
  let best;
  for (let shift = 4; shift <= 9; shift++) {
    const candidate = split(values, shift);
    if (!best || candidate.length < best.length) best = candidate;
  }

  return best;
}

function split(values, shift) {
  const size = 1 << shift;
  const blocks = new Map();
  const index = [];
  const data = [];
  for (let at = 0; at < values.length; at += size) {
    const block = values.slice(at, at + size);
    const key = block.join();
    if (!blocks.has(key)) {
      blocks.set(key, blocks.size);
      data.push(...block);
    }

    index.push(blocks.get(key));
  }

  return Buffer.concat([numbers([shift]), numbers(index), numbers(data)]);
}

/** A count, the width of a number in bytes (1, 2 or 4, the smallest that fits), the numbers. */
export function numbers(values) {
  const max = values.reduce((a, b) => Math.max(a, b), 0);
  const width = max <= 0xFF ? 1 : max <= 0xFFFF ? 2 : 4;
  const bytes = Buffer.alloc(5 + values.length * width);
  bytes.writeUInt32LE(values.length, 0);
  bytes.writeUInt8(width, 4);
  values.forEach((value, i) => bytes.writeUIntLE(value, 5 + i * width, width));
  return bytes;
}

/** Every distinct text once, as a length and UTF-16 units; position 0 means "no mapping". */
export class TextPool {
  units = [0];
  #positions = new Map();

  add(codePoints) {
    const text = String.fromCodePoint(...codePoints);
    if (!this.#positions.has(text)) {
      this.#positions.set(text, this.units.length);
      this.units.push(text.length, ...[...Array(text.length).keys()].map(i => text.charCodeAt(i)));
    }

    const position = this.#positions.get(text);
    if (position > 0xFFFF) throw new Error('the pool outgrew 16-bit positions');
    return position;
  }
}
