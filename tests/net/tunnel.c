/* tunnel.c - sotto-tunnel: two ends and a server on real sockets, with a network of tests/sim between the ends.
 *
 *   sotto-tunnel NETWORK SEED JSON COMMAND...       runs COMMAND; in its words {places} is what `sotto demo
 * --places` takes
 *
 *   namespace of one end           this process            namespace of the other end
 *        10.77.1.1  --- TUN --- [ link forth / back ] --- TUN ---  10.77.2.1
 *                                     |
 *                               TUN, no delay: 10.77.0.1, where COMMAND and the server are
 *
 * The same links and schedules as in simulated time, told the time of the monotonic clock; their time 0 is the
 * first packet from end to end. What the links saw from the network's time to settle on is written to JSON. The
 * exit code is COMMAND's; 77 where namespaces can't be made. Linux, as root; nothing outlives the process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "namespace.h"
#include "sim/link.h"
#include "sim/networks.h"

enum { FORTH, BACK, LINKS };
enum { ONE, OTHER, HUB, PLACES };
enum { POINTS = 3000, POINT_STEP = MS(100) };
enum { SLOTS = 4 * LINK_PACKETS, UNABLE = 77 /* what CTest takes as skipped */ };

static const char *const address[PLACES] = {"10.77.1.1", "10.77.2.1", "10.77.0.1"};

struct slot {
  size_t size;
  uint8_t data[NAMESPACE_MTU];
};

struct point { /* of the link forth, each POINT_STEP */
  usec at, queue;
  int64_t delivered; /* bytes so far */
  bps capacity;
};

struct tunnel {
  struct namespace place[PLACES];
  struct link *link[LINKS];
  usec lead;          /* of the network: not measured */
  usec started, from; /* the first packet from end to end; the first that is measured. 0: not yet */
  usec until;         /* the last from end to end so far */
  struct point *point;
  int points;
  int64_t forgotten; /* bytes that were delivered before the figures were set to nothing */
  struct slot *slot;
  uint32_t next; /* slot to use; those of packets in flight are never that old */
};

static usec clock_usec(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (usec)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int place_of(const uint8_t *ipv4) { /* destination; -1: none of ours */
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, ipv4 + 16, text, sizeof text);
  for (int i = 0; i < PLACES; i++)
    if (strcmp(text, address[i]) == 0)
      return i;
  return -1;
}

static void deliver(struct tunnel *tunnel, int to, const uint8_t *data, size_t size) {
  if (write(tunnel->place[to].tun, data, size) < 0 && errno != EAGAIN && errno != ENOBUFS)
    perror("sotto-tunnel: write");
}

static void forward(struct tunnel *tunnel, int from, const uint8_t *data, size_t size, usec now) {
  int to = size >= LINK_OVERHEAD && data[0] >> 4 == 4 ? place_of(data) : -1;
  if (to < 0 || to == from)
    return;
  if (from == HUB || to == HUB) {
    deliver(tunnel, to, data, size);
    return;
  }
  if (!tunnel->started) {
    tunnel->started = now;
    link_start(tunnel->link[FORTH], now);
    link_start(tunnel->link[BACK], now);
  }
  tunnel->until = now;
  if (!tunnel->from && now - tunnel->started >= tunnel->lead) {
    tunnel->from = now;
    tunnel->forgotten = link_stats(tunnel->link[FORTH])->delivered_bytes;
    link_stats_reset(tunnel->link[FORTH]);
    link_stats_reset(tunnel->link[BACK]);
  }
  struct slot *slot = &tunnel->slot[tunnel->next];
  slot->size = size;
  memcpy(slot->data, data, size);
  link_input(tunnel->link[from == ONE ? FORTH : BACK], now, to, tunnel->next, NULL, size - LINK_OVERHEAD);
  tunnel->next = (tunnel->next + 1) % SLOTS;
}

static void read_all(struct tunnel *tunnel, int from) {
  uint8_t data[NAMESPACE_MTU];
  for (ssize_t n; (n = read(tunnel->place[from].tun, data, sizeof data)) > 0;)
    forward(tunnel, from, data, (size_t)n, clock_usec());
}

static usec run_links(struct tunnel *tunnel) { /* until when nothing is due */
  usec deadline = USEC_NEVER;
  for (int i = 0; i < LINKS; i++) {
    struct link_packet *packet;
    while ((packet = link_poll(tunnel->link[i], clock_usec())))
      deliver(tunnel, packet->owner, tunnel->slot[packet->tag].data, tunnel->slot[packet->tag].size);
    deadline = earlier(deadline, link_deadline(tunnel->link[i]));
  }
  return deadline;
}

static void note_point(struct tunnel *tunnel) {
  usec now = clock_usec();
  usec due = tunnel->points ? tunnel->point[tunnel->points - 1].at + POINT_STEP : tunnel->started;
  const struct link_stats *stats = link_stats(tunnel->link[FORTH]);
  if (!tunnel->started || now < due || tunnel->points == POINTS)
    return;
  tunnel->point[tunnel->points++] = (struct point){.at = now,
                                                   .queue = stats->queue_newest,
                                                   .delivered = tunnel->forgotten + stats->delivered_bytes,
                                                   .capacity = link_now(tunnel->link[FORTH], now)->rate};
}

static void carry(struct tunnel *tunnel, int child_fd) {
  struct pollfd fd[PLACES + 1];
  for (int i = 0; i < PLACES; i++)
    fd[i] = (struct pollfd){.fd = tunnel->place[i].tun, .events = POLLIN};
  fd[PLACES] = (struct pollfd){.fd = child_fd, .events = POLLIN};
  while (!fd[PLACES].revents) {
    usec left = run_links(tunnel) - clock_usec();
    left = left < 0 ? 0 : earlier(left, SEC(1));
    struct timespec span = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    if (ppoll(fd, PLACES + 1, &span, NULL) < 0 && errno != EINTR)
      return;
    for (int i = 0; i < PLACES; i++)
      if (fd[i].revents)
        read_all(tunnel, i);
    note_point(tunnel);
  }
}

/* ---- the command ---- */

static pid_t start(const struct tunnel *tunnel, char **words) {
  char places[3 * sizeof tunnel->place[0].path];
  snprintf(places, sizeof places, "%s@%s,%s@%s,%s", tunnel->place[ONE].path, address[ONE],
           tunnel->place[OTHER].path, address[OTHER], address[HUB]);
  for (char **word = words; *word; word++)
    if (strcmp(*word, "{places}") == 0)
      *word = places;
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execvp(words[0], words);
    perror(words[0]);
    _exit(127);
  }
  return child;
}

static void write_link(FILE *out, const char *name, const struct link *link, usec from, usec until) {
  const struct link_stats *stats = link_stats(link);
  int64_t capacity = from ? link_capacity(link, from, until) : 0;
  fprintf(out, "\"%s\": {\"packets\": %lld, \"lost\": %lld, \"queueDropped\": %lld, ", name,
          (long long)stats->packets, (long long)stats->lost, (long long)stats->queue_dropped);
  fprintf(out, "\"seconds\": %.6f, \"queue95\": %.6f, \"sent\": %lld, \"delivered\": %lld, \"capacity\": %lld}",
          (double)(until - from) / 1e6, (double)histogram_percentile(&stats->queue_delay, 95) / 1e6,
          (long long)stats->bytes * 8, (long long)stats->delivered_bytes * 8, (long long)capacity);
}

static bool report(const struct tunnel *tunnel, const char *path) {
  FILE *out = fopen(path, "we");
  if (!out)
    return false;
  fputs("{", out);
  write_link(out, "forth", tunnel->link[FORTH], tunnel->from, tunnel->until);
  fputs(", ", out);
  write_link(out, "back", tunnel->link[BACK], tunnel->from, tunnel->until);
  fputs(", \"points\": [", out);
  for (int i = 0; i < tunnel->points; i++) {
    const struct point *p = &tunnel->point[i];
    fprintf(out, "%s[%lld, %lld, %lld, %lld]", i ? ", " : "", (long long)p->at, (long long)p->queue,
            (long long)p->delivered, (long long)p->capacity);
  }
  fputs("]}\n", out);
  return fclose(out) == 0;
}

static bool make(struct tunnel *tunnel, const struct network *network, uint64_t seed) {
  const struct link_config *back = network->back.steps ? &network->back : &network->forth;
  tunnel->lead = network->lead;
  tunnel->link[FORTH] = link_new(&network->forth, seed * 2);
  tunnel->link[BACK] = link_new(back, seed * 2 + 1);
  tunnel->slot = calloc(SLOTS, sizeof *tunnel->slot);
  tunnel->point = calloc(POINTS, sizeof *tunnel->point);
  if (!tunnel->point || !tunnel->link[FORTH] || !tunnel->link[BACK] || !tunnel->slot)
    return false;
  for (int i = 0; i < PLACES; i++) /* the hub last: COMMAND runs there */
    if (!namespace_enter_new(&tunnel->place[i], address[i]))
      return false;
  return true;
}

int main(int argc, char **argv) {
  static struct tunnel tunnel;
  const struct network *network = argc > 4 ? networks_find(argv[1]) : NULL;
  if (!network) {
    fputs("usage: sotto-tunnel NETWORK SEED JSON COMMAND...\n", stderr);
    return 2;
  }
  if (!make(&tunnel, network, strtoull(argv[2], NULL, 10))) {
    perror("sotto-tunnel: no network namespaces (root is needed)");
    return UNABLE;
  }
  pid_t child = start(&tunnel, argv + 4);
  int child_fd = (int)syscall(SYS_pidfd_open, child, 0);
  if (child < 0 || child_fd < 0)
    return perror("sotto-tunnel"), 1;
  carry(&tunnel, child_fd);
  int status = 0;
  waitpid(child, &status, 0);
  if (!report(&tunnel, argv[3]))
    return perror(argv[3]), 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
