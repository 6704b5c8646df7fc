// sframe.mjs - frames sealed end to end (RFC 9605): the header, the keys of a KID, and frames sealed and opened under
// them (signaling/sframe.h).
//
// Header and metadata are authenticated with the frame. A sealer counts: no CTR is used twice. An opener takes a CTR
// once, and none WINDOW or more below the newest that opened. KID and CTR are BigInt: they have 64 bits.
import { ascii, concat } from './bytes.mjs';

export const WINDOW = 1024n;
export const TAG_SIZE = 16;
/** @type {Record<number, { hash: string, keyBits: number }>} */
const SUITES = { 4: { hash: 'SHA-256', keyBits: 128 }, 5: { hash: 'SHA-512', keyBits: 256 } };
export const SUITE = Object.freeze({ AES_128_GCM_SHA256_128: 4, AES_256_GCM_SHA512_128: 5 });
const LAST_CTR = (1n << 64n) - 1n;

/** @param {bigint} value @param {number} size @returns {Uint8Array} big-endian */
function bigEndian(value, size) {
  const out = new Uint8Array(size);
  for (let i = size - 1, left = value; i >= 0; i--, left >>= 8n) out[i] = Number(left & 0xffn);
  return out;
}

/** @param {bigint} value @returns {Uint8Array} in no more bytes than it needs; none below 8 */
function bytesOf(value) {
  if (value < 8n) return new Uint8Array(0);
  let size = 1;
  while (value >> BigInt(8 * size)) size++;
  return bigEndian(value, size);
}

const nibbleOf = (value, bytes) => (bytes.length ? 8 | (bytes.length - 1) : Number(value));

/**
 * Section 4.3: a byte with both, when they are below 8; with their sizes in bytes less one otherwise.
 * @param {bigint} kid @param {bigint} ctr @returns {Uint8Array}
 */
export function encodeHeader(kid, ctr) {
  const [k, c] = [bytesOf(kid), bytesOf(ctr)];
  return concat(Uint8Array.of((nibbleOf(kid, k) << 4) | nibbleOf(ctr, c)), k, c);
}

/** @returns {{ kid: bigint, ctr: bigint, size: number }|null} null: cut short, or a number in more bytes than it needs */
export function parseHeader(bytes) {
  let size = 1;
  const read = (nibble) => {
    if (nibble < 8) return BigInt(nibble);
    let value = 0n;
    for (const end = size + (nibble & 7) + 1; size < end; size++) value = (value << 8n) | BigInt(bytes[size] ?? 0);
    return value;
  };
  const [kid, ctr] = [read(bytes[0] >> 4), read(bytes[0] & 15)];
  const again = bytes.length < size ? null : encodeHeader(kid, ctr);
  return again?.length === size && again[0] === bytes[0] ? { kid, ctr, size } : null;
}

/** What both ends of a KID have: its key and its salt (section 4.4.2). */
class FrameKey {
  kid = 0n;
  /** @type {SubtleCrypto} */ subtle;
  /** @type {CryptoKey} */ secret;
  salt = new Uint8Array(0);

  /**
   * @param {SubtleCrypto} subtle @param {number} suite @param {bigint} kid
   * @param {CryptoKey} baseKey of HKDF, which need not be extractable @param {'encrypt'|'decrypt'} usage
   */
  static async derive(subtle, suite, kid, baseKey, usage) {
    const { hash, keyBits } = SUITES[suite];
    const names = concat(bigEndian(kid, 8), bigEndian(BigInt(suite), 2));
    const hkdf = (label) => ({ name: 'HKDF', hash, salt: new Uint8Array(0), info: concat(ascii(label), names) });
    const key = new FrameKey();
    key.kid = kid;
    key.subtle = subtle;
    key.secret = await subtle.deriveKey(
      hkdf('SFrame 1.0 Secret key '),
      baseKey,
      { name: 'AES-GCM', length: keyBits },
      false,
      [usage],
    );
    key.salt = new Uint8Array(await subtle.deriveBits(hkdf('SFrame 1.0 Secret salt '), baseKey, 96));
    return key;
  }

  /** Section 4.4.3. @param {bigint} ctr @param {Uint8Array} additionalData */
  algorithm(ctr, additionalData) {
    const iv = bigEndian(ctr, 12).map((byte, i) => byte ^ this.salt[i]);
    return { name: 'AES-GCM', iv, additionalData, tagLength: 8 * TAG_SIZE };
  }
}

export class Sealer {
  #key;
  next = 0n;

  /** One a KID and base key, ever. */
  static async derive(subtle, suite, kid, baseKey) {
    const sealer = new Sealer();
    sealer.#key = await FrameKey.derive(subtle, suite, kid, baseKey, 'encrypt');
    return sealer;
  }

  /**
   * @param {Uint8Array} plain @param {Uint8Array} metadata authenticated, and no part of the result
   * @returns {Promise<Uint8Array|null>} null: the counter has come to its end
   */
  async seal(plain, metadata) {
    if (this.next === LAST_CTR) return null;
    const ctr = this.next++;
    const header = encodeHeader(this.#key.kid, ctr);
    const algorithm = this.#key.algorithm(ctr, concat(header, metadata));
    return concat(header, new Uint8Array(await this.#key.subtle.encrypt(algorithm, this.#key.secret, plain)));
  }
}

export class Opener {
  #key;
  #newest = 0n;
  /** Bit i: newest - i was opened. */ #seen = 0n;

  static async derive(subtle, suite, kid, baseKey) {
    const opener = new Opener();
    opener.#key = await FrameKey.derive(subtle, suite, kid, baseKey, 'decrypt');
    return opener;
  }

  /** @param {bigint} ctr */
  #isSeen(ctr) {
    const back = this.#newest - ctr;
    return back >= WINDOW || (back >= 0n && ((this.#seen >> back) & 1n) === 1n);
  }

  #mark(ctr) {
    const ahead = ctr - this.#newest;
    if (ahead > 0n) {
      this.#seen = ahead < WINDOW ? BigInt.asUintN(Number(WINDOW), this.#seen << ahead) : 0n;
      this.#newest = ctr;
    }
    this.#seen |= 1n << (this.#newest - ctr);
  }

  /**
   * @param {Uint8Array} sealed @param {Uint8Array} metadata
   * @returns {Promise<Uint8Array|null>} null: another KID, seen, too old, or it does not authenticate
   */
  async open(sealed, metadata) {
    const header = parseHeader(sealed);
    if (!header || header.kid !== this.#key.kid || this.#isSeen(header.ctr)) return null;
    const algorithm = this.#key.algorithm(header.ctr, concat(sealed.subarray(0, header.size), metadata));
    try {
      const plain = await this.#key.subtle.decrypt(algorithm, this.#key.secret, sealed.subarray(header.size));
      if (this.#isSeen(header.ctr)) return null; /* opened meanwhile */
      this.#mark(header.ctr);
      return new Uint8Array(plain);
    } catch {
      return null;
    }
  }
}
