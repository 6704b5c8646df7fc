#include "candidate.h"

#include <string.h>

#include "text.h"

enum verdict { ALLOWED, LAN, REFUSED };

/* The first match counts. IANA's special-purpose registries (RFC 6890), by what an attacker would want with
 * them: our own host, our own network, many hosts at once, or a tunnel to any of these. */
static const struct range {
  uint8_t family, prefix[16];
  int bits;
  enum verdict verdict;
} ranges[] = {
    {4, {0}, 8, REFUSED},             /* "this network" */
    {4, {10}, 8, LAN},                /* RFC 1918 */
    {4, {100, 64}, 10, LAN},          /* RFC 6598 */
    {4, {127}, 8, LAN},               /* loopback */
    {4, {169, 254}, 16, REFUSED},     /* link-local */
    {4, {172, 16}, 12, LAN},          /* RFC 1918 */
    {4, {192, 0, 0}, 24, REFUSED},    /* protocol assignments */
    {4, {192, 0, 2}, 24, REFUSED},    /* documentation */
    {4, {192, 88, 99}, 24, REFUSED},  /* 6to4 relays */
    {4, {192, 168}, 16, LAN},         /* RFC 1918 */
    {4, {198, 18}, 15, REFUSED},      /* benchmarks */
    {4, {198, 51, 100}, 24, REFUSED}, /* documentation */
    {4, {203, 0, 113}, 24, REFUSED},  /* documentation */
    {4, {224}, 3, REFUSED},           /* multicast, reserved, broadcast */
    {4, {0}, 0, ALLOWED},
    {6, {[15] = 1}, 128, LAN},                  /* ::1 */
    {6, {0xfc}, 7, LAN},                        /* unique local */
    {6, {0x20, 0x01, 0x0d, 0xb8}, 32, REFUSED}, /* documentation */
    {6, {0x3f, 0xff}, 20, REFUSED},             /* documentation */
    {6, {0x20, 0x01}, 23, REFUSED},             /* protocols, Teredo */
    {6, {0x20, 0x02}, 16, REFUSED},             /* 6to4 */
    {6, {0x20}, 3, ALLOWED},                    /* global unicast */
    {6, {0}, 0, REFUSED}, /* unspecified, mapped, NAT64, link-local, multicast and what is not assigned */
};

static bool in_range(const uint8_t *address, const struct range *range) {
  int bytes = range->bits / 8, rest = range->bits % 8;
  if (memcmp(address, range->prefix, (size_t)bytes) != 0)
    return false;
  return rest == 0 || (address[bytes] ^ range->prefix[bytes]) >> (8 - rest) == 0;
}

static enum verdict judge(const struct candidate *candidate) {
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (ranges[i].family == candidate->family && in_range(candidate->address, &ranges[i]))
      return ranges[i].verdict;
  return REFUSED;
}

static size_t foundation_size(const struct candidate *candidate) {
  return strnlen(candidate->foundation, sizeof candidate->foundation);
}

static bool well_formed(const struct candidate *candidate) {
  size_t size = foundation_size(candidate);
  return candidate->type >= CANDIDATE_HOST && candidate->type <= CANDIDATE_RELAY &&
         candidate->transport >= CANDIDATE_UDP && candidate->transport <= CANDIDATE_TCP_SO &&
         (candidate->family == 4 || candidate->family == 6) && candidate->port && candidate->priority &&
         size >= 1 && size <= CANDIDATE_FOUNDATION_MAX && text_is_ice(candidate->foundation, size);
}

bool candidate_allowed(const struct candidate *candidate, bool lan) {
  if (!well_formed(candidate))
    return false;
  enum verdict verdict = judge(candidate);
  return verdict == ALLOWED || (verdict == LAN && lan);
}

bool candidate_write(struct writer *writer, const struct candidate *candidate) {
  if (!well_formed(candidate))
    return false;
  size_t size = foundation_size(candidate);
  write_u8(writer, candidate->type);
  write_u8(writer, candidate->transport);
  write_u8(writer, candidate->family);
  write_bytes(writer, candidate->address, candidate->family == 4 ? 4 : 16);
  write_u16(writer, candidate->port);
  write_u32(writer, candidate->priority);
  write_u8(writer, (unsigned)size);
  write_bytes(writer, candidate->foundation, size);
  return !writer->bad;
}

bool candidate_read(struct reader *reader, struct candidate *candidate) {
  memset(candidate, 0, sizeof *candidate);
  candidate->type = read_u8(reader);
  candidate->transport = read_u8(reader);
  candidate->family = read_u8(reader);
  read_bytes(reader, candidate->address, candidate->family == 4 ? 4 : 16);
  candidate->port = read_u16(reader);
  candidate->priority = read_u32(reader);
  size_t size = read_u8(reader);
  if (size > CANDIDATE_FOUNDATION_MAX)
    return false;
  read_bytes(reader, candidate->foundation, size);
  /* a NUL inside would make it shorter than its length says */
  return !reader->bad && foundation_size(candidate) == size && well_formed(candidate);
}
