// mailbox.mjs - where cells lie: an address new every day for each direction and device (PROTOCOL.md, section 3).
import { MAILBOX_SIZE, READ_TOKEN_SIZE } from './wire.mjs';
import { Writer, ascii, concat } from './bytes.mjs';

const DAY = 86400;
const OVERLAP = 2 * 3600;
export const INVITE_ROLE = Object.freeze({ INVITER: 1, JOINER: 2 });

/** @typedef {{ address: Uint8Array, readToken: Uint8Array, key: Uint8Array }} Mailbox */

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} readToken */
export async function mailboxAddress(primitives, readToken) {
  return (await primitives.sha256(ascii('sotto/mb'), readToken)).slice(0, MAILBOX_SIZE);
}

/** @returns {Promise<Mailbox>} */
async function fromSecret(primitives, secret, info) {
  const seed = await primitives.hkdf(READ_TOKEN_SIZE + 32, secret, info);
  const readToken = seed.slice(0, READ_TOKEN_SIZE);
  return { address: await mailboxAddress(primitives, readToken), readToken, key: seed.slice(READ_TOKEN_SIZE) };
}

/**
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} ps
 * @param {Uint8Array} sender ID @param {Uint8Array} recipient ID @param {Uint8Array} device the recipient's
 * @param {number} epoch @returns {Promise<Mailbox>}
 */
export function deriveMailbox(primitives, ps, sender, recipient, device, epoch) {
  const day = new Writer().uint(epoch, 4).done();
  return fromSecret(primitives, ps, concat(ascii('sotto/mbox/1'), sender, recipient, device, day));
}

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} s @param {number} role its reader's */
export function deriveInviteMailbox(primitives, s, role) {
  return fromSecret(primitives, s, concat(ascii('sotto/inv/1'), Uint8Array.of(role)));
}

/** @param {number} unix seconds @returns {number} */
export function epochOf(unix) {
  return Math.floor(unix / DAY);
}

/** Those to listen to: around midnight UTC the neighbours too. @param {number} unix @returns {number[]} */
export function epochsOf(unix) {
  const epoch = epochOf(unix);
  const second = unix - epoch * DAY;
  return second >= OVERLAP && second < DAY - OVERLAP ? [epoch] : [epoch, epoch - 1, epoch + 1];
}

/** When epochsOf() answers something else. @param {number} unix @returns {number} Unix seconds */
export function epochsChange(unix) {
  const midnight = epochOf(unix) * DAY;
  return [OVERLAP, DAY - OVERLAP, DAY].map((second) => midnight + second).find((change) => change > unix);
}
