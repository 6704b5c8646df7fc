// safety_number.mjs - 60 digits that two people can read to each other, whenever (Signal's numeric fingerprints).
import { Reader } from './bytes.mjs';

const ITERATIONS = 5200;

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} key */
async function half(primitives, key) {
  let hash = await primitives.sha512(Uint8Array.of(0, 0), key, key, key);
  for (let i = 1; i < ITERATIONS; i++) hash = await primitives.sha512(hash, key);
  const reader = new Reader(hash);
  return Array.from({ length: 6 }, () => String(reader.uint(5) % 100000).padStart(5, '0'));
}

/**
 * The same for both, whoever asks.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} ours @param {Uint8Array} theirs
 * @returns {Promise<string>} twelve groups of five digits
 */
export async function safetyNumber(primitives, ours, theirs) {
  const halves = [await half(primitives, ours), await half(primitives, theirs)].map((groups) => groups.join(' '));
  return halves.sort().join(' ');
}

/** Do the typed digits, white space aside, say the same? @param {string} number @param {string} typed */
export function numbersAgree(number, typed) {
  return number.replace(/\s/g, '') === typed.replace(/\s/g, '');
}

/** @param {string} number @param {string} typed the last six digits */
export function numberEndsWith(number, typed) {
  const digits = typed.replace(/\s/g, '');
  return /^\d{6}$/.test(digits) && number.replace(/\s/g, '').endsWith(digits);
}
