// bytes.mjs - byte strings: joining, comparing, hexadecimal, and a reader and a writer of big-endian numbers.
//
// A reader never throws in the middle of a message: what is not there reads as zero and makes it `bad`, which its
// owner asks once, at the end.

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** In a time that depends on the sizes alone. @param {Uint8Array} a @param {Uint8Array} b @returns {boolean} */
export function equal(a, b) {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let i = 0; i < a.length; i++) different |= a[i] ^ b[i];
  return different === 0;
}

/** As memcmp(), over equal sizes. @param {Uint8Array} a @param {Uint8Array} b @returns {number} */
export function compare(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** @param {Uint8Array} bytes @returns {boolean} */
export function isZero(bytes) {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

/** @param {string} text @returns {Uint8Array} */
export function ascii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** @param {Uint8Array} bytes @returns {string} */
export function fromAscii(bytes) {
  return String.fromCharCode(...bytes);
}

/** @param {Uint8Array} bytes @returns {string} */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} hex @returns {Uint8Array} */
export function fromHex(hex) {
  if (hex.length % 2 || /[^0-9a-f]/i.test(hex)) throw new TypeError('not hexadecimal');
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export class Reader {
  #at = 0;
  bad = false;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.whole = bytes;
  }

  get left() {
    return this.whole.length - this.#at;
  }

  get at() {
    return this.#at;
  }

  /** @param {number} size @returns {Uint8Array} a copy */
  bytes(size) {
    if (size > this.left) {
      this.bad = true;
      return new Uint8Array(size);
    }
    this.#at += size;
    return this.whole.slice(this.#at - size, this.#at);
  }

  /** @param {number} size in bytes, at most 6 @returns {number} */
  uint(size) {
    return this.bytes(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Unix seconds, which fit a number; more than 2^53 makes it bad. @returns {number} */
  u64() {
    const high = this.uint(4);
    if (high >= 0x200000) this.bad = true;
    return high * 0x100000000 + this.uint(4);
  }

  rest() {
    return this.bytes(this.left);
  }
}

export class Writer {
  /** @type {Uint8Array[]} */
  #parts = [];

  /** @param {Uint8Array} bytes */
  bytes(bytes) {
    this.#parts.push(bytes);
    return this;
  }

  /** @param {number} value @param {number} size in bytes */
  uint(value, size) {
    const out = new Uint8Array(size);
    for (let i = size - 1, left = value; i >= 0; i--, left = Math.floor(left / 256)) out[i] = left % 256;
    return this.bytes(out);
  }

  /** @returns {Uint8Array} */
  done() {
    return concat(...this.#parts);
  }
}
