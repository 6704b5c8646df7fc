// primitives.mjs - every primitive of sotto from one WebCrypto, as signaling/crypto.h names them.
//
// HKDF is RFC 5869 over HMAC-SHA256 here and not WebCrypto's own, which takes no empty key in some engines; Noise's
// Split needs one. Secret keys are CryptoKey objects, which a page may hold without being able to read them.
import { ascii, concat, isZero } from './bytes.mjs';

export const KEY_SIZE = 32;
export const HASH_SIZE = 32;
export const SIGNATURE_SIZE = 64;
export const TAG_SIZE = 16;

const X25519 = { name: 'X25519' };
const ED25519 = { name: 'Ed25519' };
const HMAC = { name: 'HMAC', hash: 'SHA-256' };
// PKCS #8 around 32 bytes of a secret (RFC 8410), to the last byte of the algorithm's identifier and from there on.
const PKCS8 = { X25519: 0x6e, Ed25519: 0x70 };
const pkcs8 = (algorithm, seed) =>
  concat(Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, PKCS8[algorithm], 4, 0x22, 4, 0x20), seed);

/** @typedef {{ secret: CryptoKey, public: Uint8Array }} KeyPair */

export class Primitives {
  /** @param {Crypto} webCrypto */
  constructor(webCrypto) {
    if (!webCrypto?.subtle) throw new Error('no WebCrypto here: a page needs https, or a loopback address');
    this.webCrypto = webCrypto;
    this.subtle = webCrypto.subtle;
  }

  /** @param {number} size @returns {Uint8Array} */
  random(size) {
    return this.webCrypto.getRandomValues(new Uint8Array(size));
  }

  /** @param {...Uint8Array} parts @returns {Promise<Uint8Array>} */
  async sha256(...parts) {
    return new Uint8Array(await this.subtle.digest('SHA-256', concat(...parts)));
  }

  /** @param {...Uint8Array} parts @returns {Promise<Uint8Array>} */
  async sha512(...parts) {
    return new Uint8Array(await this.subtle.digest('SHA-512', concat(...parts)));
  }

  /** @param {Uint8Array} key @param {Uint8Array} data @returns {Promise<Uint8Array>} */
  async hmac(key, data) {
    const imported = await this.subtle.importKey('raw', key, HMAC, false, ['sign']);
    return new Uint8Array(await this.subtle.sign('HMAC', imported, data));
  }

  /**
   * RFC 5869 with SHA-256; no salt is a string of zeros.
   * @param {number} size @param {Uint8Array} ikm @param {Uint8Array} info @param {Uint8Array} [salt]
   * @returns {Promise<Uint8Array>}
   */
  async hkdf(size, ikm, info, salt = new Uint8Array(HASH_SIZE)) {
    const prk = await this.hmac(salt, ikm);
    let out = new Uint8Array(0);
    let block = out;
    for (let i = 1; out.length < size; i++) {
      block = await this.hmac(prk, concat(block, info, Uint8Array.of(i)));
      out = concat(out, block);
    }
    return out.slice(0, size);
  }

  /** @param {Uint8Array} key @param {KeyUsage[]} usages */
  #gcmKey(key, usages) {
    return this.subtle.importKey('raw', key, 'AES-GCM', false, usages);
  }

  /**
   * AES-256-GCM, the tag last.
   * @param {Uint8Array} key @param {Uint8Array} nonce @param {Uint8Array} plain @param {Uint8Array} [additionalData]
   * @returns {Promise<Uint8Array>}
   */
  async seal(key, nonce, plain, additionalData = new Uint8Array(0)) {
    const imported = await this.#gcmKey(key, ['encrypt']);
    return new Uint8Array(await this.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, imported, plain));
  }

  /**
   * @param {Uint8Array} key @param {Uint8Array} nonce @param {Uint8Array} sealed @param {Uint8Array} [additionalData]
   * @returns {Promise<Uint8Array|null>} null: it does not authenticate
   */
  async open(key, nonce, sealed, additionalData = new Uint8Array(0)) {
    if (sealed.length < TAG_SIZE) return null;
    const imported = await this.#gcmKey(key, ['decrypt']);
    try {
      return new Uint8Array(
        await this.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData }, imported, sealed),
      );
    } catch {
      return null;
    }
  }

  /** @param {'X25519'|'Ed25519'} algorithm @param {boolean} [extractable] @returns {Promise<KeyPair>} */
  async makeKeys(algorithm, extractable = false) {
    /** @type {KeyUsage[]} */
    const usages = algorithm === 'X25519' ? ['deriveBits'] : ['sign', 'verify'];
    const pair = /** @type {CryptoKeyPair} */ (await this.subtle.generateKey({ name: algorithm }, extractable, usages));
    return { secret: pair.privateKey, public: new Uint8Array(await this.subtle.exportKey('raw', pair.publicKey)) };
  }

  /**
   * A key pair of 32 known bytes; for test vectors, and for nothing else.
   * @param {'X25519'|'Ed25519'} algorithm @param {Uint8Array} seed @returns {Promise<KeyPair>}
   */
  async keysFromSeed(algorithm, seed) {
    /** @type {KeyUsage[]} */
    const usages = algorithm === 'X25519' ? ['deriveBits'] : ['sign'];
    const secret = await this.subtle.importKey('pkcs8', pkcs8(algorithm, seed), { name: algorithm }, true, usages);
    const { x } = await this.subtle.exportKey('jwk', secret);
    const text = atob(x.replaceAll('-', '+').replaceAll('_', '/'));
    return { secret, public: ascii(text) };
  }

  /**
   * RFC 7748.
   * @param {CryptoKey} secret @param {Uint8Array} publicKey
   * @returns {Promise<Uint8Array|null>} null: a point of low order, whose result is all zeros
   */
  async x25519(secret, publicKey) {
    try {
      const other = await this.subtle.importKey('raw', publicKey, X25519, false, []);
      const shared = new Uint8Array(await this.subtle.deriveBits({ name: 'X25519', public: other }, secret, 256));
      return isZero(shared) ? null : shared;
    } catch {
      return null;
    }
  }

  /** @param {string} context @param {Uint8Array} message */
  #signed(context, message) {
    return concat(ascii('sotto/v1/' + context), Uint8Array.of(0), message);
  }

  /**
   * Ed25519 over "sotto/v1/" || context || 0x00 || message.
   * @param {CryptoKey} secret @param {string} context @param {Uint8Array} message @returns {Promise<Uint8Array>}
   */
  async sign(secret, context, message) {
    return new Uint8Array(await this.subtle.sign(ED25519, secret, this.#signed(context, message)));
  }

  /**
   * @param {Uint8Array} signature @param {Uint8Array} publicKey @param {string} context @param {Uint8Array} message
   * @returns {Promise<boolean>}
   */
  async verify(signature, publicKey, context, message) {
    try {
      const key = await this.subtle.importKey('raw', publicKey, ED25519, false, ['verify']);
      return await this.subtle.verify(ED25519, key, signature, this.#signed(context, message));
    } catch {
      return false;
    }
  }
}
