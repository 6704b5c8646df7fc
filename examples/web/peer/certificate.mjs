// certificate.mjs - what ties a DTLS certificate to one call: its serial number (PROTOCOL.md, section 9a).
import { ascii, concat, equal } from './bytes.mjs';

const SERIAL_SIZE = 19;
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const VERSION = 0xa0;

/**
 * One DER element at `at`; null: not there, of another tag, or of a length that DER would write otherwise.
 * @param {Uint8Array} der @param {number} at @param {number} tag
 * @returns {{ start: number, end: number }|null} of its contents
 */
function element(der, at, tag) {
  if (der[at] !== tag || at + 2 > der.length) return null;
  let size = der[at + 1];
  let start = at + 2;
  if (size & 0x80) {
    const octets = size & 0x7f;
    if (octets < 1 || octets > 2 || start + octets > der.length) return null;
    size = der.slice(start, start + octets).reduce((value, octet) => (value << 8) | octet, 0);
    start += octets;
    if (size < (octets === 1 ? 0x80 : 0x100)) return null;
  }
  return start + size <= der.length ? { start, end: start + size } : null;
}

/** @param {Uint8Array} bytes @returns {Uint8Array} the integer without zeros in front */
function stripped(bytes) {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : bytes.slice(first);
}

/** The serial number of a certificate (RFC 5280): Certificate, TBSCertificate, [0] version, serialNumber. */
export function certificateSerial(der) {
  const certificate = element(der, 0, SEQUENCE);
  const signed = certificate?.end === der.length ? element(der, certificate.start, SEQUENCE) : null;
  const version = signed && element(der, signed.start, VERSION);
  const serial = signed && element(der, version ? version.end : signed.start, INTEGER);
  if (!serial || serial.end > signed.end || serial.start === serial.end || der[serial.start] & 0x80) return null;
  return stripped(der.slice(serial.start, serial.end));
}

/**
 * @typedef {{ ik: Uint8Array, device: Uint8Array }} Party
 * @param {import('./primitives.mjs').Primitives} primitives @param {Uint8Array} h @param {Uint8Array} callId
 * @param {Party} caller @param {Party} callee @returns {Promise<Uint8Array>} 19 bytes
 */
export async function callSerial(primitives, h, callId, caller, callee) {
  const parts = [ascii('sotto/cert/1'), h, callId, caller.ik, caller.device, callee.ik, callee.device];
  const serial = (await primitives.sha256(...parts)).slice(0, SERIAL_SIZE);
  serial[0] &= 0x7f;
  return serial;
}

/** As integers. @param {Uint8Array} der @param {Uint8Array} serial @returns {boolean} */
export function hasSerial(der, serial) {
  const found = certificateSerial(der);
  return found !== null && equal(found, stripped(serial));
}
