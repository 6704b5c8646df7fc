/* sas.h - comparing a short string with a commitment (protocol C): 2^-39 for whoever stands in the middle.
 *
 *   initiator                         responder
 *   IDLE --sas_start--> COMMITTED     IDLE --commit in, reply out--> REPLIED
 *   COMMITTED --reply in, open out--> READY      REPLIED --open in--> READY
 *   under way, and anything else from the peer: FAILED, nothing is shown. READY stays READY until both sides
 *   have answered or either has given up; only then may another run begin.
 *
 * Pure: the messages' bytes go in and come out. The run's number is counted here, how many runs a day in
 * contacts.h. Precondition: BIND succeeded, so the transcript is final.
 */
#ifndef SAS_H
#define SAS_H
#include "roster.h"

enum {
  SAS_RANDOM_SIZE = 32,
  SAS_VALUE_SIZE = 6,
  SAS_CALL_ID_SIZE = 16,
  SAS_EMOJI = 64,
};

enum sas_mode { SAS_MODE_EKM = 1, SAS_MODE_CERT, SAS_MODE_FP };

struct sas_party {
  uint8_t ik[KEY_SIZE]; /* ID is 0x01 || IK */
  uint8_t dev_id[DEVICE_ID_SIZE], dx[KEY_SIZE];
  struct roster_head head;
  uint8_t fp[HASH_SIZE]; /* SHA-256 of the DER certificate as observed in DTLS */
};

struct sas_transcript { /* C.3, but for run and c, which the exchange adds */
  uint8_t version;
  enum sas_mode mode;
  uint8_t call_id[SAS_CALL_ID_SIZE];
  struct sas_party initiator, responder;                     /* of the Noise handshake */
  uint8_t h[HASH_SIZE], offer[HASH_SIZE], answer[HASH_SIZE]; /* Noise hash, H(OFFER), H(ANSWER) */
  bool dtls_client_is_initiator;
  uint16_t srtp_profile, cipher; /* IANA numbers */
  bool has_ekm;
  uint8_t ekm[HASH_SIZE];
  bool has_group;
  uint8_t group[HASH_SIZE]; /* TH */
};

enum sas_state { SAS_IDLE, SAS_COMMITTED, SAS_REPLIED, SAS_READY, SAS_FAILED };
enum sas_answer { SAS_NONE, SAS_MATCH, SAS_MISMATCH, SAS_CANCEL };

struct sas {
  bool initiator;
  enum sas_state state;
  uint8_t run; /* 1 with the first */
  struct sas_transcript transcript;
  uint8_t r_i[SAS_RANDOM_SIZE], r_r[SAS_RANDOM_SIZE], commitment[HASH_SIZE];
  uint8_t value[SAS_VALUE_SIZE]; /* READY */
  enum sas_answer local, remote; /* of this run */
};

void sas_init(struct sas *sas, bool initiator, const struct sas_transcript *transcript);
void sas_deinit(struct sas *sas); /* wipes */
/* Initiator: begins the next run; false while one is under way or not answered here, or after 255. */
bool sas_start(struct sas *sas, uint8_t commit[HASH_SIZE]);
/* Responder: COMMIT came for `run`; false: refused, and a run under way has FAILED. */
bool sas_commit(struct sas *sas, uint8_t run, const uint8_t commit[HASH_SIZE], uint8_t reply[SAS_RANDOM_SIZE]);
/* Initiator: REPLY came; true: READY, send `open`. */
bool sas_reply(struct sas *sas, uint8_t run, const uint8_t reply[SAS_RANDOM_SIZE], uint8_t open[SAS_RANDOM_SIZE]);
/* Responder: OPEN came; true: READY. false: it does not open the commitment (SOTTO_ALARM_SAS_COMMIT_BAD). */
bool sas_open(struct sas *sas, uint8_t run, const uint8_t open[SAS_RANDOM_SIZE]);
/* The peer's RESULT, once a run; false: refused. A CANCEL of a run under way makes it FAILED. */
bool sas_result(struct sas *sas, uint8_t run, enum sas_answer remote);
/* Our user's answer, once a run, READY only. */
bool sas_confirm(struct sas *sas, enum sas_answer local);
/* Gives the run under way up (time-out, hang-up): true when there was one, which is SOTTO_ALARM_SAS_ABORTED. */
bool sas_abort(struct sas *sas);
bool sas_under_way(const struct sas *sas); /* started and not yet READY */

void sas_transcript_hash(uint8_t out[HASH_SIZE], const struct sas_transcript *transcript, uint8_t run,
                         const uint8_t commitment[HASH_SIZE]);
/* The three renderings of one value. */
void sas_render(const uint8_t value[SAS_VALUE_SIZE], sotto_sas *out);

/* sas_emoji.c, sas_words.c */
const char *sas_emoji(unsigned index, const char **name); /* NULL: > 63 */
const char *sas_word(bool odd, uint8_t byte);

#endif
