#include "engine/path/send_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "unit.h"

/* ---- a kernel that keeps what it is given: sendmmsg(), wrapped ---- */

enum { FD = 7, CALLS_MAX = 64 };

static struct {
  int calls, error[CALLS_MAX]; /* of each call; 0: it succeeds */
  unsigned takes;              /* messages a call */
  bool segments;               /* UDP_SEGMENT is known */
  unsigned messages, segmented;
  socklen_t name_size;
  size_t sizes[4 * SEND_BATCH_MAX], count; /* of datagrams, as they would be on the wire */
  uint8_t data[4 * SEND_BATCH_BYTES];
  size_t used;
} wire;

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

static size_t segment_of(const struct msghdr *message) {
  uint16_t segment = 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  if (header && header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_SEGMENT)
    memcpy(&segment, CMSG_DATA(header), sizeof segment);
  return segment;
}

static void take(const struct msghdr *message) {
  size_t left = message->msg_iov->iov_len, segment = segment_of(message);
  assert_int_equal(message->msg_iovlen, 1);
  assert_true(left <= 65000 && (!segment || left <= 64 * segment)); /* udp(7) */
  wire.messages++;
  wire.segmented += segment > 0;
  wire.name_size = message->msg_namelen;
  memcpy(wire.data + wire.used, message->msg_iov->iov_base, left);
  wire.used += left;
  for (size_t size; left > 0; left -= size) {
    size = segment && segment < left ? segment : left;
    wire.sizes[wire.count++] = size;
  }
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  assert_int_equal(fd, FD);
  assert_int_equal(flags, MSG_DONTWAIT | MSG_NOSIGNAL);
  assert_in_range(wire.calls, 0, CALLS_MAX - 1);
  errno = wire.error[wire.calls++];
  if (!errno && !wire.segments && segment_of(&messages[0].msg_hdr))
    errno = EIO;
  if (errno)
    return -1;
  unsigned taken = 0;
  while (taken < count && taken < wire.takes && (wire.segments || !segment_of(&messages[taken].msg_hdr)))
    take(&messages[taken++].msg_hdr);
  return (int)taken;
}

/* ---- a batch ---- */

static struct send_batch batch;
static uint8_t sent[4 * SEND_BATCH_BYTES]; /* what should be on the wire */
static size_t sent_size;

static void begin(void) {
  memset(&batch, 0, sizeof batch);
  memset(&wire, 0, sizeof wire);
  wire.takes = SEND_BATCH_MAX;
  wire.segments = true;
  sent_size = 0;
}

static void add(size_t size) {
  static uint8_t mark;
  uint8_t datagram[2000];
  memset(datagram, ++mark, sizeof datagram);
  assert_true(send_batch_add(&batch, datagram, size));
  memset(sent + sent_size, mark, size);
  sent_size += size;
}

static size_t flush(void) {
  static const struct sockaddr_in to = {.sin_family = AF_INET};
  return send_batch_flush(&batch, FD, (const struct sockaddr *)&to);
}

/* The same datagrams, in the same order, by so many calls and messages. */
static void check_wire(const size_t *sizes, size_t count, int calls, unsigned messages) {
  assert_int_equal(wire.count, count);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(wire.sizes[i], sizes[i]);
  assert_int_equal(wire.used, sent_size);
  assert_memory_equal(wire.data, sent, sent_size);
  assert_int_equal(wire.calls, calls);
  assert_int_equal(wire.messages, messages);
}

static const size_t mixed[] = {1200, 1200, 1200, 700, 80, 80, 1000, 1000, 1000, 90};

static void add_mixed(void) {
  for (size_t i = 0; i < sizeof mixed / sizeof mixed[0]; i++)
    add(mixed[i]);
}

#define MIXED mixed, sizeof mixed / sizeof mixed[0]

/* ---- tests ---- */

static void equal_sizes_and_a_shorter_end_are_one_message_and_all_is_one_call(void **state) {
  (void)state;
  begin();
  add_mixed();
  assert_int_equal(flush(), 10);
  check_wire(MIXED, 1, 3); /* 1200 1200 1200 700, 80 80, 1000 1000 1000 90 */
  assert_int_equal(wire.segmented, 3);
  assert_int_equal(wire.name_size, sizeof(struct sockaddr_in));
  assert_int_equal(flush(), 0); /* it is empty */
  assert_int_equal(wire.calls, 1);
}

static void one_alone_is_a_plain_message_and_an_address_of_ipv6_is_longer(void **state) {
  (void)state;
  static const struct sockaddr_in6 to = {.sin6_family = AF_INET6};
  begin();
  add(1200);
  assert_int_equal(send_batch_flush(&batch, FD, (const struct sockaddr *)&to), 1);
  check_wire((const size_t[]){1200}, 1, 1, 1);
  assert_int_equal(wire.segmented, 0);
  assert_int_equal(wire.name_size, sizeof to);
}

static void it_takes_what_has_room_and_says_when_there_is_none(void **state) {
  (void)state;
  static uint8_t large[SEND_BATCH_BYTES + 1];
  begin();
  assert_false(send_batch_add(&batch, large, 0));
  assert_false(send_batch_add(&batch, large, sizeof large));
  for (int i = 0; i < SEND_BATCH_MAX; i++)
    add(100);
  assert_false(send_batch_add(&batch, large, 1)); /* too many */
  assert_int_equal(flush(), SEND_BATCH_MAX);
  assert_int_equal(wire.messages, 1);
  while (SEND_BATCH_BYTES - batch.used >= 1999)
    add(1999);
  assert_false(send_batch_add(&batch, large, SEND_BATCH_BYTES - batch.used + 1)); /* too much */
  add(SEND_BATCH_BYTES - batch.used);
  flush();
  assert_memory_equal(wire.data, sent, sent_size);
}

static void where_segments_are_refused_they_leave_one_by_one_from_then_on(void **state) {
  (void)state;
  static const int errors[] = {EIO, EINVAL, EMSGSIZE, EOPNOTSUPP};
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    begin();
    wire.error[0] = errors[i];
    add_mixed();
    assert_int_equal(flush(), 10);
    check_wire(MIXED, 2, 10);
    assert_int_equal(batch.way, SEND_MANY);
    assert_int_equal(wire.segmented, 0);
    add(500);
    add(500);
    assert_int_equal(flush(), 2);
    assert_int_equal(wire.calls, 3); /* not asked for again */
    assert_int_equal(wire.segmented, 0);
  }
}

static void what_was_refused_behind_a_plain_message_is_not_sent_twice(void **state) {
  (void)state;
  static const size_t sizes[] = {80, 1200, 1200, 700};
  begin();
  wire.segments = false;
  for (size_t i = 0; i < 4; i++)
    add(sizes[i]);
  assert_int_equal(flush(), 4);
  check_wire(sizes, 4, 3, 4); /* the 80, the refusal, the rest */
  assert_int_equal(batch.way, SEND_MANY);
}

static void what_is_taken_in_part_is_handed_over_again_from_there(void **state) {
  (void)state;
  begin();
  wire.takes = 1;
  add_mixed();
  assert_int_equal(flush(), 10);
  check_wire(MIXED, 3, 3);
  begin();
  wire.takes = 3;
  batch.way = SEND_MANY;
  add_mixed();
  assert_int_equal(flush(), 10);
  check_wire(MIXED, 4, 10);
}

static void a_full_socket_loses_the_rest_and_changes_nothing(void **state) {
  (void)state;
  begin();
  wire.takes = 1;
  wire.error[1] = EAGAIN;
  add_mixed();
  assert_int_equal(flush(), 10); /* dealt with: nobody sends them another way */
  assert_int_equal(wire.count, 4);
  assert_int_equal(batch.way, SEND_SEGMENTED);
  assert_int_equal(batch.count + batch.used, 0);
}

/* Segments are given up first, then all of it: the caller has the bytes that did not leave. */
static void where_all_is_refused_the_rest_is_left_to_the_caller(void **state) {
  (void)state;
  static const int errors[] = {ENOSYS, EPERM, EBADF, EINVAL, EAFNOSUPPORT};
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    begin();
    batch.way = SEND_MANY;
    wire.takes = 3;
    wire.error[1] = errors[i];
    add_mixed();
    assert_int_equal(flush(), 3);
    assert_int_equal(batch.way, SEND_REFUSED);
    assert_int_equal(batch.count, 10);
    assert_memory_equal(batch.data, sent, sent_size);
    int calls = wire.calls;
    assert_int_equal(flush(), 0);
    assert_int_equal(wire.calls, calls);
  }
  begin();
  wire.error[0] = wire.error[1] = EINVAL;
  add_mixed();
  assert_int_equal(flush(), 0);
  assert_int_equal(wire.calls, 2);
  assert_int_equal(batch.way, SEND_REFUSED);
}

UNIT_TESTS(test(equal_sizes_and_a_shorter_end_are_one_message_and_all_is_one_call),
           test(one_alone_is_a_plain_message_and_an_address_of_ipv6_is_longer),
           test(it_takes_what_has_room_and_says_when_there_is_none),
           test(where_segments_are_refused_they_leave_one_by_one_from_then_on),
           test(what_was_refused_behind_a_plain_message_is_not_sent_twice),
           test(what_is_taken_in_part_is_handed_over_again_from_there),
           test(a_full_socket_loses_the_rest_and_changes_nothing),
           test(where_all_is_refused_the_rest_is_left_to_the_caller))
