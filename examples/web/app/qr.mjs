// qr.mjs - an invite as a QR code (ISO/IEC 18004): one version, one mode, one mask, which is all that an invite needs.
//
// Version 11, error correction M, alphanumeric: up to 366 of 45 characters, in 404 codewords of five blocks. The mask
// is always the first: the text is as good as random, and a reader takes any.

const SIZE = 61;
const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const TEXT_MAX = 366;
const DATA = 254; /* codewords, in one block of 50 and four of 51 */
const BLOCKS = [50, 51, 51, 51, 51];
const CHECKS = 30; /* for each */
const ALIGNMENT = [6, 30, 54];
const FORMAT = 0x5412; /* M, mask 0, section 7.9 */
const VERSION = 0x0bbf6; /* 11, section 7.10 */

/* ---- codewords ---- */

/** @param {string} text @returns {Uint8Array} */
function dataOf(text) {
  const digits = [...text].map((character) => CHARACTERS.indexOf(character));
  if (digits.includes(-1) || digits.length > TEXT_MAX) throw new RangeError('this text does not fit into the code');
  let bits = '0010' + digits.length.toString(2).padStart(11, '0');
  for (let i = 0; i + 1 < digits.length; i += 2)
    bits += (digits[i] * 45 + digits[i + 1]).toString(2).padStart(11, '0');
  if (digits.length % 2) bits += digits.at(-1).toString(2).padStart(6, '0');
  bits = bits.padEnd(Math.min(bits.length + 4, DATA * 8), '0');
  const bytes = bits.match(/.{1,8}/g).map((byte) => parseInt(byte.padEnd(8, '0'), 2));
  return Uint8Array.from({ length: DATA }, (_, i) => bytes[i] ?? ((i - bytes.length) % 2 ? 0x11 : 0xec));
}

/** In GF(256) of x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--)
    product = (product << 1) ^ (product & 0x80 ? 0x11d : 0) ^ ((b >> bit) & 1 ? a : 0);
  return product;
}

/** The coefficients of (x - 1)(x - 2)(x - 4) ..., without the first, which is 1. */
function generator() {
  const out = new Uint8Array(CHECKS);
  out[CHECKS - 1] = 1;
  for (let i = 0, root = 1; i < CHECKS; i++, root = multiply(root, 2))
    for (let j = 0; j < CHECKS; j++) out[j] = multiply(out[j], root) ^ (out[j + 1] ?? 0);
  return out;
}

/** Reed-Solomon, section 7.5.2. @param {Uint8Array} data */
function checksOf(data) {
  const divisor = generator();
  const rest = new Array(CHECKS).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((coefficient, i) => (rest[i] ^= multiply(coefficient, factor)));
  }
  return rest;
}

/** One of each block in turn, then one check of each. @param {Uint8Array} data @returns {number[]} */
function interleave(data) {
  const starts = BLOCKS.map((_, i) => BLOCKS.slice(0, i).reduce((sum, size) => sum + size, 0));
  const blocks = starts.map((start, i) => data.subarray(start, start + BLOCKS[i]));
  const checks = blocks.map(checksOf);
  const columns = (of, count) => Array.from({ length: count }, (_, i) => of.flatMap((block) => block[i] ?? [])).flat();
  return [...columns(blocks, Math.max(...BLOCKS)), ...columns(checks, CHECKS)];
}

/* ---- modules ---- */

class Modules {
  dark = Array.from({ length: SIZE }, () => new Array(SIZE).fill(false));
  taken = Array.from({ length: SIZE }, () => new Array(SIZE).fill(false));

  set(x, y, dark) {
    if (x < 0 || y < 0 || x >= SIZE || y >= SIZE) return;
    this.dark[y][x] = dark;
    this.taken[y][x] = true;
  }

  /** Squares around a middle; `light` is the ring, or rings, that are not dark. */
  square(x, y, radius, light) {
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++)
        this.set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
  }

  patterns() {
    for (let i = 0; i < SIZE; i++) {
      this.set(i, 6, i % 2 === 0);
      this.set(6, i, i % 2 === 0);
    }
    for (const [x, y] of [[3, 3], [SIZE - 4, 3], [3, SIZE - 4]]) this.square(x, y, 4, [2, 4]);
    for (const x of ALIGNMENT)
      for (const y of ALIGNMENT) if (Math.min(x, y) > 6 || Math.max(x, y) === 30) this.square(x, y, 2, [1]);
  }

  /** Twice each, against a code of which a corner is covered. */
  numbers() {
    for (let i = 0; i < 15; i++) {
      const dark = ((FORMAT >> i) & 1) === 1;
      this.set(...(i < 8 ? [8, i + (i > 5 ? 1 : 0)] : [i === 8 ? 7 : 14 - i, 8]), dark);
      this.set(...(i < 8 ? [SIZE - 1 - i, 8] : [8, SIZE - 15 + i]), dark);
    }
    this.set(8, SIZE - 8, true);
    for (let i = 0; i < 18; i++) {
      const [across, along, dark] = [SIZE - 11 + (i % 3), Math.floor(i / 3), ((VERSION >> i) & 1) === 1];
      this.set(across, along, dark);
      this.set(along, across, dark);
    }
  }

  /** Two columns at a time from the right, up and down, around what is taken; masked. @param {number[]} codewords */
  fill(codewords) {
    let at = 0;
    for (let right = SIZE - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up)
      for (let step = 0; step < SIZE; step++)
        for (const x of [right, right - 1]) {
          const y = up ? SIZE - 1 - step : step;
          if (this.taken[y][x]) continue;
          const bit = (codewords[at >> 3] >> (7 - (at & 7))) & 1;
          this.dark[y][x] = (bit === 1) !== ((x + y) % 2 === 0);
          at++;
        }
  }
}

/** @param {string} text @returns {boolean[][]} rows; true is dark */
export function qrCode(text) {
  const modules = new Modules();
  modules.patterns();
  modules.numbers();
  modules.fill(interleave(dataOf(text)));
  return modules.dark;
}

/** The path of an SVG whose viewBox is qrViewBox: all that is dark. @param {string} text @returns {string} */
export function qrPath(text) {
  const runs = qrCode(text).map((row, y) =>
    [...row.map((dark) => (dark ? '1' : '0')).join('').matchAll(/1+/g)].map(
      ({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`,
    ),
  );
  return runs.flat().join('');
}

/** With the four light modules around it that a reader wants. */
export const qrViewBox = `-4 -4 ${SIZE + 8} ${SIZE + 8}`;
