// wire.mjs - the numbers on the wire, as signaling/wire.h and frame.h have them (PROTOCOL.md).

export const VERSION = 1;
export const CELL_SIZE = 2048;
export const NONCE_SIZE = 12;
export const MAILBOX_SIZE = 16;
export const READ_TOKEN_SIZE = 32;
export const DEVICE_SIZE = 8;
export const SESSION_SIZE = 8;
export const CALL_ID_SIZE = 16;
export const RANDOM_SIZE = 32;
export const MESSAGE_MAX = 7872;

export const CELL = Object.freeze({
  KNOCK: 1, HELLO: 2, DATA: 3, ROSTER: 4, INVITE_1: 5, INVITE_2: 6, INVITE_3: 7, INVITE_DATA: 8, COVER: 9,
  LINK_1: 10, LINK_2: 11, LINK_3: 12, LINK_DATA: 13,
});

export const MESSAGE = Object.freeze({
  KNOCK: 1, HELLO: 2, OFFER: 3, ANSWER: 4, RINGING: 5, DECLINE: 6, CONFIRM: 7, BIND: 8, CAND: 9, RESTART: 10,
  MEDIA: 11, SAS_COMMIT: 12, SAS_REPLY: 13, SAS_OPEN: 14, SAS_RESULT: 15, SAS_REQUEST: 16, HANGUP: 17, CANCEL: 18,
  ROSTER: 19, JOIN: 20, WELCOME: 21, DONE: 22, ASK: 23, CONSENT: 24, LINK_ROSTER: 25, LINK_CONTACT: 26, NEXT: 27,
  STATEMENT: 28, HEARD: 29,
});

export const CAPS = Object.freeze({ BROWSER: 1, SFRAME: 2 });
export const SETUP = Object.freeze({ ACTIVE: 1, PASSIVE: 2 });
export const MEDIA = Object.freeze({ AUDIO: 1, VIDEO: 2 });
export const POLICY = Object.freeze({ 'sas-first': 1, 'require-verified': 2, warn: 3 });
export const RESULT = Object.freeze({ MATCH: 1, MISMATCH: 2, CANCEL: 3 });
export const FORMAT = Object.freeze({ OPUS: 1, RED_AUDIO: 2, VP8: 3, VP9: 4, RTX: 5, RED_VIDEO: 6, ULPFEC: 7 });

/** Why a call ends; the texts are what the embedder sees. */
export const REASON = Object.freeze({
  hangup: 1, canceled: 2, elsewhere: 3, declined: 4, busy: 5, 'no-answer': 6, unreachable: 7, lost: 8, timeout: 9,
  unverified: 10, security: 11, internal: 12,
});

/** SRTP profiles that this page may end up with: its browser does not say which (BIND leaves it out). */
export const SRTP_PROFILES = Object.freeze([0x0008, 0x0007]);
