// channel.mjs - the sealed channel of one call leg: a Noise handshake, then messages strictly in order of n
// (PROTOCOL.md, sections 4 and 7; engine/call/channel.h).
import { CELL, MESSAGE } from './wire.mjs';
import { Noise, openTransport, sealTransport } from './noise.mjs';
import { Reassembler, sealCells } from './cell.mjs';
import { TAG_SIZE } from './primitives.mjs';
import { ascii, concat } from './bytes.mjs';
import { deriveMailbox, epochOf } from './mailbox.mjs';
import { encodeMessage, parseMessage } from './message.mjs';

const WINDOW = 32;
const GAP = 10_000; /* milliseconds */
export const CALL_TTL = 60; /* seconds that a cell may wait at the server */

/** @typedef {{ id: Uint8Array, device: Uint8Array, dx: Uint8Array }} ChannelParty */

/**
 * Puts one message for a device of a contact.
 * @param {import('./peer_env.mjs').PeerEnv} env @param {Uint8Array} ps @param {Uint8Array} us
 * @param {{ id: Uint8Array, device: Uint8Array }} them @param {import('./cell.mjs').CellHeader} header
 * @param {Uint8Array} body
 */
export async function putMessage(env, ps, us, them, header, body) {
  const mailbox = await deriveMailbox(env.primitives, ps, us, them.id, them.device, epochOf(env.unix()));
  for (const cell of await sealCells(env.primitives, mailbox.key, header, body))
    env.put(mailbox.address, cell, CALL_TTL);
}

export class Channel {
  /** @type {boolean} the caller's end */ initiator;
  /** @type {ChannelParty} */ us;
  /** @type {ChannelParty} */ them;
  /** @type {Uint8Array} */ session;
  /** @type {Uint8Array|null} the handshake's hash, once open */ h = null;
  /** Noise's chaining key at Split, for keys beside the channel's. @type {Uint8Array|null} */ chainingKey = null;
  rejected = 0;
  #env;
  #ps;
  #noise;
  #send;
  #receive;
  #sent = 0;
  #expected = 0;
  /** What came early, opened. @type {Map<number, Uint8Array>} */
  #held = new Map();
  #gapSince = Infinity;
  #reassembler = new Reassembler();

  /**
   * @param {import('./peer_env.mjs').PeerEnv} env
   * @param {object} config
   * @param {boolean} config.initiator @param {Uint8Array} config.ps
   * @param {import('./primitives.mjs').KeyPair} config.s
   * @param {ChannelParty} config.us @param {ChannelParty} config.them @param {Uint8Array} config.session
   */
  static async begin(env, { initiator, ps, s, us, them, session }) {
    const channel = new Channel();
    Object.assign(channel, { initiator, us, them, session });
    channel.#env = env;
    channel.#ps = ps;
    const [caller, callee] = initiator ? [us, them] : [them, us];
    channel.#noise = await Noise.begin(env.primitives, {
      pattern: 'KKpsk0',
      initiator,
      prologue: concat(ascii('sotto/call/1'), caller.id, caller.device, callee.id, callee.device),
      s,
      rs: them.dx,
      psk: await env.primitives.hkdf(32, ps, ascii('sotto/psk/1')),
    });
    return channel;
  }

  get open() {
    return this.h !== null;
  }

  async #put(type, n, body) {
    const header = { type, device: this.us.device, session: this.session, n };
    await putMessage(this.#env, this.#ps, this.us.id, this.them, header, body);
  }

  async #finishHandshake() {
    if (!this.#noise.finished) return;
    this.h = this.#noise.h;
    ({ send: this.#send, receive: this.#receive, ck: this.chainingKey } = await this.#noise.split());
  }

  /** KNOCK or HELLO. @param {import('./message.mjs').Message} message */
  async sendHandshake(message) {
    const body = await this.#noise.write(encodeMessage(message));
    if (!body) throw new Error('a key of low order, or out of turn');
    await this.#finishHandshake();
    await this.#put(this.initiator ? CELL.KNOCK : CELL.HELLO, 0, body);
  }

  /** @param {import('./cell.mjs').Cell} cell @returns {Promise<import('./message.mjs').Message|null>} */
  async readHandshake(cell) {
    const type = this.initiator ? CELL.HELLO : CELL.KNOCK;
    const body = this.open || cell.type !== type || cell.n !== 0 ? null : this.#reassembler.input(cell);
    const payload = body && (await this.#noise.read(body));
    const message = payload && parseMessage(payload);
    if (message?.type === (this.initiator ? MESSAGE.HELLO : MESSAGE.KNOCK)) {
      await this.#finishHandshake();
      return message;
    }
    if (body) this.rejected++;
    return null;
  }

  /**
   * @param {import('./message.mjs').Message} message
   * @returns {Promise<Uint8Array>} H of the whole message
   */
  async send(message) {
    const plain = encodeMessage(message);
    const n = this.#sent++;
    await this.#put(CELL.DATA, n, await sealTransport(this.#env.primitives, this.#send, n, plain));
    return this.#env.primitives.sha256(plain);
  }

  /**
   * One cell; what it makes readable comes from next().
   * @param {import('./cell.mjs').Cell} cell
   * @returns {Promise<boolean>} false: it is not the peer's, or too far ahead
   */
  async input(cell) {
    const ahead = cell.n - this.#expected;
    if (
      !this.open ||
      cell.type !== CELL.DATA ||
      cell.fragments !== 1 ||
      cell.body.length <= TAG_SIZE ||
      ahead >= WINDOW
    ) {
      this.rejected++;
      return false;
    }
    if (ahead < 0 || this.#held.has(cell.n)) return true; /* seen */
    const plain = await openTransport(this.#env.primitives, this.#receive, cell.n, cell.body);
    if (!plain) {
      this.rejected++;
      return false;
    }
    this.#held.set(cell.n, plain);
    if (ahead > 0 && this.#gapSince === Infinity) this.#gapSince = this.#env.now();
    return true;
  }

  /** A hang-up ends the call whatever is missing before it, so that a server can't hold it back. */
  #takeHangup() {
    for (const [n, plain] of this.#held)
      if (plain[0] === MESSAGE.HANGUP) {
        this.#held.delete(n);
        return plain;
      }
    return null;
  }

  /** @returns {Promise<{ message: import('./message.mjs').Message, hash: Uint8Array }|null>} the next one in order */
  async next() {
    for (;;) {
      let plain = this.#held.get(this.#expected);
      if (plain) {
        this.#held.delete(this.#expected++);
        this.#gapSince = this.#held.size ? this.#env.now() : Infinity;
      } else {
        plain = this.#takeHangup();
      }
      if (!plain) return null;
      const message = parseMessage(plain);
      if (message) return { message, hash: await this.#env.primitives.sha256(plain) };
      this.rejected++; /* the peer's own, yet not a message: skipped */
    }
  }

  /** Once for each time that it lasts. @returns {boolean} */
  hasGap() {
    if (this.#env.now() - this.#gapSince < GAP) return false;
    this.#gapSince = this.#env.now();
    return true;
  }
}
