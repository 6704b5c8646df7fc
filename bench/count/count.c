/* count.c - sotto-count: what a packet and a frame take in instructions, for callgrind to count.
 *
 * Two media sessions talk in simulated time, with SRTP in between: the same work each time, to the instruction.
 * Each count_X() is one item, which callgrind's report has by its name, with the number of calls. No codec: those
 * are not ours. See instructions.sh.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/path/send_batch.h"
#include "engine/path/srtp.h"
#include "media/session.h"

enum { SECONDS = 4, TICK = 10, PACKETS_MAX = 64, ROOM = 1300, AUDIO = 80, VIDEO = 6000, BATCH = 16 };
enum { WARM_UP_TICKS = 100 }; /* a second: rates and buffers have found themselves */

struct packet {
  bool rtcp;
  size_t size;
  uint8_t data[ROOM];
};

struct end {
  struct session *session;
  struct srtp_path *srtp;
  int packets;
  struct packet packet[PACKETS_MAX];
};

static struct end alice, bob;
static struct send_batch batch;
static uint8_t payload[VIDEO];

#define COUNTED __attribute__((noinline, noclone, no_icf)) static void

static void fail(const char *what) {
  fprintf(stderr, "sotto-count: %s\n", what);
  exit(1);
}

/* What is to be sent at once; the rest of what comes out is for a player. */
static void collect(struct end *end, usec now) {
  struct session_output out;
  while (session_poll(end->session, now, &out)) {
    if (out.type != SESSION_OUT_PACKET || end->packets == PACKETS_MAX)
      continue;
    struct packet *packet = &end->packet[end->packets++];
    packet->rtcp = out.rtcp;
    packet->size = out.size;
    memcpy(packet->data, out.data, out.size);
  }
}

COUNTED count_send_audio(usec now) {
  if (!session_send_audio(alice.session, now, now, payload, AUDIO, 960))
    fail("sound was refused");
  collect(&alice, now);
}

COUNTED count_send_video(usec now) {
  if (!session_send_video(alice.session, now, now, payload, VIDEO, false, 0))
    fail("a picture was refused");
  collect(&alice, now);
}

static void protect(struct packet *packet) {
  if (srtp_path_protect_rtp(alice.srtp, packet->data, &packet->size, ROOM) != SRTP_OK)
    fail("protect");
}

static void unprotect(struct packet *packet) {
  if (srtp_path_unprotect_rtp(bob.srtp, packet->data, &packet->size) != SRTP_OK)
    fail("unprotect");
}

static void receive(const struct packet *packet, usec now) {
  session_input(bob.session, now, packet->data, packet->size);
  collect(&bob, now);
}

COUNTED count_protect_audio(struct packet *packet) {
  protect(packet);
}

COUNTED count_protect_video(struct packet *packet) {
  protect(packet);
}

COUNTED count_unprotect_audio(struct packet *packet) {
  unprotect(packet);
}

COUNTED count_unprotect_video(struct packet *packet) {
  unprotect(packet);
}

COUNTED count_receive_audio(const struct packet *packet, usec now) {
  receive(packet, now);
}

COUNTED count_receive_video(const struct packet *packet, usec now) {
  receive(packet, now);
}

COUNTED count_send_batch(int fd, const struct sockaddr *to) {
  for (int i = 0; i < BATCH; i++)
    send_batch_add(&batch, alice.packet[0].data, 1200);
  send_batch_flush(&batch, fd, to);
}

/* ---- a call ---- */

static void carry_audio(struct packet *packet, usec now, bool counted) {
  if (!counted) {
    protect(packet);
    unprotect(packet);
    receive(packet, now);
    return;
  }
  count_protect_audio(packet);
  count_unprotect_audio(packet);
  count_receive_audio(packet, now);
}

static void carry_video(struct packet *packet, usec now, bool counted) {
  if (!counted) {
    carry_audio(packet, now, false);
    return;
  }
  count_protect_video(packet);
  count_unprotect_video(packet);
  count_receive_video(packet, now);
}

static void carry_back(usec now) {
  for (int i = 0; i < bob.packets; i++)
    session_input(alice.session, now, bob.packet[i].data, bob.packet[i].size);
  bob.packets = 0;
}

static void carry(usec now, bool counted) {
  collect(&alice, now);
  for (int i = 0; i < alice.packets; i++) {
    struct packet *packet = &alice.packet[i];
    if (packet->rtcp)
      session_input(bob.session, now, packet->data, packet->size);
    else if (packet->size < ROOM / 4)
      carry_audio(packet, now, counted);
    else
      carry_video(packet, now, counted);
  }
  alice.packets = 0;
  collect(&bob, now);
  carry_back(now);
}

static void run_tick(int tick) {
  usec now = SEC(1) + (usec)tick * MS(TICK);
  bool counted = tick >= WARM_UP_TICKS;
  if (tick % 2 == 0 && counted) {
    count_send_audio(now);
  } else if (tick % 2 == 0) {
    session_send_audio(alice.session, now, now, payload, AUDIO, 960);
  }
  if (tick % 3 == 0 && counted) {
    count_send_video(now);
  } else if (tick % 3 == 0) {
    session_send_video(alice.session, now, now, payload, VIDEO, tick == 0, 0);
  }
  for (usec at = now; at < now + MS(TICK); at += MS(1))
    carry(at, counted);
}

static void send_batches(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&to, size) != 0 || getsockname(fd, (struct sockaddr *)&to, &size) != 0)
    fail("no socket");
  for (int i = 0; i < 100; i++)
    count_send_batch(fd, (struct sockaddr *)&to);
}

static struct end end_new(uint32_t first, const struct srtp_master *local, const struct srtp_master *remote) {
  const struct session_config config = {.seed = first,
                                        .audio_ssrc = first,
                                        .video_ssrc = first + 1,
                                        .peer_audio_ssrc = 4 - first,
                                        .peer_video_ssrc = 5 - first,
                                        .cname = "count"};
  struct end end = {session_new(&config), srtp_path_new(SRTP_PROFILE_AES_256_GCM, local, remote), 0, {{0}}};
  if (!end.session || !end.srtp)
    fail("no memory");
  return end;
}

int main(void) {
  static const struct srtp_master one = {.key = {1}, .salt = {2}}, two = {.key = {3}, .salt = {4}};
  alice = end_new(1, &one, &two);
  bob = end_new(3, &two, &one);
  for (size_t i = 0; i < sizeof payload; i++)
    payload[i] = (uint8_t)(i * 31);
  for (int tick = 0; tick < SECONDS * 1000 / TICK; tick++)
    run_tick(tick);
  send_batches();
  srtp_path_free(alice.srtp);
  srtp_path_free(bob.srtp);
  session_free(alice.session);
  session_free(bob.session);
  return 0;
}
