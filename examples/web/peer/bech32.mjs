// bech32.mjs - bech32m text (BIP-350), and its alphabet and checksum for longer texts (engine/trust/bech32.h).
import { ascii } from './bytes.mjs';

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CONSTANT = 0x2bc830a3;
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM = 6;

/** @param {number} c @param {Iterable<number>} values */
function polymod(c, values) {
  for (const value of values) {
    const top = c >>> 25;
    c = ((c & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((word, i) => {
      if ((top >>> i) & 1) c ^= word;
    });
  }
  return c >>> 0;
}

/** @param {string} prefix */
function prefixState(prefix) {
  const codes = [...ascii(prefix.toLowerCase())];
  return polymod(1, [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)]);
}

/** Groups of five bits, the last one padded with zeros. @param {Uint8Array} bytes */
function toGroups(bytes) {
  const groups = [];
  let bits = 0;
  let have = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (have += 8; have >= 5; ) groups.push((bits >> (have -= 5)) & 31);
  }
  if (have) groups.push((bits << (5 - have)) & 31);
  return groups;
}

/** Padding must be zero and shorter than a group, so that a text has one meaning. @returns {Uint8Array|null} */
function fromGroups(groups) {
  const bytes = [];
  let bits = 0;
  let have = 0;
  for (const group of groups) {
    bits = ((bits << 5) | group) & 0xfff;
    if ((have += 5) >= 8) bytes.push((bits >> (have -= 8)) & 255);
  }
  return have < 5 && (bits & ((1 << have) - 1)) === 0 ? Uint8Array.from(bytes) : null;
}

/** @param {string} label @param {Uint8Array} bytes @returns {string} upper case, as a QR code wants it */
export function encodeBase32(label, bytes) {
  const groups = toGroups(bytes);
  const sum = polymod(prefixState(label), [...groups, ...Array(CHECKSUM).fill(0)]) ^ CONSTANT;
  const checksum = Array.from({ length: CHECKSUM }, (_, i) => (sum >>> (5 * (CHECKSUM - 1 - i))) & 31);
  return [...groups, ...checksum].map((group) => ALPHABET[group]).join('').toUpperCase();
}

/** @param {string} label @param {string} text one case, not mixed @returns {Uint8Array|null} */
export function decodeBase32(label, text) {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return null;
  const groups = [...text.toLowerCase()].map((character) => ALPHABET.indexOf(character));
  if (groups.length < CHECKSUM || groups.includes(-1)) return null;
  if (polymod(prefixState(label), groups) !== CONSTANT) return null;
  return fromGroups(groups.slice(0, -CHECKSUM));
}

/** @param {string} prefix @param {Uint8Array} bytes @returns {string} lower case */
export function encodeBech32m(prefix, bytes) {
  return `${prefix}1${encodeBase32(prefix, bytes).toLowerCase()}`;
}

/** @param {string} prefix @param {string} text @returns {Uint8Array|null} */
export function decodeBech32m(prefix, text) {
  const head = `${prefix}1`;
  const upper = text === text.toUpperCase();
  if (!text.toLowerCase().startsWith(head) || (!upper && text !== text.toLowerCase()) || text.length > 90) return null;
  return decodeBase32(prefix, text.slice(head.length));
}
