// tlv.mjs - canonical TLV: tag u8, length u16, value; tags strictly ascending (PROTOCOL.md, section 6).
//
// A tag from TLV_EXTENSION on that is not known is skipped, a lower one is an error. What was understood is encoded
// again and compared by the owner, so that one content has one encoding.
import { Reader, Writer } from './bytes.mjs';

export const TLV_EXTENSION = 0x80;

/** @param {number} tag @param {Uint8Array} value @returns {Uint8Array} */
export function tlv(tag, value) {
  return new Writer().uint(tag, 1).uint(value.length, 2).bytes(value).done();
}

/** @param {number} tag @param {number} value @param {number} size @returns {Uint8Array} */
export function tlvUint(tag, value, size) {
  return tlv(tag, new Writer().uint(value, size).done());
}

/**
 * All fields below TLV_EXTENSION, in order; null when anything is malformed.
 * @param {Uint8Array} bytes
 * @returns {Map<number, Uint8Array>|null}
 */
export function parseTlv(bytes) {
  const reader = new Reader(bytes);
  /** @type {Map<number, Uint8Array>} */
  const fields = new Map();
  for (let last = -1; reader.left; ) {
    const tag = reader.uint(1);
    const value = reader.bytes(reader.uint(2));
    if (reader.bad || tag <= last) return null;
    last = tag;
    if (tag < TLV_EXTENSION) fields.set(tag, value);
  }
  return fields;
}
