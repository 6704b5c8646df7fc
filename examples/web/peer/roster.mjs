// roster.mjs - the signed list of a person's devices, a hash chain, and the accept rule (PROTOCOL.md, section 7a).
//
//   encoded = canonical TLV of {version, ID, seq, prev, issued, not_after, devices, revoked} || signature
//
// A page's own identity has one device, itself, so its own chain is its first roster; of a contact's chain
// everything is checked that one can check.
import { DEVICE_SIZE } from './wire.mjs';
import { HASH_SIZE, KEY_SIZE, SIGNATURE_SIZE } from './primitives.mjs';
import { Reader, Writer, compare, concat, equal, isZero } from './bytes.mjs';
import { parseTlv, tlv, tlvUint } from './tlv.mjs';

const ROSTER_VERSION = 1;
const DEVICES_MAX = 8;
const REVOKED_MAX = 32;
const ENTRY_SIZE = DEVICE_SIZE + 2 * KEY_SIZE + 4 + 4 + SIGNATURE_SIZE;
const REVOKED_SIZE = DEVICE_SIZE + 4 + 1;
const LIFE = 400 * 86400;
const LINKS_MAX = 64;
const TAG = { VERSION: 1, ID: 2, SEQ: 3, PREV: 4, ISSUED: 5, NOT_AFTER: 6, DEVICES: 7, REVOKED: 8 };

/**
 * @typedef {object} RosterDevice
 * @property {Uint8Array} id @property {Uint8Array} dk @property {Uint8Array} dx
 * @property {number} caps @property {number} addedSeq @property {Uint8Array} acceptSig
 *
 * @typedef {{ id: Uint8Array, atSeq: number, reason: number }} RosterRevoked
 *
 * @typedef {object} Roster
 * @property {Uint8Array} id IK @property {number} seq @property {Uint8Array} prev
 * @property {number} issued @property {number} notAfter
 * @property {RosterDevice[]} devices by ascending id @property {RosterRevoked[]} revoked by ascending id
 * @property {Uint8Array} encoded @property {import('./message.mjs').Head} head
 */

/** What a chain is against what was known. */
export const VERDICT = Object.freeze({ ACCEPTED: 'accepted', SAME: 'same', STALE: 'stale', FORK: 'fork', BAD: 'bad' });

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} dk @param {Uint8Array} dx */
export async function deviceId(primitives, dk, dx) {
  return (await primitives.sha256(dk, dx)).slice(0, DEVICE_SIZE);
}

/** @param {Uint8Array} ik @param {number} seq @param {Uint8Array} id */
function acceptMessage(ik, seq, id) {
  return concat(ik, new Writer().uint(seq, 4).done(), id);
}

/** @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} encoded @param {number} seq */
async function headOf(primitives, encoded, seq) {
  return { seq, hash: await primitives.sha256(encoded) };
}

/**
 * The first statement of an identity: one device.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Omit<import('./identity.mjs').Identity, 'roster'>} identity
 * @param {CryptoKey} ikSecret @param {number} unix @returns {Promise<Uint8Array>}
 */
export async function firstRoster(primitives, identity, ikSecret, unix) {
  const { ik, device } = identity;
  const accept = await primitives.sign(device.dk.secret, 'roster-accept', acceptMessage(ik, 0, device.id));
  const entry = new Writer().bytes(device.id).bytes(device.dk.public).bytes(device.dx.public).uint(0, 4).uint(0, 4);
  const fields = concat(
    tlvUint(TAG.VERSION, ROSTER_VERSION, 1),
    tlv(TAG.ID, ik),
    tlvUint(TAG.SEQ, 0, 4),
    tlv(TAG.PREV, new Uint8Array(HASH_SIZE)),
    tlvUint(TAG.ISSUED, unix, 8),
    tlvUint(TAG.NOT_AFTER, unix + LIFE, 8),
    tlv(TAG.DEVICES, entry.bytes(accept).done()),
    tlv(TAG.REVOKED, new Uint8Array(0)),
  );
  return concat(fields, await primitives.sign(ikSecret, 'roster', fields));
}

/** @param {Uint8Array} bytes @returns {RosterDevice[]|null} */
function readDevices(bytes) {
  if (bytes.length % ENTRY_SIZE || bytes.length / ENTRY_SIZE > DEVICES_MAX) return null;
  const reader = new Reader(bytes);
  return Array.from({ length: bytes.length / ENTRY_SIZE }, () => ({
    id: reader.bytes(DEVICE_SIZE),
    dk: reader.bytes(KEY_SIZE),
    dx: reader.bytes(KEY_SIZE),
    caps: reader.uint(4),
    addedSeq: reader.uint(4),
    acceptSig: reader.bytes(SIGNATURE_SIZE),
  }));
}

/** @param {Uint8Array} bytes @returns {RosterRevoked[]|null} */
function readRevoked(bytes) {
  if (bytes.length % REVOKED_SIZE || bytes.length / REVOKED_SIZE > REVOKED_MAX) return null;
  const reader = new Reader(bytes);
  return Array.from({ length: bytes.length / REVOKED_SIZE }, () => ({
    id: reader.bytes(DEVICE_SIZE),
    atSeq: reader.uint(4),
    reason: reader.uint(1),
  }));
}

/**
 * Every field has one size but the two lists, so what is read is canonical.
 * @param {Uint8Array} signed @returns {Omit<Roster, 'encoded'|'head'>|null}
 */
function readFields(signed) {
  const fields = parseTlv(signed);
  const sizes = [
    [TAG.VERSION, 1],
    [TAG.ID, KEY_SIZE],
    [TAG.SEQ, 4],
    [TAG.PREV, HASH_SIZE],
    [TAG.ISSUED, 8],
    [TAG.NOT_AFTER, 8],
  ];
  if (!fields || fields.size !== 8 || sizes.some(([tag, size]) => fields.get(tag)?.length !== size)) return null;
  const value = (tag) => new Reader(fields.get(tag));
  const devices = fields.has(TAG.DEVICES) && readDevices(fields.get(TAG.DEVICES));
  const revoked = fields.has(TAG.REVOKED) && readRevoked(fields.get(TAG.REVOKED));
  if (!devices || !revoked || value(TAG.VERSION).uint(1) !== ROSTER_VERSION) return null;
  return {
    id: fields.get(TAG.ID),
    seq: value(TAG.SEQ).uint(4),
    prev: fields.get(TAG.PREV),
    issued: value(TAG.ISSUED).u64(),
    notAfter: value(TAG.NOT_AFTER).u64(),
    devices,
    revoked,
  };
}

/** Ascending ids: one order, and nobody twice. @param {{ id: Uint8Array }[]} list */
function ascends(list) {
  return list.every((entry, i) => i === 0 || compare(list[i - 1].id, entry.id) < 0);
}

/** @template {{ id: Uint8Array }} Entry @param {Entry[]} list @param {Uint8Array} id @returns {Entry|undefined} */
const find = (list, id) => list.find((entry) => equal(entry.id, id));

/** @param {Omit<Roster, 'encoded'|'head'>} roster */
function listsAreSound(roster) {
  return (
    ascends(roster.devices) &&
    ascends(roster.revoked) &&
    roster.issued <= roster.notAfter &&
    (roster.seq > 0 || isZero(roster.prev)) &&
    roster.devices.every((device) => !find(roster.revoked, device.id) && device.addedSeq <= roster.seq) &&
    roster.revoked.every((revoked) => revoked.atSeq > 0 && revoked.atSeq <= roster.seq)
  );
}

/** Its id is its keys', it consents, and its X25519 key is no point of low order. */
async function deviceIsSound(primitives, roster, device) {
  const probe = await primitives.makeKeys('X25519');
  const message = acceptMessage(roster.id, device.addedSeq, device.id);
  return (
    equal(await deviceId(primitives, device.dk, device.dx), device.id) &&
    (await primitives.x25519(probe.secret, device.dx)) !== null &&
    (await primitives.verify(device.acceptSig, device.dk, 'roster-accept', message))
  );
}

/**
 * Parses and verifies everything that one roster alone can prove.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} encoded @returns {Promise<Roster|null>}
 */
export async function parseRoster(primitives, encoded) {
  if (encoded.length <= SIGNATURE_SIZE) return null;
  const signed = encoded.slice(0, -SIGNATURE_SIZE);
  const roster = readFields(signed);
  if (!roster || !listsAreSound(roster)) return null;
  if (!(await primitives.verify(encoded.slice(-SIGNATURE_SIZE), roster.id, 'roster', signed))) return null;
  for (const device of roster.devices) if (!(await deviceIsSound(primitives, roster, device))) return null;
  return { ...roster, encoded, head: await headOf(primitives, encoded, roster.seq) };
}

/** @param {{ devices: RosterDevice[] }} roster @param {Uint8Array} id */
export function findDevice(roster, id) {
  return find(roster.devices, id);
}

/** @param {{ revoked: RosterRevoked[] }} roster @param {Uint8Array} id */
export function findRevoked(roster, id) {
  return find(roster.revoked, id);
}

/**
 * A head heard in gossip: ACCEPTED is newer than ours.
 * @param {import('./message.mjs').Head} ours @param {import('./message.mjs').Head} theirs
 */
export function compareHeads(ours, theirs) {
  if (theirs.seq !== ours.seq) return theirs.seq < ours.seq ? VERDICT.STALE : VERDICT.ACCEPTED;
  return equal(theirs.hash, ours.hash) ? VERDICT.SAME : VERDICT.FORK;
}

/** Whoever is new says so; nobody leaves without a revocation; a revocation is for good. */
function follows(before, next) {
  const devices = next.devices.every((device) => {
    const old = findDevice(before, device.id);
    return device.addedSeq === (old ? old.addedSeq : next.seq) && !findRevoked(before, device.id);
  });
  const left = before.devices.every((device) => findDevice(next, device.id) || findRevoked(next, device.id));
  const kept = before.revoked.every((gone) => findRevoked(next, gone.id) || next.revoked.length >= REVOKED_MAX);
  return devices && left && kept;
}

/** One link beyond `last`. A root that signs seq + 1 over another history has signed two statements. */
function step(last, next) {
  const verdict = compareHeads(last.head, next.head);
  if (verdict !== VERDICT.ACCEPTED) return verdict;
  if (next.seq - last.seq !== 1) return VERDICT.BAD;
  if (!equal(next.prev, last.head.hash)) return VERDICT.FORK;
  return follows(last, next) ? VERDICT.ACCEPTED : VERDICT.BAD;
}

/**
 * The accept rule against what was known; `links` ascending, contiguous.
 * @param {import('./primitives.mjs').Primitives} primitives @param {Roster} current @param {Uint8Array[]} links
 * @returns {Promise<{ verdict: string, roster: Roster, proof?: Roster }>} proof: theirs, when it is a fork
 */
export async function acceptLinks(primitives, current, links) {
  let last = current;
  /** @type {string} */
  let verdict = links.length ? VERDICT.STALE : VERDICT.BAD;
  for (const link of links) {
    const next = await parseRoster(primitives, link);
    if (!next || !equal(next.id, current.id)) return { verdict: VERDICT.BAD, roster: current };
    const now = step(last, next);
    if (now === VERDICT.FORK && last.seq === current.seq) return { verdict: now, roster: current, proof: next };
    if (now === VERDICT.BAD || now === VERDICT.FORK) return { verdict: VERDICT.BAD, roster: current };
    if (now === VERDICT.ACCEPTED) last = next;
    if (now !== VERDICT.STALE && verdict !== VERDICT.ACCEPTED) verdict = now;
  }
  return { verdict, roster: verdict === VERDICT.ACCEPTED ? last : current };
}

/** A run of links, each `size u16, signed roster`. @param {Uint8Array} bytes @returns {Uint8Array[]} none: malformed */
export function splitLinks(bytes) {
  const reader = new Reader(bytes);
  const links = [];
  while (reader.left) {
    links.push(reader.bytes(reader.uint(2)));
    if (reader.bad || links.length > LINKS_MAX) return [];
  }
  return links;
}

/** @param {Uint8Array[]} links @returns {Uint8Array} */
export function joinLinks(links) {
  return concat(...links.map((link) => new Writer().uint(link.length, 2).bytes(link).done()));
}
