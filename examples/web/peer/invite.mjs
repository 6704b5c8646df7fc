// invite.mjs - a one-time invite as text, "SOTTO:I/" and base 32 with a checksum (PROTOCOL.md, section 8).
import { DEVICE_SIZE } from './wire.mjs';
import { KEY_SIZE } from './primitives.mjs';
import { Reader, Writer, ascii, fromAscii } from './bytes.mjs';
import { decodeBase32, encodeBase32 } from './bech32.mjs';

const INVITE_VERSION = 1;
const LABEL = 'sotto-invite';
const SCHEME = 'SOTTO:I/';
const IN_PERSON = 1;
const SECRET_SIZE = 16;
const HINT_MAX = 95;
const LIFE = 24 * 3600;
const LIFE_IN_PERSON = 120;
const CLOCK_SKEW = 60;

/**
 * @typedef {object} Invite
 * @property {boolean} inPerson @property {number} expiry Unix seconds @property {Uint8Array} ik
 * @property {Uint8Array} dx @property {Uint8Array} device
 * @property {Uint8Array} secret s: whoever has it may join, once
 * @property {string} hint URL of the inviter's signaling server
 */

/** Printable ASCII without spaces, as a URL is. @param {string} hint */
function hintIsSound(hint) {
  return hint.length <= HINT_MAX && /^[\x21-\x7e]*$/.test(hint);
}

/**
 * @param {import('./primitives.mjs').Primitives} primitives @param {import('./identity.mjs').Identity} identity
 * @param {{ inPerson: boolean, hint: string, unix: number }} options @returns {Invite}
 */
export function makeInvite(primitives, identity, { inPerson, hint, unix }) {
  if (!hintIsSound(hint)) throw new RangeError('the address of the server is too long for an invite');
  return {
    inPerson,
    expiry: unix + (inPerson ? LIFE_IN_PERSON : LIFE),
    ik: identity.ik,
    dx: identity.device.dx.public,
    device: identity.device.id,
    secret: primitives.random(SECRET_SIZE),
    hint,
  };
}

/** @param {Invite} invite @returns {string} */
export function formatInvite(invite) {
  const writer = new Writer()
    .uint(INVITE_VERSION, 1)
    .uint(invite.inPerson ? IN_PERSON : 0, 1)
    .uint(invite.expiry, 4);
  writer.bytes(invite.ik).bytes(invite.dx).bytes(invite.device).bytes(invite.secret).bytes(ascii(invite.hint));
  return SCHEME + encodeBase32(LABEL, writer.done());
}

/** @param {string} text the invite, or a link that carries it after its '#' @returns {Invite|null} */
export function parseInvite(text) {
  const payload = /^https:\/\//i.test(text) ? text.slice(text.indexOf('#') + 1) : text;
  const upper = payload === payload.toUpperCase();
  if (!payload.startsWith(upper ? SCHEME : SCHEME.toLowerCase()) || (!upper && payload !== payload.toLowerCase()))
    return null;
  const bytes = decodeBase32(LABEL, payload.slice(SCHEME.length));
  if (!bytes) return null;
  const reader = new Reader(bytes);
  const version = reader.uint(1);
  const flags = reader.uint(1);
  const invite = {
    inPerson: flags === IN_PERSON,
    expiry: reader.uint(4),
    ik: reader.bytes(KEY_SIZE),
    dx: reader.bytes(KEY_SIZE),
    device: reader.bytes(DEVICE_SIZE),
    secret: reader.bytes(SECRET_SIZE),
    hint: fromAscii(reader.rest()),
  };
  if (reader.bad || version !== INVITE_VERSION || flags > IN_PERSON || !hintIsSound(invite.hint)) return null;
  return invite;
}

/** @param {Invite} invite @param {number} unix */
export function inviteExpired(invite, unix) {
  return unix >= invite.expiry;
}

/** One "in person" whose life ends later than these rules allow was not made just now. */
export function inviteIsTooNew(invite, unix) {
  return invite.inPerson && invite.expiry > unix + LIFE_IN_PERSON + CLOCK_SKEW;
}
