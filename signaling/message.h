/* message.h - what a call's two ends say to each other, as type and canonical TLV (PROTOCOL.md, "Messages").
 *
 * A message has exactly the fields of its type; anything missing, twice, out of order, too long, out of range
 * or not in its one encoding does not parse. No heap. Rosters are opaque here: trust/roster.h reads them.
 */
#ifndef MESSAGE_H
#define MESSAGE_H
#include "candidate.h"
#include "format.h"
#include "wire.h"

struct message {
  uint8_t type; /* enum message_type, which says which of the following count */

  /* KNOCK call_id version caps my_head your_head time;  HELLO version caps my_head your_head [roster] */
  uint8_t call_id[CALL_ID_SIZE];
  uint8_t version;
  uint32_t caps; /* enum wire_caps bits */
  struct wire_head my_head, your_head;
  uint64_t time; /* Unix seconds */
  /* ROSTER roster;  JOIN roster random [name];  WELCOME roster random;  DONE
   * ASK roster;  CONSENT signature;  LINK_ROSTER roster random;  LINK_CONTACT (a record);  NEXT
   * STATEMENT (of trust/statement.h);  HEARD signature */
  const uint8_t *roster; /* the caller's bytes when encoding, the parsed ones' when parsing; NULL: none */
  size_t roster_size;
  uint8_t signature[SIGNATURE_SIZE];

  /* OFFER  call_id             fingerprint ufrag pwd setup profiles media ssrcs cname policy h candidates
   * ANSWER call_id offer_hash  fingerprint ufrag pwd setup profiles media ssrcs cname        h candidates
   * and both, when one end is a page: formats [transport_cc] [repair_ssrc]; when none is: [codecs]
   * CONFIRM offer_hash answer_hash */
  uint8_t offer_hash[HASH_SIZE], answer_hash[HASH_SIZE];
  uint8_t fingerprint[HASH_SIZE];
  char ufrag[ICE_TEXT_MAX + 1], pwd[ICE_TEXT_MAX + 1];
  uint8_t setup; /* enum wire_setup, the sender's */
  uint16_t profile_list[PROFILES_MAX];
  int profiles;
  uint8_t media;                   /* enum wire_media bits; not 0 in OFFER and ANSWER */
  uint32_t audio_ssrc, video_ssrc; /* the sender's */
  char cname[CNAME_SIZE + 1];
  uint8_t policy; /* enum wire_policy */
  uint8_t handshake[HASH_SIZE];
  struct candidate candidate[CANDIDATES_MAX];
  int candidates;
  struct codec_list codecs;   /* none: VP8 alone */
  struct format_list formats; /* none: not with a page */
  uint8_t transport_cc;       /* the header extension's number, 1..14; 0: none */
  uint32_t repair_ssrc;       /* the sender's RTX for video; 0: none */

  /* CAND generation candidates (none: no more will come);  RESTART generation ufrag pwd candidates;
   * MEDIA generation media */
  uint8_t generation;
  /* DECLINE, HANGUP, CANCEL */
  uint8_t reason; /* enum wire_reason */

  /* BIND [ekm] fp_self fp_peer dtls_role [profile cipher]: all three or none of them, profile and cipher then 0 */
  uint8_t ekm[HASH_SIZE], fp_self[HASH_SIZE], fp_peer[HASH_SIZE];
  uint8_t dtls_role; /* enum wire_setup, the sender's */
  uint16_t profile, cipher;

  /* SAS_COMMIT run commitment;  SAS_REPLY, SAS_OPEN run random;  SAS_RESULT run result;  SAS_REQUEST, RINGING */
  uint8_t run; /* not 0 */
  uint8_t commitment[HASH_SIZE];
  uint8_t random[RANDOM_SIZE];
  uint8_t result;               /* enum wire_result */
  char name[WIRE_NAME_MAX + 1]; /* suggested, never believed; "": none */
};

/* Bytes written; 0: a field is out of range, or more than max. */
size_t message_encode(const struct message *message, uint8_t *out, size_t max) __attribute__((warn_unused_result));
bool message_parse(const uint8_t *data, size_t size, struct message *message) __attribute__((warn_unused_result));
/* H(OFFER), H(ANSWER): of the encoded message. */
void message_hash(uint8_t hash[HASH_SIZE], const uint8_t *data, size_t size);
const char *message_name(uint8_t type); /* "OFFER", for logs */

#endif
