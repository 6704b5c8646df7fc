/* The second socket beside a port's first, on loopback: `agent` stands for the ICE agent's. */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/path/side_socket.h"
#include "kernel.h"
#include "loopback.h"
#include "unit/unit.h"

static enum side_result next(struct side_socket *side) {
  uint8_t *data;
  size_t size;
  const struct sockaddr *from;
  return side_socket_next(side, &data, &size, &from);
}

static void send_byte(int fd, const struct sockaddr_in *to, uint8_t byte) {
  assert_int_equal(sendto(fd, &byte, 1, 0, (const struct sockaddr *)to, sizeof *to), 1);
}

/* RFC 7983 section 7 */
static void only_dtls_and_rtp_go_past_the_agent(void **state) {
  (void)state;
  struct sockaddr_in to, other;
  int agent = loopback_socket(&to), sender = loopback_socket(&other);
  struct side_socket *side = side_socket_new(agent);
  assert_non_null(side);
  for (int first = -1; first < 256; first++) {
    uint8_t byte = (uint8_t)first, *data;
    const struct sockaddr *from;
    size_t size = first < 0 ? 0 : 1;
    assert_int_equal(sendto(sender, &byte, size, 0, (struct sockaddr *)&to, sizeof to), size);
    bool ours = (first >= 20 && first < 64) || (first >= 128 && first < 192);
    assert_true(side_socket_receive(side));
    assert_int_equal(side_socket_next(side, &data, &size, &from), ours ? SIDE_DATAGRAM : SIDE_EMPTY);
    assert_int_equal(recv(agent, &byte, 1, 0) >= 0, !ours);
  }
  side_socket_free(side);
  close(agent);
  close(sender);
}

/* `count` datagrams of `size` bytes, by their first byte, as one message: loopback merges what was segmented. */
static void send_segments(int fd, const struct sockaddr_in *to, const uint8_t *first, size_t count, uint16_t size) {
  uint8_t data[2000] = {0};
  union {
    char room[CMSG_SPACE(sizeof(uint16_t))];
    struct cmsghdr header;
  } control = {.header = {CMSG_LEN(sizeof size), SOL_UDP, UDP_SEGMENT}};
  for (size_t i = 0; i < count; i++)
    data[i * size] = first[i];
  struct iovec bytes = {data, count * size};
  memcpy(CMSG_DATA(&control.header), &size, sizeof size);
  struct msghdr message = {.msg_name = (void *)to,
                           .msg_namelen = sizeof *to,
                           .msg_iov = &bytes,
                           .msg_iovlen = 1,
                           .msg_control = control.room,
                           .msg_controllen = sizeof control.room};
  assert_int_equal(sendmsg(fd, &message, 0), count * size);
}

static void assert_next(struct side_socket *side, uint8_t first, size_t wanted) {
  uint8_t *data;
  size_t size;
  const struct sockaddr *from;
  assert_int_equal(side_socket_next(side, &data, &size, &from), SIDE_DATAGRAM);
  assert_int_equal(size, wanted);
  assert_int_equal(data[0], first);
}

/* RFC 8489 section 6.2.1: it will be sent again, and then nothing is merged with it. */
static void stun_that_was_merged_behind_media_is_lost_once_and_nothing_is_merged_again(void **state) {
  (void)state;
  struct sockaddr_in to, other;
  int agent = loopback_socket(&to), sender = loopback_socket(&other);
  struct side_socket *side = side_socket_new(agent);
  uint8_t *data;
  size_t size;
  const struct sockaddr *from;
  assert_non_null(side);
  assert_true(side_socket_merges(side));
  send_segments(sender, &to, (const uint8_t[]){128, 129, 130}, 3, 100);
  assert_true(side_socket_receive(side));
  for (int i = 0; i < 3; i++)
    assert_next(side, (uint8_t)(128 + i), 100);
  assert_int_equal(side_socket_next(side, &data, &size, &from), SIDE_EMPTY);
  send_segments(sender, &to, (const uint8_t[]){128, 0, 129}, 3, 100);
  assert_true(side_socket_receive(side));
  assert_next(side, 128, 100);
  assert_next(side, 129, 100);
  assert_int_equal(side_socket_next(side, &data, &size, &from), SIDE_EMPTY);
  assert_false(side_socket_merges(side));
  send_segments(sender, &to, (const uint8_t[]){128, 129}, 2, 100);
  assert_true(side_socket_receive(side));
  assert_next(side, 128, 100);
  assert_next(side, 129, 100);
  assert_int_equal(sendto(sender, "", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
  assert_int_equal(recv(agent, (uint8_t[1]){0}, 1, 0), 1); /* STUN on its own is the agent's, as before */
  side_socket_free(side);
  close(agent);
  close(sender);
}

/* ---- between the second socket's binding and the program that splits the port ---- */

enum { SENDERS = 16, STUN = 0, MEDIA = 128 };

static struct {
  int sender[SENDERS];
  struct sockaddr_in to;
  uint8_t byte;
} window;

/* The kernel spreads them over both sockets by where they come from. */
static void send_from_everywhere(int fd) {
  (void)fd;
  for (int i = 0; i < SENDERS; i++)
    send_byte(window.sender[i], &window.to, window.byte);
}

/* How many of what came meanwhile are the second socket's, and how many the first's. */
static void bind_while_there_comes(uint8_t byte, int *seconds, int *firsts) {
  struct sockaddr_in other;
  int agent = loopback_socket(&window.to);
  for (int i = 0; i < SENDERS; i++)
    window.sender[i] = loopback_socket(&other);
  window.byte = byte;
  kernel.unsplit = send_from_everywhere;
  struct side_socket *side = side_socket_new(agent);
  kernel.unsplit = NULL;
  assert_non_null(side);
  assert_true(side_socket_receive(side));
  enum side_result result = SIDE_DATAGRAM;
  for (*seconds = -1; result == SIDE_DATAGRAM; ++*seconds)
    result = next(side);
  assert_int_equal(result, SIDE_EMPTY);
  for (*firsts = 0; recv(agent, &byte, 1, 0) == 1;)
    ++*firsts;
  side_socket_free(side);
  close(agent);
  for (int i = 0; i < SENDERS; i++)
    close(window.sender[i]);
}

static void stun_that_came_before_the_port_was_split_is_lost_and_nothing_else_is(void **state) {
  (void)state;
  int seconds, firsts;
  bind_while_there_comes(STUN, &seconds, &firsts);
  assert_int_equal(seconds, 0);
  assert_true(firsts < SENDERS); /* or the kernel did not spread them: one time in 2^16 */
  bind_while_there_comes(MEDIA, &seconds, &firsts);
  assert_true(seconds > 0);
  assert_int_equal(seconds + firsts, SENDERS);
}

static void stun_that_comes_alone_later_is_told(void **state) {
  (void)state;
  struct sockaddr_in to, other;
  int agent = loopback_socket(&to), sender = loopback_socket(&other);
  struct side_socket *side = side_socket_new(agent);
  assert_non_null(side);
  kernel.merge_stun = true;
  for (int batch = 0; batch < 2; batch++) {
    send_byte(sender, &to, MEDIA);
    assert_true(side_socket_receive(side));
    assert_int_equal(next(side), batch ? SIDE_STUN : SIDE_EMPTY);
  }
  kernel.merge_stun = false;
  side_socket_free(side);
  close(agent);
  close(sender);
}

/* ---- what the system refuses ---- */

/* There is no second socket, and media reaches the first. */
static void check_refused(int option, bool port) {
  struct sockaddr_in to, other;
  int agent = loopback_socket(&to), sender = loopback_socket(&other);
  kernel.option = option;
  kernel.port = port;
  struct side_socket *side = side_socket_new(agent);
  kernel.option = kernel.port = 0;
  assert_null(side);
  send_byte(sender, &to, MEDIA);
  assert_int_equal(recv(agent, (uint8_t[1]){0}, 1, 0), 1);
  close(agent);
  close(sender);
}

static void where_the_port_can_not_be_shared_or_split_the_first_socket_gets_all(void **state) {
  (void)state;
  check_refused(SO_RCVBUF, false);
  check_refused(SO_REUSEPORT, false);
  check_refused(SO_ATTACH_REUSEPORT_CBPF, false);
  check_refused(0, true);
}

static void where_nothing_is_merged_datagrams_come_one_by_one(void **state) {
  (void)state;
  struct sockaddr_in to, other;
  int agent = loopback_socket(&to), sender = loopback_socket(&other);
  kernel.option = UDP_GRO;
  struct side_socket *side = side_socket_new(agent);
  kernel.option = 0;
  assert_non_null(side);
  assert_false(side_socket_merges(side));
  send_segments(sender, &to, (const uint8_t[]){128, 129}, 2, 100);
  assert_true(side_socket_receive(side));
  assert_next(side, 128, 100);
  assert_next(side, 129, 100);
  assert_int_equal(next(side), SIDE_EMPTY);
  side_socket_free(side);
  close(agent);
  close(sender);
}

UNIT_TESTS(test(only_dtls_and_rtp_go_past_the_agent),
           test(stun_that_was_merged_behind_media_is_lost_once_and_nothing_is_merged_again),
           test(stun_that_came_before_the_port_was_split_is_lost_and_nothing_else_is),
           test(stun_that_comes_alone_later_is_told),
           test(where_the_port_can_not_be_shared_or_split_the_first_socket_gets_all),
           test(where_nothing_is_merged_datagrams_come_one_by_one))
