// sas.mjs - comparing a short string with a commitment (PROTOCOL.md, section 10): 2^-39 for whoever is in between.
//
//   initiator                         responder
//   idle --start--> committed         idle --commit in, reply out--> replied
//   committed --reply in, open out--> ready      replied --open in--> ready
//   under way, and anything else from the peer: failed, nothing is shown
//
// Pure: messages' bytes go in and come out. Precondition: BIND succeeded, so that the transcript is final.
import { EMOJI, EVEN_WORDS, ODD_WORDS } from './sas_words.mjs';
import { RANDOM_SIZE } from './wire.mjs';
import { Writer, ascii, concat, equal } from './bytes.mjs';
import { tlv, tlvUint } from './tlv.mjs';

export const SAS_MODE = Object.freeze({ EKM: 1, CERT: 2, FP: 3 });

/**
 * @typedef {object} SasParty
 * @property {Uint8Array} ik @property {Uint8Array} device @property {Uint8Array} dx
 * @property {import('./message.mjs').Head} head @property {Uint8Array} fp as seen in DTLS
 *
 * @typedef {object} SasTranscript
 * @property {number} version @property {number} mode @property {Uint8Array} callId
 * @property {SasParty} initiator @property {SasParty} responder of the Noise handshake
 * @property {Uint8Array} h @property {Uint8Array} offer @property {Uint8Array} answer
 * @property {boolean} dtlsClientIsInitiator @property {number} profile @property {number} cipher
 * @property {Uint8Array} ekm empty: none @property {Uint8Array} [group]
 *
 * @typedef {{ emoji: [string, string][], words: string, digits: string }} Words
 */

const TAG = { VERSION: 1, MODE: 2, CALL_ID: 3, RUN: 4, INITIATOR: 5, RESPONDER: 11, H: 17, OFFER: 18, ANSWER: 19,
  DTLS_CLIENT: 20, PROFILE: 21, CIPHER: 22, EKM: 23, COMMITMENT: 24, GROUP: 25 };
const NONE = new Uint8Array(0);

/** @param {number} tag @param {SasParty} party */
function partyTlv(tag, { ik, device, dx, head, fp }) {
  const headBytes = new Writer().uint(head.seq, 4).bytes(head.hash).done();
  const values = [concat(Uint8Array.of(1), ik), ik, device, dx, headBytes, fp];
  return concat(...values.map((value, i) => tlv(tag + i, value)));
}

/**
 * T.
 * @param {import('./primitives.mjs').Primitives} primitives @param {SasTranscript} transcript @param {number} run
 * @param {Uint8Array} commitment @returns {Promise<Uint8Array>}
 */
export function transcriptHash(primitives, transcript, run, commitment) {
  return primitives.sha256(
    tlvUint(TAG.VERSION, transcript.version, 1),
    tlvUint(TAG.MODE, transcript.mode, 1),
    tlv(TAG.CALL_ID, transcript.callId),
    tlvUint(TAG.RUN, run, 1),
    partyTlv(TAG.INITIATOR, transcript.initiator),
    partyTlv(TAG.RESPONDER, transcript.responder),
    tlv(TAG.H, transcript.h),
    tlv(TAG.OFFER, transcript.offer),
    tlv(TAG.ANSWER, transcript.answer),
    tlvUint(TAG.DTLS_CLIENT, transcript.dtlsClientIsInitiator ? 1 : 2, 1),
    tlvUint(TAG.PROFILE, transcript.profile, 2),
    tlvUint(TAG.CIPHER, transcript.cipher, 2),
    tlv(TAG.EKM, transcript.ekm),
    tlv(TAG.COMMITMENT, commitment),
    tlv(TAG.GROUP, transcript.group ?? NONE),
  );
}

/** The three renderings of one value. @param {Uint8Array} value 6 bytes @returns {Words} */
export function renderWords(value) {
  const bits = value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const at = (shift, mask) => Number((bits >> BigInt(shift)) & BigInt(mask));
  return {
    emoji: Array.from({ length: 7 }, (_, i) => EMOJI[at(42 - 6 * i, 63)]),
    words: Array.from({ length: 5 }, (_, i) => (i % 2 ? ODD_WORDS : EVEN_WORDS)[value[i]]).join(' '),
    digits: [35, 22, 9].map((shift) => at(shift, 8191) + 1000).join(' '),
  };
}

export class Sas {
  /** @type {'idle'|'committed'|'replied'|'ready'|'failed'} */ state = 'idle';
  run = 0;
  /** @type {Uint8Array|null} s, when ready */ value = null;
  /** @type {'match'|'mismatch'|'cancel'|null} */ local = null;
  /** @type {'match'|'mismatch'|'cancel'|null} */ remote = null;
  #primitives;
  #transcript;
  #initiator;
  #commitment;
  #rI;
  #rR;

  /**
   * @param {import('./primitives.mjs').Primitives} primitives @param {boolean} initiator
   * @param {SasTranscript} transcript
   */
  constructor(primitives, initiator, transcript) {
    this.#primitives = primitives;
    this.#initiator = initiator;
    this.#transcript = transcript;
  }

  get underWay() {
    return this.state === 'committed' || this.state === 'replied';
  }

  /** A value on screen must not be replaced under the eyes of who compares it. */
  get #mayBegin() {
    const answered = this.local !== null || this.remote === 'cancel' || this.remote === 'mismatch';
    return this.run < 255 && !this.underWay && (this.state !== 'ready' || answered);
  }

  #begin(state) {
    this.run++;
    this.local = this.remote = this.value = null;
    this.state = state;
  }

  /** @returns {false} */
  #fail() {
    this.state = 'failed';
    this.value = null;
    return false;
  }

  #commitTo(r) {
    const run = Uint8Array.of(this.run);
    return this.#primitives.sha256(ascii('sotto/sas-commit/1'), this.#transcript.callId, run, r);
  }

  async #becomeReady() {
    const t = await transcriptHash(this.#primitives, this.#transcript, this.run, this.#commitment);
    const mac = await this.#primitives.hmac(concat(this.#rI, this.#rR), concat(ascii('sotto/sas/1'), t));
    this.value = mac.slice(0, 6);
    this.state = 'ready';
  }

  /** Initiator. @returns {Promise<Uint8Array|false>} the commitment to send; false: not now */
  async start() {
    if (!this.#initiator || !this.#mayBegin) return false;
    this.#begin('committed');
    this.#rI = this.#primitives.random(RANDOM_SIZE);
    this.#commitment = await this.#commitTo(this.#rI);
    return this.#commitment;
  }

  /** Responder: COMMIT came. @returns {Uint8Array|false} the reply; false: refused, and a run under way has failed */
  commit(run, commitment) {
    if (this.underWay) return this.#fail();
    if (this.#initiator || !this.#mayBegin || run !== this.run + 1) return false;
    this.#begin('replied');
    this.#commitment = commitment;
    this.#rR = this.#primitives.random(RANDOM_SIZE);
    return this.#rR;
  }

  /** Initiator: REPLY came. @returns {Promise<Uint8Array|false>} what to open with; then it is ready */
  async reply(run, random) {
    if (!this.underWay) return false;
    if (this.state !== 'committed' || run !== this.run || equal(random, this.#rI)) return this.#fail();
    this.#rR = random;
    await this.#becomeReady();
    return this.#rI;
  }

  /** Responder: OPEN came. @returns {Promise<boolean>} ready; false: it does not open the commitment */
  async open(run, random) {
    if (!this.underWay) return false;
    if (this.state !== 'replied' || run !== this.run || equal(random, this.#rR)) return this.#fail();
    if (!equal(await this.#commitTo(random), this.#commitment)) return this.#fail();
    this.#rI = random;
    await this.#becomeReady();
    return true;
  }

  /** The peer's RESULT, once a run. @param {'match'|'mismatch'|'cancel'} remote @returns {boolean} */
  result(run, remote) {
    if (run !== this.run || this.remote !== null || this.state !== 'ready') return false;
    this.remote = remote;
    return true;
  }

  /** Our user's answer, once a run. @param {'match'|'mismatch'|'cancel'} local @returns {boolean} */
  confirm(local) {
    if (this.state !== 'ready' || this.local !== null) return false;
    this.local = local;
    return true;
  }

  /** Gives the run under way up. @returns {boolean} there was one */
  abort() {
    if (!this.underWay) return false;
    this.#fail();
    return true;
  }
}
