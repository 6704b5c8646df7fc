#include "ccfb.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   SSRC of the RTP stream                      |
 * |          begin_seq            |          num_reports          |
 * |R|ECN|  arrival time offset    | ... and zeros up to a word    |
 * |            more streams ...; report timestamp                 |
 */
enum { STREAM_HEAD = 8, TIMESTAMP_SIZE = 4, STREAM_REPORTS_MAX = 16384 };

static size_t metrics_size(int count) {
  return ((size_t)count * 2 + 3) / 4 * 4;
}

uint32_t ccfb_timestamp(const struct rtcp_packet *packet) {
  struct reader last = packet->body;
  if (last.left < TIMESTAMP_SIZE)
    return 0;
  read_span(&last, last.left - TIMESTAMP_SIZE);
  return read_u32(&last);
}

bool ccfb_read(struct rtcp_packet *packet, struct ccfb_report *report) {
  struct reader *body = &packet->body;
  if (packet->type != RTCP_CCFB || body->left < STREAM_HEAD + TIMESTAMP_SIZE)
    return false;
  report->ssrc = read_u32(body);
  report->begin = read_u16(body);
  int count = read_u16(body);
  size_t size = metrics_size(count);
  if (count > STREAM_REPORTS_MAX || size > body->left - TIMESTAMP_SIZE)
    return false;
  struct reader metrics = reader_of(read_span(body, size), size);
  report->count = count < CCFB_REPORTS_MAX ? count : CCFB_REPORTS_MAX;
  for (int i = 0; i < report->count; i++)
    report->metric[i] = read_u16(&metrics);
  return true;
}

void ccfb_write(struct writer *w, uint32_t ssrc, uint32_t timestamp, const struct ccfb_report *report,
                int reports) {
  size_t body = 4 + TIMESTAMP_SIZE;
  for (int i = 0; i < reports; i++)
    body += STREAM_HEAD + metrics_size(report[i].count);
  rtcp_write_ccfb_head(w, ssrc, body);
  for (int i = 0; i < reports; i++) {
    write_u32(w, report[i].ssrc);
    write_u16(w, report[i].begin);
    write_u16(w, (unsigned)report[i].count);
    for (int j = 0; j < report[i].count; j++)
      write_u16(w, report[i].metric[j]);
    if (report[i].count % 2)
      write_u16(w, 0);
  }
  write_u32(w, timestamp);
}
