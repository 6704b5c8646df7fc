// message.mjs - messages: a type and its fields in canonical TLV (PROTOCOL.md, section 6).
//
// Two tables say everything: how a field of each tag is written and read, and which fields each message has. What is
// out of bounds does not parse; what parsed is encoded again and must be the same bytes.
import { CANDIDATES_MAX, isIceText, readCandidate, writeCandidate } from './candidate.mjs';
import { Reader, Writer, ascii, concat, equal, fromAscii } from './bytes.mjs';
import { FORMAT, MESSAGE, MESSAGE_MAX } from './wire.mjs';
import { parseTlv, tlv } from './tlv.mjs';

/**
 * @typedef {{ seq: number, hash: Uint8Array }} Head a roster's number and hash
 * @typedef {{ payloadType: number, format: number, of: number }} Format
 * @typedef {object} Message
 * @property {number} type
 * @property {Uint8Array} [callId] @property {number} [version] @property {number} [caps]
 * @property {Head} [myHead] @property {Head} [yourHead] @property {number} [time] @property {Uint8Array} [roster]
 * @property {Uint8Array} [offerHash] @property {Uint8Array} [answerHash] @property {Uint8Array} [fingerprint]
 * @property {string} [ufrag] @property {string} [pwd] @property {number} [setup] @property {number[]} [profiles]
 * @property {number} [media] @property {{ audio: number, video: number }} [ssrcs] @property {string} [cname]
 * @property {number} [policy] @property {Uint8Array} [handshake]
 * @property {import('./candidate.mjs').Candidate[]} [candidates] @property {number} [generation]
 * @property {number} [reason] @property {Uint8Array} [ekm] @property {Uint8Array} [fpSelf]
 * @property {Uint8Array} [fpPeer] @property {number} [dtlsRole] @property {number} [profile]
 * @property {number} [cipher] @property {number} [run] @property {Uint8Array} [commitment]
 * @property {Uint8Array} [random] @property {number} [result] @property {string} [name]
 * @property {Uint8Array} [signature] @property {Uint8Array} [record] @property {Uint8Array} [statement]
 * @property {Format[]} [formats] @property {number} [transportCc] @property {number} [repairSsrc]
 */

/**
 * How one kind of value is written, and read from exactly its bytes; `read` answers undefined for what is not one.
 * @typedef {{ write: (value: any, writer: Writer) => void, read: (reader: Reader) => any }} Kind
 */

/** @param {number} size @returns {Kind} */
const fixed = (size) => ({
  write: (value, writer) => writer.bytes(value),
  read: (reader) => (reader.left === size ? reader.bytes(size) : undefined),
});

/** @param {number} size @param {number} least @param {number} most @returns {Kind} */
const number = (size, least, most) => ({
  write: (value, writer) => writer.uint(value, size),
  read: (reader) => {
    const value = size === 8 ? reader.u64() : reader.uint(size);
    return value >= least && value <= most ? value : undefined;
  },
});

/** @param {number} least @param {number} most @returns {Kind} */
const opaque = (least, most) => ({
  write: (value, writer) => writer.bytes(value),
  read: (reader) => (reader.left >= least && reader.left <= most ? reader.rest() : undefined),
});

/** @param {number} least @param {number} most @returns {Kind} */
const iceText = (least, most) => ({
  write: (value, writer) => writer.bytes(ascii(value)),
  read: (reader) => {
    const text = reader.left >= least && reader.left <= most ? fromAscii(reader.rest()) : '!';
    return isIceText(text) ? text : undefined;
  },
});

/** @type {Kind} */
const head = {
  write: (value, writer) => writer.uint(value.seq, 4).bytes(value.hash),
  read: (reader) => ({ seq: reader.uint(4), hash: reader.bytes(32) }),
};

/** @type {Kind} */
const ssrcs = {
  write: (value, writer) => writer.uint(value.audio, 4).uint(value.video, 4),
  read: (reader) => {
    const value = { audio: reader.uint(4), video: reader.uint(4) };
    return value.audio && value.video && value.audio !== value.video ? value : undefined;
  },
};

/** @type {Kind} */
const profiles = {
  write: (value, writer) => value.forEach((profile) => writer.uint(profile, 2)),
  read: (reader) => {
    const list = Array.from({ length: Math.ceil(reader.left / 2) }, () => reader.uint(2));
    return list.length >= 1 && list.length <= 4 && new Set(list).size === list.length ? list : undefined;
  },
};

/** @type {Kind} */
const candidates = {
  write: (value, writer) => value.forEach((candidate) => writeCandidate(writer, candidate)),
  read: (reader) => {
    const list = [];
    while (reader.left && list.length < CANDIDATES_MAX) {
      const candidate = readCandidate(reader);
      if (!candidate) return undefined;
      list.push(candidate);
    }
    return list;
  },
};

/** Control, direction, invisible and private characters can't be in a name, nor what is no character. */
const UNSHOWN = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff' +
    '\\ufff9-\\ufffb\\ufdd0-\\ufdef\\ufffe\\uffff\\ue000-\\uf8ff\\u{e0000}-\\u{e0fff}\\u{f0000}-\\u{10ffff}]',
  'u',
);

/** @type {Kind} */
const name = {
  write: (value, writer) => writer.bytes(new TextEncoder().encode(value)),
  read: (reader) => {
    if (reader.left < 1 || reader.left > 63) return undefined;
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(reader.rest());
      return UNSHOWN.test(text) ? undefined : text;
    } catch {
      return undefined;
    }
  },
};

const FORMATS_MAX = 16;

/** What `of` may name: the Opus in a RED for sound, what an RTX repeats; otherwise it is 0. */
const REFERS = {
  [FORMAT.RED_AUDIO]: [FORMAT.OPUS],
  [FORMAT.RTX]: [FORMAT.VP8, FORMAT.VP9, FORMAT.RED_VIDEO],
};

/** Payload types that are no RTCP (RFC 5761), no two equal. @param {Format[]} list */
function formatsFit(list) {
  const types = new Map(list.map((entry) => [entry.payloadType, entry.format]));
  return (
    list.length >= 1 && list.length <= FORMATS_MAX && types.size === list.length &&
    list.every(({ payloadType, format, of }) => {
      const free = payloadType < 64 || (payloadType > 95 && payloadType < 128);
      const known = format >= FORMAT.OPUS && format <= FORMAT.ULPFEC;
      return free && known && (REFERS[format] ? REFERS[format].includes(types.get(of)) : of === 0);
    })
  );
}

/** @type {Kind} */
const formats = {
  write: (value, writer) =>
    value.forEach((entry) => writer.uint(entry.payloadType, 1).uint(entry.format, 1).uint(entry.of, 1)),
  read: (reader) => {
    const list = [];
    while (reader.left && list.length <= FORMATS_MAX)
      list.push({ payloadType: reader.uint(1), format: reader.uint(1), of: reader.uint(1) });
    return formatsFit(list) ? list : undefined;
  },
};

const U32 = 0xffffffff;
/** @type {Record<string, [number, Kind]>} */
const FIELDS = {
  callId: [0x01, fixed(16)],
  version: [0x02, number(1, 1, 255)],
  caps: [0x03, number(4, 0, U32)],
  myHead: [0x04, head],
  yourHead: [0x05, head],
  time: [0x06, number(8, 0, Number.MAX_SAFE_INTEGER)],
  roster: [0x07, opaque(1, 7680)],
  offerHash: [0x08, fixed(32)],
  answerHash: [0x09, fixed(32)],
  fingerprint: [0x0a, fixed(32)],
  ufrag: [0x0b, iceText(4, 256)],
  pwd: [0x0c, iceText(22, 256)],
  setup: [0x0d, number(1, 1, 2)],
  profiles: [0x0e, profiles],
  media: [0x0f, number(1, 0, 3)],
  ssrcs: [0x10, ssrcs],
  cname: [0x11, iceText(16, 16)],
  policy: [0x12, number(1, 1, 3)],
  handshake: [0x13, fixed(32)],
  candidates: [0x14, candidates],
  generation: [0x15, number(1, 0, 255)],
  reason: [0x16, number(1, 1, 12)],
  ekm: [0x17, fixed(32)],
  fpSelf: [0x18, fixed(32)],
  fpPeer: [0x19, fixed(32)],
  dtlsRole: [0x1a, number(1, 1, 2)],
  profile: [0x1b, number(2, 1, 0xffff)],
  cipher: [0x1c, number(2, 1, 0xffff)],
  run: [0x1d, number(1, 1, 255)],
  commitment: [0x1e, fixed(32)],
  random: [0x1f, fixed(32)],
  result: [0x20, number(1, 1, 3)],
  name: [0x21, name],
  signature: [0x22, fixed(64)],
  record: [0x23, opaque(1, 7680)],
  statement: [0x24, opaque(1, 7680)],
  formats: [0x25, formats],
  transportCc: [0x27, number(1, 1, 14)],
  repairSsrc: [0x28, number(4, 1, U32)],
};

const GREETING = 'version caps myHead yourHead';
const DESCRIPTION = 'fingerprint ufrag pwd setup profiles media ssrcs cname';
const BROWSER = 'formats? transportCc? repairSsrc?';
/** The fields of each message, tags ascending; '?' may be absent. @type {Record<number, string>} */
const LAYOUTS = {
  [MESSAGE.KNOCK]: `callId ${GREETING} time`,
  [MESSAGE.HELLO]: `${GREETING} roster?`,
  [MESSAGE.OFFER]: `callId ${DESCRIPTION} policy handshake candidates ${BROWSER}`,
  [MESSAGE.ANSWER]: `callId offerHash ${DESCRIPTION} handshake candidates ${BROWSER}`,
  [MESSAGE.RINGING]: '',
  [MESSAGE.DECLINE]: 'reason',
  [MESSAGE.CONFIRM]: 'offerHash answerHash',
  [MESSAGE.BIND]: 'ekm? fpSelf fpPeer dtlsRole profile? cipher?',
  [MESSAGE.CAND]: 'candidates generation',
  [MESSAGE.RESTART]: 'ufrag pwd candidates generation',
  [MESSAGE.MEDIA]: 'media generation',
  [MESSAGE.SAS_COMMIT]: 'run commitment',
  [MESSAGE.SAS_REPLY]: 'run random',
  [MESSAGE.SAS_OPEN]: 'run random',
  [MESSAGE.SAS_RESULT]: 'run result',
  [MESSAGE.SAS_REQUEST]: '',
  [MESSAGE.HANGUP]: 'reason',
  [MESSAGE.CANCEL]: 'reason',
  [MESSAGE.ROSTER]: 'roster',
  [MESSAGE.JOIN]: 'roster random name?',
  [MESSAGE.WELCOME]: 'roster random',
  [MESSAGE.DONE]: '',
  [MESSAGE.ASK]: 'roster',
  [MESSAGE.CONSENT]: 'signature',
  [MESSAGE.LINK_ROSTER]: 'roster random',
  [MESSAGE.LINK_CONTACT]: 'record',
  [MESSAGE.NEXT]: '',
  [MESSAGE.STATEMENT]: 'statement',
  [MESSAGE.HEARD]: 'signature',
};

/** @param {number} type @returns {{ name: string, tag: number, kind: Kind, optional: boolean }[]|undefined} */
function layoutOf(type) {
  return LAYOUTS[type]
    ?.split(' ')
    .filter(Boolean)
    .map((word) => {
      const field = word.replace('?', '');
      const [tag, kind] = FIELDS[field];
      return { name: field, tag, kind, optional: word.endsWith('?') };
    });
}

/** What a field's own bounds cannot say. @param {Message} message */
function makesSense(message) {
  switch (message.type) {
    case MESSAGE.OFFER:
    case MESSAGE.ANSWER:
      return message.media !== 0 && (message.formats !== undefined || noneOf(message, 'transportCc', 'repairSsrc')) &&
        message.repairSsrc !== message.ssrcs?.audio && message.repairSsrc !== message.ssrcs?.video;
    case MESSAGE.BIND:
      return noneOf(message, 'ekm', 'profile', 'cipher') ||
        [message.ekm, message.profile, message.cipher].every((value) => value !== undefined);
    case MESSAGE.DECLINE:
      return message.reason === 4 || message.reason === 5;
    case MESSAGE.CANCEL:
      return message.reason === 2 || message.reason === 3;
    default:
      return true;
  }
}

/** @param {Message} message @param {...string} names */
function noneOf(message, ...names) {
  return names.every((field) => message[field] === undefined);
}

/** @param {Message} message @returns {Uint8Array} */
export function encodeMessage(message) {
  const layout = layoutOf(message.type);
  if (!layout || !makesSense(message)) throw new RangeError(`not a message: ${message.type}`);
  const parts = [Uint8Array.of(message.type)];
  for (const { name: field, tag, kind, optional } of layout) {
    const value = message[field];
    if (value === undefined && optional) continue;
    const writer = new Writer();
    kind.write(value, writer);
    const bytes = writer.done();
    if (readField(kind, bytes) === undefined) throw new RangeError(`out of bounds: ${field}`);
    parts.push(tlv(tag, bytes));
  }
  const encoded = concat(...parts);
  if (encoded.length > MESSAGE_MAX) throw new RangeError('too long a message');
  return encoded;
}

/** @param {Kind} kind @param {Uint8Array} bytes */
function readField(kind, bytes) {
  const reader = new Reader(bytes);
  const value = kind.read(reader);
  return reader.bad || reader.left ? undefined : value;
}

/** @param {Uint8Array} encoded @param {Message} message what was understood of it */
function isCanonical(encoded, message) {
  const again = encodeMessage(message);
  return equal(encoded.slice(0, again.length), again); /* what follows are extensions, tags ascending */
}

/** @param {Uint8Array} encoded @returns {Message|null} */
export function parseMessage(encoded) {
  const layout = encoded.length <= MESSAGE_MAX ? layoutOf(encoded[0]) : undefined;
  const fields = layout && parseTlv(encoded.slice(1));
  if (!layout || !fields) return null;
  /** @type {Message} */
  const message = { type: encoded[0] };
  for (const { name: field, tag, kind, optional } of layout) {
    const bytes = fields.get(tag);
    fields.delete(tag);
    if (!bytes && optional) continue;
    const value = bytes && readField(kind, bytes);
    if (value === undefined) return null;
    message[field] = value;
  }
  return fields.size === 0 && makesSense(message) && isCanonical(encoded, message) ? message : null;
}
