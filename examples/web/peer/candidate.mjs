// candidate.mjs - an ICE candidate as it crosses the sealed channel (RFC 8445), and which of a peer's we try.
//
// No text of the peer's ever reaches the ICE stack: a candidate line is made from these fields (RFC 8839). The
// related address is left out on purpose. What an attacker would want to reach with our checks is refused (the table
// is IANA's special-purpose registries, as signaling/candidate.c has it).
import { ascii, fromAscii } from './bytes.mjs';

/**
 * @typedef {object} Candidate
 * @property {number} type 1 host, 2 srflx, 3 prflx, 4 relay
 * @property {number} transport 1 UDP, 2 TCP active, 3 passive, 4 simultaneous open
 * @property {Uint8Array} address 4 or 16 bytes
 * @property {number} port
 * @property {number} priority
 * @property {string} foundation
 */

export const CANDIDATES_MAX = 16;
const FOUNDATION_MAX = 32;
const TYPES = ['host', 'srflx', 'prflx', 'relay'];
const TRANSPORTS = ['', 'active', 'passive', 'so'];
const HOST = 1;
const RELAY = 4;
const UDP = 1;

const ALLOWED = 0;
const LAN = 1;
const REFUSED = 2;
/** The first match counts. @type {[number, number[], number, number][]} family, prefix, bits, verdict */
const RANGES = [
  [4, [0], 8, REFUSED],
  [4, [10], 8, LAN],
  [4, [100, 64], 10, LAN],
  [4, [127], 8, LAN],
  [4, [169, 254], 16, REFUSED],
  [4, [172, 16], 12, LAN],
  [4, [192, 0, 0], 24, REFUSED],
  [4, [192, 0, 2], 24, REFUSED],
  [4, [192, 88, 99], 24, REFUSED],
  [4, [192, 168], 16, LAN],
  [4, [198, 18], 15, REFUSED],
  [4, [198, 51, 100], 24, REFUSED],
  [4, [203, 0, 113], 24, REFUSED],
  [4, [224], 3, REFUSED],
  [4, [], 0, ALLOWED],
  [6, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128, LAN],
  [6, [0xfc], 7, LAN],
  [6, [0x20, 0x01, 0x0d, 0xb8], 32, REFUSED],
  [6, [0x3f, 0xff], 20, REFUSED],
  [6, [0x20, 0x01], 23, REFUSED],
  [6, [0x20, 0x02], 16, REFUSED],
  [6, [0x20], 3, ALLOWED],
  [6, [], 0, REFUSED],
];

function inRange(address, prefix, bits) {
  for (let i = 0; i < bits; i += 8) {
    const drop = Math.max(0, i + 8 - bits);
    if ((address[i / 8] ^ (prefix[i / 8] ?? 0)) >> drop !== 0) return false;
  }
  return true;
}

/** Letters, digits, '+' and '/' (RFC 8839). @param {string} text @returns {boolean} */
export function isIceText(text) {
  return /^[A-Za-z0-9+/]*$/.test(text);
}

/** @param {Candidate} candidate @returns {boolean} */
export function isWellFormed({ type, transport, address, port, priority, foundation }) {
  return (
    type >= HOST &&
    type <= RELAY &&
    transport >= UDP &&
    transport <= 4 &&
    port > 0 &&
    port <= 0xffff &&
    priority > 0 &&
    priority <= 0xffffffff &&
    (address.length === 4 || address.length === 16) &&
    foundation.length >= 1 &&
    foundation.length <= FOUNDATION_MAX &&
    isIceText(foundation)
  );
}

/** @param {Candidate} candidate @param {boolean} lan private, shared and loopback addresses too */
export function isAllowed(candidate, lan) {
  if (!isWellFormed(candidate)) return false;
  const family = candidate.address.length === 4 ? 4 : 6;
  const row = RANGES.find(([of, prefix, bits]) => of === family && inRange(candidate.address, prefix, bits));
  return row[3] === ALLOWED || (row[3] === LAN && lan);
}

/** @param {import('./bytes.mjs').Writer} writer @param {Candidate} candidate */
export function writeCandidate(writer, candidate) {
  if (!isWellFormed(candidate)) throw new RangeError('not a candidate');
  writer
    .uint(candidate.type, 1)
    .uint(candidate.transport, 1)
    .uint(candidate.address.length === 4 ? 4 : 6, 1);
  writer.bytes(candidate.address).uint(candidate.port, 2).uint(candidate.priority, 4);
  writer.uint(candidate.foundation.length, 1).bytes(ascii(candidate.foundation));
}

/** @param {import('./bytes.mjs').Reader} reader @returns {Candidate|null} */
export function readCandidate(reader) {
  const type = reader.uint(1);
  const transport = reader.uint(1);
  const family = reader.uint(1);
  if (family !== 4 && family !== 6) return null;
  const candidate = {
    type,
    transport,
    address: reader.bytes(family === 4 ? 4 : 16),
    port: reader.uint(2),
    priority: reader.uint(4),
    foundation: fromAscii(reader.bytes(reader.uint(1))),
  };
  return !reader.bad && isWellFormed(candidate) ? candidate : null;
}

/** @param {string} text @returns {Uint8Array|null} a numeric address; null: a name, such as a .local one */
export function parseAddress(text) {
  const four = text.split('.').map(Number);
  if (/^\d+(\.\d+){3}$/.test(text)) return four.every((n) => n < 256) ? Uint8Array.from(four) : null;
  if (!/^[0-9a-fA-F:]+$/.test(text) || !text.includes(':')) return null;
  const [head, tail] = text.split('::').map((part) => (part ? part.split(':') : []));
  const groups = tail ? [...head, ...Array(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail] : head;
  if (groups.length !== 8 || groups.some((group) => group.length > 4)) return null;
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]));
}

/** @param {Uint8Array} address @returns {string} */
export function formatAddress(address) {
  if (address.length === 4) return address.join('.');
  return Array.from({ length: 8 }, (_, i) => ((address[2 * i] << 8) | address[2 * i + 1]).toString(16)).join(':');
}

/**
 * From our own browser: "candidate:1 1 udp 2122194687 192.0.2.2 38421 typ host ..." (RFC 8839, section 5.1).
 * @param {string} line @returns {Candidate|null} null: a .local name, another component, or malformed
 */
export function parseCandidateLine(line) {
  const words = line
    .replace(/^a=/, '')
    .replace(/^candidate:/, '')
    .trim()
    .split(/\s+/);
  const [foundation, component, protocol, priority, host, port] = words;
  const address = parseAddress(host ?? '');
  const type = TYPES.indexOf(words[words.indexOf('typ') + 1]) + 1;
  const tcp = words[words.indexOf('tcptype') + 1];
  const transport = protocol?.toLowerCase() === 'udp' ? UDP : TRANSPORTS.indexOf(tcp) + 1;
  if (component !== '1' || !address || words[6] !== 'typ') return null;
  const candidate = { type, transport, address, port: Number(port), priority: Number(priority), foundation };
  return isWellFormed(candidate) ? candidate : null;
}

/** For our own browser, from the peer's fields. @param {Candidate} candidate @returns {string} */
export function formatCandidateLine(candidate) {
  const tcp = candidate.transport === UDP ? '' : ` tcptype ${TRANSPORTS[candidate.transport - 1]}`;
  const related =
    candidate.type === HOST ? '' : candidate.address.length === 4 ? ' raddr 0.0.0.0 rport 9' : ' raddr :: rport 9';
  return (
    `candidate:${candidate.foundation} 1 ${candidate.transport === UDP ? 'udp' : 'tcp'} ${candidate.priority} ` +
    `${formatAddress(candidate.address)} ${candidate.port} typ ${TYPES[candidate.type - 1]}${related}${tcp}`
  );
}

/** @param {Candidate} candidate @returns {boolean} */
export function isRelayed(candidate) {
  return candidate.type === RELAY;
}
