// fake_server.mjs - a signaling server inside the test: WebSockets without sockets, and a `meddle` that may drop or
// change what passes, as a hostile server would.
import { concat, toHex } from '../../examples/web/peer/bytes.mjs';
import { mailboxAddress } from '../../examples/web/peer/mailbox.mjs';

const SUBSCRIBE = 1;
const PUT = 2;
const UNSUBSCRIBE = 3;
const CELL = 0x81;

/** @param {import('../../examples/web/peer/primitives.mjs').Primitives} primitives */
export function fakeServer(primitives) {
  /** @type {Map<string, Uint8Array[]>} */
  const kept = new Map();
  const sockets = new Set();
  const server = {
    /** @type {(address: string, cell: Uint8Array) => Uint8Array[]} the cells that lie there in its place */
    meddle: (_, cell) => [cell],
    frames: [],
    sockets,
    /** Loses every connection. */
    drop() {
      for (const socket of [...sockets]) socket.close();
    },
  };

  function keep(address, cell) {
    for (const put of server.meddle(address, cell)) {
      kept.set(address, [...(kept.get(address) ?? []), put]);
      for (const socket of sockets) socket.deliver(address, put);
    }
  }

  server.WebSocket = class FakeWebSocket {
    #subscribed = new Set();
    #work = Promise.resolve();

    constructor(url) {
      this.url = url;
      sockets.add(this);
      setTimeout(() => this.onopen?.(), 0);
    }

    deliver(address, cell) {
      if (!this.#subscribed.has(address)) return;
      const mailbox = Uint8Array.from(address.match(/../g), (hex) => parseInt(hex, 16));
      const frame = concat(Uint8Array.of(CELL), mailbox, cell);
      setTimeout(() => sockets.has(this) && this.onmessage?.({ data: frame.buffer }), 0);
    }

    /** @param {Uint8Array} frame */
    send(frame) {
      server.frames.push(frame);
      this.#work = this.#work.then(() => this.#take(frame));
    }

    async #take(frame) {
      if (frame[0] === PUT) return keep(toHex(frame.slice(1, 17)), frame.slice(19));
      const size = frame[0] === SUBSCRIBE ? 32 : 16;
      if (frame.length !== 2 + frame[1] * size) throw new Error('malformed');
      for (let i = 0; i < frame[1]; i++) {
        const entry = frame.slice(2 + i * size, 2 + (i + 1) * size);
        if (frame[0] === UNSUBSCRIBE) this.#subscribed.delete(toHex(entry));
        else await this.#subscribe(entry);
      }
      return undefined;
    }

    async #subscribe(token) {
      const address = toHex(await mailboxAddress(primitives, token));
      this.#subscribed.add(address);
      for (const cell of kept.get(address) ?? []) this.deliver(address, cell);
    }

    close() {
      if (sockets.delete(this)) setTimeout(() => this.onclose?.(), 0);
    }
  };
  return server;
}
