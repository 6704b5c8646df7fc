// noise.mjs - Noise handshakes, revision 34: KKpsk0 for calls, XKpsk3 for a first contact (PROTOCOL.md, section 5).
//
// A message that does not authenticate leaves the state as it was. KK, XK and KKpsk2 are here for the published
// vectors.
import { ascii, concat, Reader, Writer } from './bytes.mjs';
import { HASH_SIZE, KEY_SIZE, TAG_SIZE } from './primitives.mjs';

/**
 * @typedef {{ knowsInitiator: boolean, psk: boolean, messages: string[][] }} Pattern
 * @type {Record<string, Pattern>}
 */
const PATTERNS = {
  KK: { knowsInitiator: true, psk: false, messages: [['e', 'es', 'ss'], ['e', 'ee', 'se']] },
  XK: { knowsInitiator: false, psk: false, messages: [['e', 'es'], ['e', 'ee'], ['s', 'se']] },
  KKpsk0: { knowsInitiator: true, psk: true, messages: [['psk', 'e', 'es', 'ss'], ['e', 'ee', 'se']] },
  KKpsk2: { knowsInitiator: true, psk: true, messages: [['e', 'es', 'ss'], ['e', 'ee', 'se', 'psk']] },
  XKpsk3: { knowsInitiator: false, psk: true, messages: [['e', 'es'], ['e', 'ee'], ['s', 'se', 'psk']] },
};

/** @param {number} n @returns {Uint8Array} 32 bits of zeros, then n in 64 */
function nonceOf(n) {
  return new Writer().uint(0, 4).uint(n, 8).done();
}

/** @typedef {import('./primitives.mjs').KeyPair} KeyPair */

export class Noise {
  #primitives;
  #pattern;
  #initiator;
  /** @type {KeyPair} */
  #s;
  #psk;
  /** What a message changes; replaced as a whole once it authenticated. */
  #state;

  /**
   * @param {import('./primitives.mjs').Primitives} primitives
   * @param {object} config
   * @param {keyof typeof PATTERNS} config.pattern @param {boolean} config.initiator @param {Uint8Array} config.prologue
   * @param {KeyPair} config.s @param {Uint8Array} [config.rs] @param {Uint8Array} [config.psk]
   * @param {KeyPair} [config.e] fixed, for vectors
   * @returns {Promise<Noise>}
   */
  static async begin(primitives, config) {
    const noise = new Noise();
    noise.#primitives = primitives;
    noise.#pattern = PATTERNS[config.pattern];
    noise.#initiator = config.initiator;
    noise.#s = config.s;
    noise.#psk = config.psk;
    const h = new Uint8Array(HASH_SIZE);
    h.set(ascii(`Noise_${config.pattern}_25519_AESGCM_SHA256`)); /* at most 32 bytes, so not hashed */
    noise.#state = { h, ck: h, k: null, n: 0, e: config.e, rs: config.rs, re: null, step: 0 };
    const state = noise.#state;
    await noise.#mixHash(state, config.prologue);
    const [mine, theirs] = [config.s.public, config.rs];
    if (noise.#pattern.knowsInitiator) await noise.#mixHash(state, config.initiator ? mine : theirs);
    await noise.#mixHash(state, config.initiator ? theirs : mine);
    return noise;
  }

  get finished() {
    return this.#state.step === this.#pattern.messages.length;
  }

  get h() {
    return this.#state.h;
  }

  get remoteStatic() {
    return this.#state.rs;
  }

  get #myTurn() {
    return !this.finished && (this.#state.step % 2 === 0) === this.#initiator;
  }

  async #mixHash(state, data) {
    state.h = await this.#primitives.sha256(state.h, data);
  }

  async #mixKey(state, ikm) {
    const out = await this.#primitives.hkdf(2 * HASH_SIZE, ikm, new Uint8Array(0), state.ck);
    state.ck = out.slice(0, HASH_SIZE);
    state.k = out.slice(HASH_SIZE);
    state.n = 0;
  }

  async #mixPsk(state) {
    const out = await this.#primitives.hkdf(3 * HASH_SIZE, this.#psk, new Uint8Array(0), state.ck);
    state.ck = out.slice(0, HASH_SIZE);
    await this.#mixHash(state, out.slice(HASH_SIZE, 2 * HASH_SIZE));
    state.k = out.slice(2 * HASH_SIZE);
    state.n = 0;
  }

  /** Section 9.2: with a psk, an ephemeral key is mixed into the key too. */
  async #mixEphemeral(state, e) {
    await this.#mixHash(state, e);
    if (this.#pattern.psk) await this.#mixKey(state, e);
  }

  /** The letters name the initiator's key first. @returns {Promise<boolean>} */
  async #mixDh(state, token) {
    const [first, second] = this.#initiator ? token : [token[1], token[0]];
    const mine = first === 's' ? this.#s : state.e;
    const shared = await this.#primitives.x25519(mine.secret, second === 's' ? state.rs : state.re);
    if (shared) await this.#mixKey(state, shared);
    return shared !== null;
  }

  async #encryptAndHash(state, plain) {
    const sealed = state.k ? await this.#primitives.seal(state.k, nonceOf(state.n++), plain, state.h) : plain;
    await this.#mixHash(state, sealed);
    return sealed;
  }

  async #decryptAndHash(state, sealed) {
    const plain = state.k ? await this.#primitives.open(state.k, nonceOf(state.n++), sealed, state.h) : sealed;
    if (plain) await this.#mixHash(state, sealed);
    return plain;
  }

  /** @returns {Promise<Uint8Array|null>} what the token adds to the message; null: a key of low order */
  async #writeToken(state, token) {
    if (token === 'e') {
      state.e ??= await this.#primitives.makeKeys('X25519');
      await this.#mixEphemeral(state, state.e.public);
      return state.e.public;
    }
    if (token === 's') return this.#encryptAndHash(state, this.#s.public);
    if (token === 'psk') await this.#mixPsk(state);
    else if (!(await this.#mixDh(state, token))) return null;
    return new Uint8Array(0);
  }

  async #readToken(state, token, reader) {
    if (token === 'e') {
      state.re = reader.bytes(KEY_SIZE);
      await this.#mixEphemeral(state, state.re);
      return !reader.bad;
    }
    if (token === 's') {
      state.rs = await this.#decryptAndHash(state, reader.bytes(KEY_SIZE + (state.k ? TAG_SIZE : 0)));
      return state.rs !== null && !reader.bad;
    }
    if (token === 'psk') await this.#mixPsk(state);
    else return this.#mixDh(state, token);
    return true;
  }

  /** @param {Uint8Array} payload @returns {Promise<Uint8Array|null>} the next message; null: out of turn */
  async write(payload) {
    if (!this.#myTurn) return null;
    const state = { ...this.#state };
    const parts = [];
    for (const token of this.#pattern.messages[state.step]) {
      const part = await this.#writeToken(state, token);
      if (!part) return null;
      parts.push(part);
    }
    parts.push(await this.#encryptAndHash(state, payload));
    this.#state = { ...state, step: state.step + 1 };
    return concat(...parts);
  }

  /** @param {Uint8Array} message @returns {Promise<Uint8Array|null>} its payload; null: it does not authenticate */
  async read(message) {
    if (this.finished || this.#myTurn) return null;
    const state = { ...this.#state };
    const reader = new Reader(message);
    for (const token of this.#pattern.messages[state.step])
      if (!(await this.#readToken(state, token, reader))) return null;
    const payload = await this.#decryptAndHash(state, reader.rest());
    if (!payload) return null;
    this.#state = { ...state, step: state.step + 1 };
    return payload;
  }

  /** Once, at the end: the keys of both directions, and ck for what else is derived of this handshake. */
  async split() {
    const { ck } = this.#state;
    const out = await this.#primitives.hkdf(2 * HASH_SIZE, new Uint8Array(0), new Uint8Array(0), ck);
    const keys = [out.slice(0, KEY_SIZE), out.slice(KEY_SIZE)];
    const [send, receive] = this.#initiator ? keys : keys.reverse();
    this.#state = { ...this.#state, ck: null, k: null, e: null };
    this.#psk = undefined;
    return { send, receive, ck };
  }
}

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} key @param {number} n */
export function sealTransport(primitives, key, n, plain) {
  return primitives.seal(key, nonceOf(n), plain);
}

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} key @param {number} n */
export function openTransport(primitives, key, n, sealed) {
  return primitives.open(key, nonceOf(n), sealed);
}
