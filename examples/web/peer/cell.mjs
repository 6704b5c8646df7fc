// cell.mjs - cells: 2048 bytes, all alike, that hide type, length and keys (PROTOCOL.md, section 4).
//
//   nonce 12 || AES-256-GCM(K_cell, ver u8 | type u8 | device 8 | session 8 | n u32 | fragment u8 | fragments u8 |
//                                   size u16 | body, then zeros)
import { CELL_SIZE, CELL, DEVICE_SIZE, NONCE_SIZE, SESSION_SIZE, VERSION } from './wire.mjs';
import { Reader, Writer, concat, equal, isZero } from './bytes.mjs';
import { TAG_SIZE } from './primitives.mjs';

const INNER_SIZE = CELL_SIZE - NONCE_SIZE - TAG_SIZE;
const HEADER_SIZE = 26;
export const BODY_MAX = INNER_SIZE - HEADER_SIZE;
const FRAGMENTS_MAX = 4;
const SLOTS = 4;

/**
 * @typedef {{ type: number, device: Uint8Array, session: Uint8Array, n: number }} CellHeader
 * @typedef {CellHeader & { fragment: number, fragments: number, body: Uint8Array }} Cell
 */

/** @param {CellHeader} header @param {Uint8Array} body @param {number} fragment @param {number} fragments */
function innerOf(header, body, fragment, fragments) {
  const writer = new Writer().uint(VERSION, 1).uint(header.type, 1).bytes(header.device).bytes(header.session);
  writer.uint(header.n, 4).uint(fragment, 1).uint(fragments, 1).uint(body.length, 2).bytes(body);
  return writer.bytes(new Uint8Array(BODY_MAX - body.length)).done();
}

/**
 * The cells of one message.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} key @param {CellHeader} header
 * @param {Uint8Array} message at most 7976 bytes @returns {Promise<Uint8Array[]>}
 */
export async function sealCells(primitives, key, header, message) {
  const fragments = Math.max(1, Math.ceil(message.length / BODY_MAX));
  if (fragments > FRAGMENTS_MAX) throw new RangeError('too long for cells');
  const cells = [];
  for (let i = 0; i < fragments; i++) {
    const nonce = primitives.random(NONCE_SIZE);
    const inner = innerOf(header, message.slice(i * BODY_MAX, (i + 1) * BODY_MAX), i, fragments);
    cells.push(concat(nonce, await primitives.seal(key, nonce, inner)));
  }
  return cells;
}

/** One message has one set of cells: all full but the last, which is not empty unless it is the only one. */
function fragmentFits(fragment, fragments, size) {
  if (fragments < 1 || fragments > FRAGMENTS_MAX || fragment >= fragments) return false;
  if (fragment < fragments - 1) return size === BODY_MAX;
  return size <= BODY_MAX && (fragments === 1 || size > 0);
}

/**
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} key @param {Uint8Array} sealed
 * @returns {Promise<Cell|null>}
 */
export async function openCell(primitives, key, sealed) {
  const inner = await primitives.open(key, sealed.slice(0, NONCE_SIZE), sealed.slice(NONCE_SIZE));
  if (!inner || inner.length !== INNER_SIZE) return null;
  const reader = new Reader(inner);
  const version = reader.uint(1);
  const header = {
    type: reader.uint(1),
    device: reader.bytes(DEVICE_SIZE),
    session: reader.bytes(SESSION_SIZE),
    n: reader.uint(4),
    fragment: reader.uint(1),
    fragments: reader.uint(1),
  };
  const size = reader.uint(2);
  if (version !== VERSION || header.type < CELL.KNOCK || header.type > CELL.LINK_DATA) return null;
  if (!fragmentFits(header.fragment, header.fragments, size)) return null;
  const body = reader.bytes(size);
  return isZero(reader.rest()) ? { ...header, body } : null;
}

/** @param {CellHeader} a @param {CellHeader} b */
function sameMessage(a, b) {
  return a.type === b.type && a.n === b.n && equal(a.device, b.device) && equal(a.session, b.session);
}

/** The messages whose cells are not all there yet; the oldest gives way. */
export class Reassembler {
  /** @type {{ header: Cell, bodies: (Uint8Array|undefined)[] }[]} */
  #slots = [];

  /** @param {Cell} cell @returns {Uint8Array|null} a whole message */
  input(cell) {
    if (cell.fragments === 1) return cell.body;
    let slot = this.#slots.find(({ header }) => sameMessage(header, cell));
    if (!slot) {
      slot = { header: cell, bodies: Array(cell.fragments).fill(undefined) };
      this.#slots = [...this.#slots.slice(1 - SLOTS), slot];
    }
    if (slot.header.fragments !== cell.fragments || slot.bodies[cell.fragment]) return null;
    slot.bodies[cell.fragment] = cell.body;
    if (slot.bodies.includes(undefined)) return null;
    this.#slots = this.#slots.filter((other) => other !== slot);
    return concat(...slot.bodies);
  }
}
