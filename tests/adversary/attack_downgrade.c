/* attack_downgrade.c - real DTLS against a contact whose DTLS is as weak as its makers would never have it: what it
 * would carry could be read by whoever recorded it, and its words would be equal all the same.
 *
 * The certificate is the announced one and BIND tells the truth, so nothing but the rules of protocol D.3 is left.
 */
#include <string.h>

#include "evil.h"
#include "raw_dtls.h"

struct variant {
  const char *what;
  struct raw_dtls_config peer;
  sotto_alarm alarm;       /* NONE: what the peer says of its failure is not authentic, so the call times out */
  bool nothing_to_compare; /* no certificate: the twin, which lacks the rules alone, stays out of it as well */
};

static const struct variant variants[] = {
    {"DTLS 1.0", {.version = DTLS1_VERSION}, SOTTO_ALARM_AUTH_FAIL, false},
    {"no extended master secret", {.no_ems = true}, SOTTO_ALARM_NO_EMS, false},
    {"the same, as the server", {.server = true, .no_ems = true}, SOTTO_ALARM_NO_EMS, false},
    {"no encryption", {.ciphers = "ECDHE-ECDSA-NULL-SHA:eNULL"}, SOTTO_ALARM_AUTH_FAIL, false},
    {"CBC", {.ciphers = "ECDHE-ECDSA-AES256-SHA384"}, SOTTO_ALARM_AUTH_FAIL, false},
    {"RSA key exchange",
     {.server = true, .ciphers = "AES256-GCM-SHA384", .rsa_bits = 1024},
     SOTTO_ALARM_NONE,
     false},
    {"an RSA certificate of 512 bits", {.rsa_bits = 512}, SOTTO_ALARM_FP_MISMATCH, false},
    {"no certificate", {.no_certificate = true}, SOTTO_ALARM_FP_MISMATCH, true},
    {"anonymous key exchange", {.ciphers = "AECDH-AES256-SHA:aNULL"}, SOTTO_ALARM_AUTH_FAIL, true},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

struct downgrade {
  struct raw_dtls raw;
  uint8_t fingerprint[DTLS_FINGERPRINT_SIZE];
  uint32_t alice, eve; /* the call, at either end */
  struct srtp_path *srtp;
  int64_t opened; /* packets of Alice's media */
};

static void send_flights(struct evil *evil, struct downgrade *d) {
  uint8_t flight[RAW_DTLS_ROOM];
  for (size_t size; (size = raw_dtls_output(&d->raw, flight)) > 0;)
    core_datagram(evil->sim.peer[ALICE].core, evil->sim.now, d->alice, flight, size);
}

static bool answer(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  struct downgrade *d = evil->state;
  uint8_t packet[2048];
  size_t length = *size;
  (void)to;
  if (from != ALICE)
    return false;
  enum demux_class class = demux_classify(data, length);
  if (class == DEMUX_DTLS) {
    raw_dtls_input(&d->raw, data, length);
    send_flights(evil, d);
  } else if (class == DEMUX_RTP && d->srtp && length <= sizeof packet) {
    memcpy(packet, data, length);
    d->opened += srtp_path_unprotect_rtp(d->srtp, packet, &length) == SRTP_OK;
  }
  return false;
}

/* RFC 5764 section 4.2: client key | server key | client salt | server salt */
static struct srtp_path *srtp_of(const struct downgrade *d, bool server) {
  uint8_t material[2 * (32 + 12)];
  struct srtp_master client = {0}, of_server = {0};
  if (SSL_export_keying_material(d->raw.ssl, material, sizeof material, "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0) != 1)
    return NULL;
  memcpy(client.key, material, 32);
  memcpy(of_server.key, material + 32, 32);
  memcpy(client.salt, material + 64, 12);
  memcpy(of_server.salt, material + 76, 12);
  return srtp_path_new(SRTP_PROFILE_AES_256_GCM, server ? &of_server : &client, server ? &client : &of_server);
}

/* protocol C.6, as an honest peer of this DTLS would say it */
static void say_bind(struct evil *evil, const struct downgrade *d, bool server) {
  static const char label[] = "sotto/bind/1";
  uint8_t ekm[DTLS_EXPORT_SIZE];
  struct call *eve = evil_inside(evil, EVE, d->eve);
  struct message bind = {.type = MESSAGE_BIND,
                         .dtls_role = server ? SETUP_PASSIVE : SETUP_ACTIVE,
                         .profile = SRTP_PROFILE_AES_256_GCM,
                         .cipher = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(d->raw.ssl))};
  SSL_export_keying_material(d->raw.ssl, ekm, sizeof ekm, "EXPORTER-Channel-Binding", 24, NULL, 0, 0);
  const struct bytes_view parts[] = {{label, sizeof label - 1},
                                     {eve->call_id, CALL_ID_SIZE},
                                     {eve->leg[0]->channel.h, HASH_SIZE},
                                     {ekm, sizeof ekm}};
  crypto_sha256(bind.ekm, parts, 4);
  memcpy(bind.fp_self, d->fingerprint, sizeof bind.fp_self);
  memcpy(bind.fp_peer, eve->theirs.fingerprint, sizeof bind.fp_peer);
  evil_say(evil, EVE, d->eve, &bind);
}

/* The caller is the DTLS server (D.3 D4). */
static bool meet(struct evil *evil, struct downgrade *d, bool eve_calls) {
  struct evil_call call = {0};
  sotto_id alice;
  sim_id(&evil->sim, ALICE, &alice);
  if (eve_calls) {
    evil->sim.peer[ALICE].incoming = 0;
    core_call_start(evil->sim.peer[EVE].core, evil->sim.now, &alice, SOTTO_AUDIO, &d->eve);
  } else {
    call = evil_ring(evil, ALICE, EVE, SOTTO_AUDIO);
    d->alice = call.a, d->eve = call.b;
  }
  struct call *eve = evil_inside(evil, EVE, d->eve);
  if (!eve)
    return false;
  memcpy(eve->ours.fingerprint, d->fingerprint, sizeof eve->ours.fingerprint);
  if (eve_calls) {
    evil_wait(evil, SEC(1));
    d->alice = evil->sim.peer[ALICE].incoming;
  }
  int callee = eve_calls ? ALICE : EVE;
  core_call_accept(evil->sim.peer[callee].core, evil->sim.now, eve_calls ? d->alice : d->eve, SOTTO_AUDIO);
  evil_wait(evil, SEC(1));
  evil_take_over(evil, EVE, d->eve);
  return d->alice != 0;
}

/* true: Alice talks over it. */
static bool try_variant(struct evil *evil, const struct variant *variant) {
  struct downgrade d = {0};
  bool server = variant->peer.server;
  int alarms = evil_alarms(evil, ALICE, variant->alarm);
  d.raw = raw_dtls_new(&variant->peer, d.fingerprint);
  evil->state = &d;
  evil->on_datagram = answer;
  expect(evil, meet(evil, &d, server));
  send_flights(evil, &d);
  evil_wait(evil, SEC(1));
  if (SSL_is_init_finished(d.raw.ssl) && evil_leg(evil, EVE, d.eve)->state != SOTTO_CALL_ENDED) {
    d.srtp = srtp_of(&d, server);
    say_bind(evil, &d, server);
  }
  evil_wait(evil, SEC(1));
  bool open = evil_is_open(evil, ALICE, d.alice) && d.opened > 0;
  if (!variant->alarm)
    evil_wait(evil, SEC(12));
  sotto_end_reason reason = evil_leg(evil, ALICE, d.alice)->reason;
  expect(evil, !open && evil_leg(evil, ALICE, d.alice)->gate == SOTTO_GATE_SHUT);
  expect(evil, evil_alarms(evil, ALICE, variant->alarm) == alarms + (variant->alarm != SOTTO_ALARM_NONE));
  expect(evil, reason == (variant->alarm ? SOTTO_END_SECURITY : SOTTO_END_TIMEOUT));
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, d.alice);
  core_call_hangup(evil->sim.peer[EVE].core, evil->sim.now, d.eve);
  evil_wait(evil, SEC(1));
  evil->on_datagram = NULL;
  raw_dtls_free(&d.raw);
  srtp_path_free(d.srtp);
  return open;
}

static void a26(struct evil *evil) {
  int taken = 0, possible = 0;
  evil_real_dtls = true;
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  for (int i = 0; i < VARIANTS; i++) {
    bool open = try_variant(evil, &variants[i]);
    if (evil->verbose)
      printf("%-32s %s\n", variants[i].what, open ? "taken" : "refused");
    taken += open;
    possible += !variants[i].nothing_to_compare;
  }
  expect(evil, taken == 0 && evil->sim.media_datagrams == 0);
  won(evil, taken == possible, "Alice talks over DTLS that nobody should trust");
}

const struct attack attacks_downgrade[] = {
    {"A26", "as a contact, offer only what DTLS should no longer do", WEAK_TLSANY, a26},
    {0},
};
