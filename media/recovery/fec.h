/* fec.h - parity packets that bring lost packets back without asking (ULPFEC, RFC 5109).
 *
 * One level of protection, which covers packets whole: a parity packet is the XOR of some packets of a group, and
 * names them in a mask. Of a group of up to FEC_GROUP packets the n-th is in the parity packets whose bits are set
 * in the n-th power of a generator of GF(2^parities). So as many losses in a row as there are parity packets come
 * back, and any two that do not lie just a period apart; and the masks are what any receiver of RFC 5109 reads.
 * Ours solves them as the linear equations that they are, and again with each packet that comes late. Bounded by
 * FEC_WINDOW packets and FEC_ROWS equations; what they cover before that is forgotten.
 */
#ifndef FEC_H
#define FEC_H
#include "../rtp/rtp.h"
#include "../session.h"

enum {
  FEC_GROUP = 16,       /* packets: the short mask's */
  FEC_PARITIES_MAX = 6, /* of a group */
  FEC_OVERHEAD = 14,    /* bytes of a parity packet's payload beyond the longest payload that it covers */
  FEC_WINDOW = 128,     /* packets kept to recover others from: a frame of 150 kB, and what it waits for */
  FEC_ROWS = 16,        /* unsolved parity packets: two frames' of the strongest protection */
  FEC_IDLE = 1024,      /* packets without parity: nothing is kept any more */
  FEC_HEAD = 8,         /* flags, type, length and timestamp, as they are summed */
};

struct fec_source { /* one of a group: the sequence numbers follow each other */
  struct rtp_header header;
  const uint8_t *payload;
  size_t size;
  const uint8_t *extension; /* between the two */
  size_t extension_size;
};

/* The payload of parity packet 0..parities-1 of a group; 1 to FEC_GROUP sources, 1 to FEC_PARITIES_MAX parities.
 * Its size; 0: no room, or it covers nothing. */
size_t fec_write(const struct fec_source *source, int sources, int parity, int parities, uint8_t *out, size_t room);

struct fec_block { /* of a packet, or a sum of some: all but sequence number and source */
  size_t size;
  uint8_t data[FEC_HEAD + SESSION_PACKET_MAX - RTP_HEADER_SIZE];
};

struct fec_decoder {
  uint32_t ssrc;
  int64_t highest, parity;             /* the newest packet; the newest parity packet, -1: none */
  int64_t kept[FEC_WINDOW];            /* the numbers of packet[], -1: none */
  struct fec_block packet[FEC_WINDOW]; /* by seq; not touched before there is parity */
  struct fec_row {                     /* no other row has its pivot */
    bool used;
    int64_t first, pivot; /* nothing before `first` is in it */
    uint64_t missing[FEC_WINDOW / 64];
    struct fec_block sum; /* of what is missing */
  } row[FEC_ROWS];
};

void fec_decoder_init(struct fec_decoder *decoder, uint32_t ssrc);
/* A packet came, of the sequence number `seq` unwrapped. Nothing is kept until there is parity. */
void fec_decoder_input(struct fec_decoder *decoder, int64_t seq, const uint8_t *packet, size_t size);
/* A parity packet came. false: malformed. */
bool fec_decoder_parity(struct fec_decoder *decoder, int64_t seq, struct reader payload);
/* There was parity lately. */
bool fec_decoder_active(const struct fec_decoder *decoder);
/* The next packet that came back, each once: its size; 0: none. */
size_t fec_decoder_poll(struct fec_decoder *decoder, int64_t *seq, uint8_t packet[SESSION_PACKET_MAX]);

#endif
