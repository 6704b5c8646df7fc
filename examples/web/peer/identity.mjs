// identity.mjs - who we are: the root key, this device's keys, and the sealed store that keeps them and the contacts.
//
//   store = "SOTTOW01" | iterations u32 | salt 16 | nonce 12 | AES-256-GCM(KEK, keys, contacts; all before it)
//   KEK   = PBKDF2-HMAC-SHA256(passphrase, salt, iterations)
//
// WebCrypto has no Argon2id, which the program uses: a passphrase is cheaper to guess here, so the iterations are
// many and a good passphrase matters more. Once open, the keys are CryptoKeys that no script can read. Whoever can
// write the browser's storage can also put an old store back; a page can't notice (the program can).
import { KEY_SIZE } from './primitives.mjs';
import { Reader, Writer, ascii, concat, equal } from './bytes.mjs';
import { decodeBech32m, encodeBech32m } from './bech32.mjs';
import { deviceId, firstRoster, parseRoster } from './roster.mjs';

const MAGIC = ascii('SOTTOW01');
const ITERATIONS = 1_000_000;
const ITERATIONS_LEAST = 600_000;
const ITERATIONS_MOST = 10_000_000;
const HEADER_SIZE = 8 + 4 + 16 + 12;
const KEYS = ['ik', 'dk', 'dx'];

/**
 * @typedef {{ id: Uint8Array, dk: import('./primitives.mjs').KeyPair, dx: import('./primitives.mjs').KeyPair }} Device
 * @typedef {object} Identity
 * @property {Uint8Array} ik the public root key: this is the ID
 * @property {Device} device
 * @property {import('./roster.mjs').Roster} roster our own newest
 */

/**
 * Where the sealed store lives; a page gives one over IndexedDB, a test one in memory.
 * @typedef {object} Storage
 * @property {() => Promise<Uint8Array|null>} load
 * @property {(sealed: Uint8Array) => Promise<void>} save
 */

/** Our ID as text; the same in upper case after "SOTTO:C/" is the contact URI. @param {Uint8Array} ik */
export function formatId(ik) {
  return encodeBech32m('sotto', concat(Uint8Array.of(1), ik));
}

/** @param {string} text an ID or a contact URI @returns {Uint8Array|null} IK */
export function parseId(text) {
  const bytes = decodeBech32m('sotto', text.replace(/^sotto:c\//i, ''));
  return bytes?.length === 1 + KEY_SIZE && bytes[0] === 1 ? bytes.slice(1) : null;
}

export class Store {
  #primitives;
  #storage;
  #kek;
  #salt;
  #iterations;
  /** PKCS #8 and public key of each: sealed again with every save. @type {Record<string, Uint8Array[]>} */
  #keys;
  #rosterBytes;

  /**
   * A new identity, all keys fresh.
   * @param {import('./primitives.mjs').Primitives} primitives @param {Storage} storage @param {string} passphrase
   * @param {number} unix
   */
  static async make(primitives, storage, passphrase, unix, iterations = ITERATIONS) {
    const store = new Store(primitives, storage);
    store.#salt = primitives.random(16);
    store.#iterations = iterations;
    store.#kek = await store.#deriveKek(passphrase);
    await store.#makeKeys(unix);
    store.identity = await store.#importKeys();
    await store.save(new Uint8Array(0));
    return store;
  }

  /** @returns {Promise<{ store: Store, contacts: Uint8Array }|null>} null: another passphrase, or damaged */
  static async open(primitives, storage, passphrase) {
    const sealed = await storage.load();
    const store = new Store(primitives, storage);
    const plain = sealed && (await store.#unseal(sealed, passphrase));
    if (!plain) return null;
    const contacts = store.#readPlain(plain);
    store.identity = await store.#importKeys();
    return { store, contacts };
  }

  constructor(primitives, storage) {
    this.#primitives = primitives;
    this.#storage = storage;
    /** @type {Identity} */
    this.identity = undefined;
  }

  async #deriveKek(passphrase) {
    const { subtle } = this.#primitives;
    const secret = await subtle.importKey('raw', new TextEncoder().encode(passphrase), 'PBKDF2', false, ['deriveKey']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt: this.#salt, iterations: this.#iterations };
    return subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  }

  async #makeKeys(unix) {
    const primitives = this.#primitives;
    const pairs = {
      ik: await primitives.makeKeys('Ed25519', true),
      dk: await primitives.makeKeys('Ed25519', true),
      dx: await primitives.makeKeys('X25519', true),
    };
    this.#keys = {};
    for (const name of KEYS) {
      const secret = new Uint8Array(await primitives.subtle.exportKey('pkcs8', pairs[name].secret));
      this.#keys[name] = [secret, pairs[name].public];
    }
    const id = await deviceId(primitives, pairs.dk.public, pairs.dx.public);
    const identity = { ik: pairs.ik.public, device: { id, dk: pairs.dk, dx: pairs.dx } };
    this.#rosterBytes = await firstRoster(primitives, identity, pairs.ik.secret, unix);
  }

  /** @returns {Promise<Identity>} */
  async #importKeys() {
    const primitives = this.#primitives;
    const load = async (name, algorithm, usages) => ({
      secret: await primitives.subtle.importKey('pkcs8', this.#keys[name][0], { name: algorithm }, false, usages),
      public: this.#keys[name][1],
    });
    const dk = await load('dk', 'Ed25519', ['sign']);
    const dx = await load('dx', 'X25519', ['deriveBits']);
    const roster = await parseRoster(primitives, this.#rosterBytes);
    if (!roster) throw new Error('the stored roster does not verify');
    return { ik: this.#keys.ik[1], device: { id: await deviceId(primitives, dk.public, dx.public), dk, dx }, roster };
  }

  async #unseal(sealed, passphrase) {
    const reader = new Reader(sealed);
    const magic = reader.bytes(MAGIC.length);
    this.#iterations = reader.uint(4);
    this.#salt = reader.bytes(16);
    const nonce = reader.bytes(12);
    const sound = this.#iterations >= ITERATIONS_LEAST && this.#iterations <= ITERATIONS_MOST;
    if (reader.bad || !equal(magic, MAGIC) || !sound) return null;
    this.#kek = await this.#deriveKek(passphrase);
    const additionalData = sealed.slice(0, HEADER_SIZE);
    try {
      const how = { name: 'AES-GCM', iv: nonce, additionalData };
      return new Uint8Array(await this.#primitives.subtle.decrypt(how, this.#kek, reader.rest()));
    } catch {
      return null;
    }
  }

  #readPlain(plain) {
    const reader = new Reader(plain);
    const next = () => reader.bytes(reader.uint(2));
    this.#keys = Object.fromEntries(KEYS.map((name) => [name, [next(), next()]]));
    this.#rosterBytes = next();
    return reader.rest();
  }

  /** @param {Uint8Array} contacts everything that is not ours alone */
  async save(contacts) {
    const writer = new Writer();
    for (const part of [...KEYS.flatMap((name) => this.#keys[name]), this.#rosterBytes])
      writer.uint(part.length, 2).bytes(part);
    const nonce = this.#primitives.random(12);
    const header = new Writer().bytes(MAGIC).uint(this.#iterations, 4).bytes(this.#salt).bytes(nonce).done();
    const how = { name: 'AES-GCM', iv: nonce, additionalData: header };
    const sealed = await this.#primitives.subtle.encrypt(how, this.#kek, writer.bytes(contacts).done());
    await this.#storage.save(concat(header, new Uint8Array(sealed)));
  }
}
