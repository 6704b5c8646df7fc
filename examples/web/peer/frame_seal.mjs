// frame_seal.mjs - encoded frames as a browser hands them to a transform, sealed on their way out and opened on their
// way in (PROTOCOL.md, section 9b; engine/call/frame_seal.h).
//
// Sound is KID 1, pictures are KID 2. A picture's first bytes stay in clear: the browser packetizes by them. Of RED
// (RFC 2198) each block is a frame of its own.
import { Opener, SUITE, Sealer } from './sframe.mjs';
import { ascii, concat } from './bytes.mjs';

const KID = { audio: 1n, video: 2n };
const KEY_CLEAR = 10;
const CLEAR = 1;
const RED_COPY_MAX = 0x3ff; /* bytes */

/**
 * The base keys of a call: what we seal with and what we open with, for HKDF alone and not to be read again.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} chainingKey Noise's, at Split
 * @param {boolean} caller whether we are
 * @returns {Promise<{ send: CryptoKey, receive: CryptoKey }>}
 */
export async function frameKeys(primitives, chainingKey, caller) {
  const keyOf = async (direction) => {
    const key = await primitives.hkdf(32, chainingKey, concat(ascii('sotto/sframe/1'), Uint8Array.of(direction)));
    return primitives.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey', 'deriveBits']);
  };
  const [callers, callees] = [await keyOf(1), await keyOf(2)];
  return caller ? { send: callers, receive: callees } : { send: callees, receive: callers };
}

/**
 * The blocks of a RED payload, the newest frame last: each with its head, whose size field is the last ten bits.
 * @param {Uint8Array} payload @returns {{ head: Uint8Array, data: Uint8Array }[]|null} null: malformed
 */
export function parseRed(payload) {
  const heads = [];
  let at = 0;
  for (; payload[at] & 0x80; at += 4) heads.push(payload.slice(at, at + 4));
  heads.push(payload.slice(at, ++at));
  const blocks = [];
  for (const head of heads) {
    const size = head.length === 4 ? ((head[2] & 3) << 8) | head[3] : payload.length - at;
    if (size < 0 || at + size > payload.length) return null;
    blocks.push({ head, data: payload.subarray(at, at + size) });
    at += size;
  }
  return blocks;
}

/** @param {{ head: Uint8Array, data: Uint8Array }[]} blocks @returns {Uint8Array} */
export function writeRed(blocks) {
  const heads = blocks.map(({ head, data }) =>
    head.length === 4
      ? Uint8Array.of(head[0], head[1], (head[2] & 0xfc) | (data.length >> 8), data.length & 0xff)
      : head,
  );
  return concat(...heads, ...blocks.map(({ data }) => data));
}

/**
 * The newest first: a copy may be the same bytes, and must not be in its way.
 * @param {Uint8Array} payload @param {(frame: Uint8Array) => Promise<Uint8Array|null>} change
 * @returns {Promise<Uint8Array|null>} without the copies that could not be; null: without the frame itself
 */
async function changeRed(payload, change) {
  const changed = [];
  for (const { head, data } of (parseRed(payload) ?? []).reverse()) {
    const out = await change(data);
    if (out && (head.length === 1 || out.length <= RED_COPY_MAX)) changed.unshift({ head, data: out });
    else if (head.length === 1) return null;
  }
  return changed.length ? writeRed(changed) : null;
}

export class FrameSeal {
  #kind;
  #sealer = null;
  #opener = null;

  /** @param {SubtleCrypto} subtle @param {'audio'|'video'} kind @param {'send'|'receive'} side @param {CryptoKey} baseKey */
  static async make(subtle, kind, side, baseKey) {
    const seal = new FrameSeal();
    const keyed = [subtle, SUITE.AES_256_GCM_SHA512_128, KID[kind], baseKey];
    seal.#kind = kind;
    if (side === 'send') seal.#sealer = await Sealer.derive(...keyed);
    else seal.#opener = await Opener.derive(...keyed);
    return seal;
  }

  #clearOf(frame) {
    if (this.#kind === 'audio') return 0;
    return frame.type === 'key' ? KEY_CLEAR : CLEAR;
  }

  /** @returns {Promise<Uint8Array|null>} */
  async #change(bytes, clear) {
    if (bytes.length < clear) return null;
    const [head, rest] = [bytes.subarray(0, clear), bytes.subarray(clear)];
    const changed = await (this.#sealer ? this.#sealer.seal(rest, head) : this.#opener.open(rest, head));
    return changed && concat(head, changed);
  }

  /**
   * @param {{ data: ArrayBuffer, type?: string, getMetadata(): { mimeType?: string } }} frame the browser's, changed in place
   * @returns {Promise<boolean>} false: it goes no further
   */
  async transform(frame) {
    const bytes = new Uint8Array(frame.data);
    const clear = this.#clearOf(frame);
    const red = this.#kind === 'audio' && /\/red$/i.test(frame.getMetadata().mimeType ?? '');
    const change = (one) => this.#change(one, clear);
    const changed = await (red ? changeRed(bytes, change) : change(bytes));
    if (changed) frame.data = changed.buffer;
    return changed !== null;
  }
}
