// server_link.mjs - our end of the signaling connection: which mailboxes we listen to, cells in, cells out
// (PROTOCOL.md, section 2; signaling/client.h).
//
// It restores everything after the connection was lost (subscriptions, cells put within the last 10 s) and hides the
// mailboxes that we read among dummies, a power of two of them in random order. What the server sends beyond its own
// rules is dropped; too much of it ends the connection.
import { CELL_SIZE, MAILBOX_SIZE, NONCE_SIZE, READ_TOKEN_SIZE } from './wire.mjs';
import { Reader, Writer, toHex } from './bytes.mjs';
import { mailboxAddress } from './mailbox.mjs';

const SUBSCRIBE = 0x01;
const PUT = 0x02;
const UNSUBSCRIBE = 0x03;
const CELL = 0x81;
const LIMIT = 0x82;

const LISTEN_LEAST = 16;
const NONCES = 1024;
const STRIKES = 16;
const SEND_RATE = 20; /* frames a second; the server grants 25 */
const SEND_BURST = 120;
const PUTS_MAX = 64;
const AGAIN = 10_000; /* cells put so long ago at most are put again on a new connection */
const PAUSE = 1000; /* after LIMIT */
const LIMITS_HEEDED = 8;
const BACKOFF_MOST = 30_000;

/** @typedef {{ frame: Uint8Array, at: number, until: number, sent: boolean }} PutCell */

/** ws:// is for a server on this machine; everything else is wss://. @param {string} url @returns {boolean} */
export function isSafeServer(url) {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'wss:' || (protocol === 'ws:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
  } catch {
    return false;
  }
}

export class ServerLink {
  /** @type {Map<string, Uint8Array>} read tokens by address */
  #wanted = new Map();
  /** @type {Map<string, Uint8Array>} */
  #dummies = new Map();
  /** @type {Set<string>} addresses that the server knows of on this connection */
  #subscribed = new Set();
  /** @type {PutCell[]} */
  #puts = [];
  /** @type {string[]} */
  #nonces = [];
  #socket = null;
  #open = false;
  #failures = 0;
  #strikes = 0;
  #limits = 0;
  #tokens = SEND_BURST;
  #filledAt = 0;
  #pausedUntil = 0;
  #closed = false;
  counters = { received: 0, duplicate: 0, unwanted: 0, malformed: 0, limited: 0, sent: 0 };

  /**
   * @param {object} options
   * @param {string} options.url @param {typeof WebSocket} options.WebSocket
   * @param {import('./primitives.mjs').Primitives} options.primitives
   * @param {() => number} options.now @param {(ms: number, run: () => void) => void} options.after
   * @param {(address: string, cell: Uint8Array) => void} options.onCell
   * @param {(up: boolean) => void} options.onState
   */
  constructor(options) {
    this.options = options;
  }

  connect() {
    const socket = new this.options.WebSocket(this.options.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#input(data);
    socket.onclose = () => this.#lost(socket);
    socket.onerror = () => {}; /* a close follows */
    this.#socket = socket;
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  #opened() {
    this.#open = true;
    this.#strikes = this.#limits = 0;
    this.#tokens = SEND_BURST;
    this.#filledAt = this.options.now();
    this.#subscribed.clear();
    this.#synchronize();
    const { now } = this.options;
    for (const put of this.#puts) put.sent &&= now() - put.at > AGAIN;
    this.#drain();
    this.options.onState(true);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    const was = this.#open;
    this.#open = false;
    this.#socket = null;
    if (was) this.options.onState(false);
    if (this.#closed) return;
    this.#failures = was ? 0 : this.#failures + 1;
    const wait = Math.min(BACKOFF_MOST, 1000 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.options.after(wait, () => {
      if (!this.#closed && !this.#socket) this.connect();
    });
  }

  /** @param {Uint8Array} frame */
  #send(frame) {
    if (this.#open) this.#socket.send(frame);
  }

  /** From now on exactly these. @param {import('./mailbox.mjs').Mailbox[]} mailboxes */
  async listen(mailboxes) {
    this.#wanted = new Map(mailboxes.map(({ address, readToken }) => [toHex(address), readToken]));
    await this.#fillDummies();
    if (this.#open) this.#synchronize();
  }

  /** As many as make a power of two of all; those that stand are kept, so that they look like mailboxes. */
  async #fillDummies() {
    const { primitives } = this.options;
    let total = LISTEN_LEAST;
    while (total <= this.#wanted.size) total *= 2;
    const dummies = [...this.#dummies].slice(0, total - this.#wanted.size);
    while (dummies.length + this.#wanted.size < total) {
      const token = primitives.random(READ_TOKEN_SIZE);
      dummies.push([toHex(await mailboxAddress(primitives, token)), token]);
    }
    this.#dummies = new Map(dummies);
  }

  #synchronize() {
    const all = new Map([...this.#wanted, ...this.#dummies]);
    const gone = [...this.#subscribed].filter((address) => !all.has(address));
    const news = this.#shuffled([...all].filter(([address]) => !this.#subscribed.has(address)));
    if (gone.length) {
      const writer = new Writer().uint(UNSUBSCRIBE, 1).uint(gone.length, 1);
      for (const address of gone) writer.bytes(Uint8Array.from(address.match(/../g), (hex) => parseInt(hex, 16)));
      this.#send(writer.done());
    }
    if (news.length) {
      const writer = new Writer().uint(SUBSCRIBE, 1).uint(news.length, 1);
      for (const [, token] of news) writer.bytes(token);
      this.#send(writer.done());
    }
    this.#subscribed = new Set(all.keys());
  }

  #shuffled(list) {
    const keys = new Uint32Array(this.options.primitives.random(4 * list.length).buffer);
    return list.map((entry, i) => ({ entry, key: keys[i] })).sort((a, b) => a.key - b.key).map(({ entry }) => entry);
  }

  /** Also while there is no connection. @param {Uint8Array} address @param {Uint8Array} cell @param {number} ttl s */
  put(address, cell, ttl) {
    const at = this.options.now();
    const frame = new Writer().uint(PUT, 1).bytes(address).uint(ttl, 2).bytes(cell).done();
    this.#puts = [...this.#puts.slice(1 - PUTS_MAX), { frame, at, until: at + ttl * 1000, sent: false }];
    this.#drain();
  }

  /** Sends what waits, at the pace that a server grants. */
  #drain() {
    const now = this.options.now();
    if (!this.#open || now < this.#pausedUntil) return;
    this.#tokens = Math.min(SEND_BURST, this.#tokens + ((now - this.#filledAt) * SEND_RATE) / 1000);
    this.#filledAt = now;
    this.#puts = this.#puts.filter((put) => now < put.until);
    for (const put of this.#puts.filter(({ sent }) => !sent)) {
      if (this.#tokens < 1) {
        this.options.after(1000 / SEND_RATE, () => this.#drain());
        return;
      }
      this.#tokens--;
      this.counters.sent++;
      put.sent = true;
      this.#send(put.frame);
    }
  }

  /** @param {ArrayBuffer} data */
  #input(data) {
    const reader = new Reader(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0));
    const type = reader.uint(1);
    if (type === CELL && reader.left === MAILBOX_SIZE + CELL_SIZE) this.#takeCell(reader);
    else if (type === LIMIT && reader.left === 1) this.#limited();
    else this.#malformed();
  }

  #malformed() {
    this.counters.malformed++;
    if (++this.#strikes > STRIKES) this.#socket.close();
  }

  #limited() {
    this.counters.limited++;
    if (++this.#limits > LIMITS_HEEDED) return;
    const now = this.options.now();
    this.#pausedUntil = now + PAUSE;
    for (const put of this.#puts) put.sent &&= now - put.at > 2 * PAUSE;
    this.options.after(PAUSE, () => this.#drain());
  }

  #takeCell(reader) {
    const address = toHex(reader.bytes(MAILBOX_SIZE));
    const cell = reader.bytes(CELL_SIZE);
    const nonce = toHex(cell.slice(0, NONCE_SIZE));
    if (!this.#wanted.has(address)) {
      this.counters.unwanted++;
    } else if (this.#nonces.includes(nonce)) {
      this.counters.duplicate++;
    } else {
      this.counters.received++;
      this.#nonces = [...this.#nonces.slice(1 - NONCES), nonce];
      this.options.onCell(address, cell);
    }
  }
}
