/* device_link.h - a new device joins its owner's identity: Noise XKpsk3 over a rendezvous (protocol A.5).
 *
 *   new device                                        primary
 *   SHOWN (DK, DX, nonce as text or QR)               the user typed or scanned it
 *   ASKED      <--LINK_1--                            CALLING
 *              --LINK_2-->
 *   <--LINK_3: ASK our newest roster--                ASKING
 *   CONSENTED  --CONSENT accept_sig-->                signs seq + 1; GIVING
 *   <--LINK_ROSTER links, own secret--  --NEXT-->     then a contact each: <--LINK_CONTACT--  --NEXT-->
 *   all at once it becomes the device; <--DONE--  --DONE-->
 *
 * psk = HKDF(nonce), so only who saw the code takes part; the root key never travels. Told the time; one at a time.
 * The new device keeps nothing of a link that did not come to its end.
 */
#ifndef DEVICE_LINK_H
#define DEVICE_LINK_H
#include "../signaling/message.h"
#include "../signaling/noise.h"
#include "../signaling/post.h"
#include "call/outbox.h"
#include "trust/device_code.h"
#include "trust/trust.h"

#define DEVICE_LINK_LIFE    SEC(600) /* of the code */
#define DEVICE_LINK_TIMEOUT SEC(60)  /* for each step */

enum device_link_state {
  DEVICE_LINK_IDLE,
  DEVICE_LINK_SHOWN,
  DEVICE_LINK_ASKED,
  DEVICE_LINK_CONSENTED,
  DEVICE_LINK_CALLING,
  DEVICE_LINK_ASKING,
  DEVICE_LINK_GIVING,
};

struct device_link {
  enum device_link_state state;
  usec deadline;
  struct device_code code;
  uint8_t session[SESSION_SIZE];
  struct mailbox in, out;
  struct noise noise;
  struct noise_cipher send, receive;
  uint32_t sent, received;
  struct reassembler reassembler;
  struct trust *incoming; /* new device: what it will know */
  size_t given;           /* primary: contacts that were sent */
};

struct device_link_env {
  struct trust *trust;
  struct client *client;
  struct outbox *outbox;
};

/* New device: waits to be taken. NOMEM, or STATE: this store has a life of its own already. */
sotto_status device_link_show(struct device_link *link, const struct device_link_env *env, usec now);
/* Primary: takes the device that shows this code. STATE: not the primary, or not possible for this device; FULL. */
sotto_status device_link_take(struct device_link *link, const struct device_link_env *env, usec now,
                              const struct device_code *code);
void device_link_cell(struct device_link *link, const struct device_link_env *env, usec now, int64_t unix_seconds,
                      const struct cell *cell);
void device_link_timer(struct device_link *link, const struct device_link_env *env, usec now);
void device_link_deinit(struct device_link *link); /* wipes */

#endif
