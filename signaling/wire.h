/* wire.h - everything that is on the signaling wire, in one place: sizes, type and tag numbers (PROTOCOL.md;
 * the frames around the cells are in frame.h).
 *
 * No code. A number here is never given a second meaning; a new field takes a tag from TLV_EXTENSION on when old
 * peers may ignore it. Whatever is longer or more than a limit here does not parse.
 */
#ifndef WIRE_H
#define WIRE_H
#include "crypto.h"
#include "frame.h"

enum { WIRE_VERSION = 1 };

/* ---- cells: nonce 12 | AES-256-GCM(K_cell, inner, padded with zeros) ---- */
enum {
  CELL_INNER_SIZE = CELL_SIZE - GCM_NONCE_SIZE - AEAD_TAG_SIZE,
  CELL_HEADER_SIZE = 1 + 1 + 8 + 8 + 4 + 1 + 1 + 2,   /* ver type device session n fragment fragments size */
  CELL_BODY_MAX = CELL_INNER_SIZE - CELL_HEADER_SIZE, /* 1994 */
  CELL_FRAGMENTS_MAX = 4,
  CELL_MESSAGE_MAX = CELL_FRAGMENTS_MAX * CELL_BODY_MAX, /* 7976 */
};

enum cell_type {
  CELL_KNOCK = 1, /* Noise KKpsk0 message 1, n = 0 */
  CELL_HELLO,     /* Noise KKpsk0 message 2, n = 0 */
  CELL_DATA,      /* Noise transport message n of a call */
  CELL_ROSTER,    /* MESSAGE_ROSTER, _STATEMENT or _HEARD without Noise: they sign for themselves */
  CELL_INVITE_1,  /* Noise XKpsk3 message 1 */
  CELL_INVITE_2,
  CELL_INVITE_3,
  CELL_INVITE_DATA, /* Noise transport message n of a first contact */
  CELL_COVER,       /* empty, dropped */
  CELL_LINK_1,      /* Noise XKpsk3 message 1 of a new device's link */
  CELL_LINK_2,
  CELL_LINK_3,
  CELL_LINK_DATA, /* Noise transport message n of a link */
  CELL_TYPE_LAST = CELL_LINK_DATA,
};

/* ---- mailboxes ---- */
enum {
  PAIR_SECRET_SIZE = 32,
  INVITE_TOKEN_SIZE = 16, /* s */
  DEVICE_SIZE = 8,
  SESSION_SIZE = 8,
  EPOCH_SECONDS = 86400,
  EPOCH_OVERLAP = 2 * 3600, /* seconds around midnight in which the neighbours count too */
};

/* ---- messages: type u8, then TLV ---- */
enum message_type {
  MESSAGE_KNOCK = 1,
  MESSAGE_HELLO,
  MESSAGE_OFFER,
  MESSAGE_ANSWER,
  MESSAGE_RINGING,
  MESSAGE_DECLINE,
  MESSAGE_CONFIRM,
  MESSAGE_BIND,
  MESSAGE_CAND,
  MESSAGE_RESTART,
  MESSAGE_MEDIA,
  MESSAGE_SAS_COMMIT,
  MESSAGE_SAS_REPLY,
  MESSAGE_SAS_OPEN,
  MESSAGE_SAS_RESULT,
  MESSAGE_SAS_REQUEST,
  MESSAGE_HANGUP,
  MESSAGE_CANCEL,
  MESSAGE_ROSTER,
  MESSAGE_JOIN, /* in INVITE_3 */
  MESSAGE_WELCOME,
  MESSAGE_DONE,
  MESSAGE_ASK,     /* in LINK_3: will you be a device of this identity? */
  MESSAGE_CONSENT, /* LINK_DATA from here on */
  MESSAGE_LINK_ROSTER,
  MESSAGE_LINK_CONTACT,
  MESSAGE_NEXT,
  MESSAGE_STATEMENT, /* in a ROSTER cell: an identity's last word, which signs for itself */
  MESSAGE_HEARD,     /* in a ROSTER cell: the answer to it, signed by the device that heard */
  MESSAGE_TYPE_LAST = MESSAGE_HEARD,
};

enum message_tag {
  TAG_CALL_ID = 0x01, /* 16 */
  TAG_VERSION,        /* u8 */
  TAG_CAPS,           /* u32 bits */
  TAG_MY_HEAD,        /* seq u32, hash 32 */
  TAG_YOUR_HEAD,      /* the same, as I know you */
  TAG_TIME,           /* u64, Unix seconds */
  TAG_ROSTER,         /* roster links; opaque here */
  TAG_OFFER_HASH,     /* SHA-256 of the whole OFFER message */
  TAG_ANSWER_HASH,
  TAG_FINGERPRINT,  /* SHA-256 of the DTLS certificate (DER), exactly one */
  TAG_UFRAG,        /* 4..256 ice-char */
  TAG_PWD,          /* 22..256 ice-char */
  TAG_SETUP,        /* u8 */
  TAG_PROFILES,     /* 1..4 x u16, by preference, no two equal */
  TAG_MEDIA,        /* u8 bits */
  TAG_SSRCS,        /* audio u32, video u32: not 0, not equal */
  TAG_CNAME,        /* 16 characters */
  TAG_POLICY,       /* u8 */
  TAG_HANDSHAKE,    /* h, 32 */
  TAG_CANDIDATES,   /* 0..16 candidates */
  TAG_GENERATION,   /* u8 */
  TAG_REASON,       /* u8 */
  TAG_EKM,          /* EKM', 32 */
  TAG_FP_SELF,      /* 32 */
  TAG_FP_PEER,      /* 32 */
  TAG_DTLS_ROLE,    /* u8, the sender's */
  TAG_PROFILE,      /* u16, IANA */
  TAG_CIPHER,       /* u16, IANA */
  TAG_RUN,          /* u8, 1.. */
  TAG_COMMITMENT,   /* 32 */
  TAG_RANDOM,       /* 32 */
  TAG_RESULT,       /* u8 */
  TAG_NAME,         /* 1..63 bytes of UTF-8 */
  TAG_SIGNATURE,    /* 64 */
  TAG_RECORD,       /* a contact as the store has it; opaque here */
  TAG_STATEMENT,    /* opaque here */
  TAG_FORMATS,      /* 1..16 x (payload type u8, kind u8, of u8) */
  TAG_CODECS,       /* 1..4 x u8, by preference, not 0, no two equal */
  TAG_TRANSPORT_CC, /* u8, 1..14 */
  TAG_REPAIR_SSRC,  /* u32 */
};

enum wire_caps {                   /* bits */
                 CAPS_BROWSER = 1, /* a page: it has no exporter (section 9a) */
                 CAPS_SFRAME = 2,  /* seals frames, when one end is a page (section 9b) */
};

enum wire_setup { SETUP_ACTIVE = 1, SETUP_PASSIVE };  /* DTLS client, server (RFC 8842) */
enum wire_media { MEDIA_AUDIO = 1, MEDIA_VIDEO = 2 }; /* bits */
enum wire_codec { CODEC_VP8 = 1, CODEC_VP9 };         /* of pictures; others are not ours */
enum wire_policy { POLICY_SAS_FIRST = 1, POLICY_REQUIRE_VERIFIED, POLICY_WARN };
enum wire_result { RESULT_MATCH = 1, RESULT_MISMATCH, RESULT_CANCEL };
enum wire_reason {
  REASON_HANGUP = 1,
  REASON_CANCELED,           /* CANCEL: the caller gave up */
  REASON_ANSWERED_ELSEWHERE, /* CANCEL */
  REASON_DECLINED,           /* DECLINE */
  REASON_BUSY,               /* DECLINE */
  REASON_NO_ANSWER,
  REASON_UNREACHABLE,
  REASON_LOST,
  REASON_TIMEOUT,
  REASON_UNVERIFIED,
  REASON_SECURITY,
  REASON_INTERNAL,
  REASON_LAST = REASON_INTERNAL,
};

enum {
  CALL_ID_SIZE = 16,
  RANDOM_SIZE = 32,
  CNAME_SIZE = 16,
  PROFILES_MAX = 4,
  CODECS_MAX = 4,
  UFRAG_MIN = 4,
  PWD_MIN = 22,
  ICE_TEXT_MAX = 256,
  WIRE_NAME_MAX = 63,
  ROSTER_BYTES_MAX = 7680, /* all links of one message */
  MESSAGE_MAX = 7872,      /* with Noise around it, still CELL_FRAGMENTS_MAX cells */
};

struct codec_list {
  uint8_t codec[CODECS_MAX]; /* enum wire_codec, or another */
  int count;
};

struct wire_head { /* a roster head (protocol A.5) */
  uint32_t seq;
  uint8_t hash[HASH_SIZE];
};

#endif
