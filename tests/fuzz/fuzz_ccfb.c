/* Congestion control feedback: what is read keeps its bounds, and what is written of it reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "media/rtp/ccfb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct rtcp_packet *packet, const struct ccfb_report *report) {
  static uint8_t again[1200];
  struct writer w = writer_of(again, sizeof again);
  ccfb_write(&w, packet->ssrc, ccfb_timestamp(packet), report, 1);
  size_t size = sizeof again - w.left;
  struct reader r = reader_of(again, size);
  struct rtcp_packet back;
  struct ccfb_report same;
  if (w.bad || !rtcp_valid(again, size) || !rtcp_next(&r, &back) || !ccfb_read(&back, &same))
    abort();
  if (same.ssrc != report->ssrc || same.begin != report->begin || same.count != report->count ||
      memcmp(same.metric, report->metric, (size_t)same.count * 2) != 0)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!rtcp_valid(data, size))
    return 0;
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  struct ccfb_report report;
  while (rtcp_next(&r, &packet))
    while (ccfb_read(&packet, &report)) {
      if (report.count < 0 || report.count > CCFB_REPORTS_MAX || packet.body.bad)
        abort();
      check_again(&packet, &report);
    }
  return 0;
}
