// statement.mjs - the last word of an identity: that it is dead, or that another one follows (PROTOCOL.md, 8b).
//
//   TOMBSTONE = 1 u8, IK 32, sig 64        ROTATE = 2 u8, IK 32, IK' 32, sig 64, sig' 64, first roster of IK'
import { Reader, concat, equal } from './bytes.mjs';
import { parseRoster } from './roster.mjs';

const TOMBSTONE = 1;
const ROTATE = 2;

/**
 * Everything that it proves by itself; null: nothing.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} bytes
 * @returns {Promise<{ kind: 'tombstone'|'rotate', ik: Uint8Array, next?: Uint8Array }|null>}
 */
export async function parseStatement(primitives, bytes) {
  const reader = new Reader(bytes);
  const kind = reader.uint(1);
  const ik = reader.bytes(32);
  if (kind === TOMBSTONE) {
    const signature = reader.bytes(64);
    const good = !reader.bad && !reader.left && (await primitives.verify(signature, ik, 'tombstone', ik));
    return good ? { kind: 'tombstone', ik } : null;
  }
  const next = reader.bytes(32);
  const signatures = [reader.bytes(64), reader.bytes(64)];
  const roster = reader.bad || kind !== ROTATE || equal(ik, next) ? null : await parseRoster(primitives, reader.rest());
  if (!roster || roster.seq !== 0 || roster.devices.length !== 1 || !equal(roster.id, next)) return null;
  const both = concat(ik, next);
  const signed =
    (await primitives.verify(signatures[0], ik, 'rotate', both)) &&
    (await primitives.verify(signatures[1], next, 'rotate', both));
  return signed ? { kind: 'rotate', ik, next } : null;
}
