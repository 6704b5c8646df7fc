/* Transport-wide feedback: what is read keeps its bounds, and what is written of it reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "media/rtp/transport_cc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct rtcp_packet *packet, const struct transport_cc_report *report) {
  static uint8_t again[1200];
  struct writer w = writer_of(again, sizeof again);
  transport_cc_write(&w, packet->ssrc, packet->media_ssrc, report);
  size_t size = sizeof again - w.left;
  struct reader r = reader_of(again, size);
  struct rtcp_packet back;
  struct transport_cc_report same;
  if (w.bad || !rtcp_valid(again, size) || !rtcp_next(&r, &back) || !transport_cc_read(&back, &same))
    abort();
  if (same.begin != report->begin || same.count != report->count || same.reference != report->reference ||
      memcmp(same.at, report->at, (size_t)same.count * sizeof same.at[0]) != 0)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!rtcp_valid(data, size))
    return 0;
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  struct transport_cc_report report;
  while (rtcp_next(&r, &packet)) {
    if (!transport_cc_read(&packet, &report))
      continue;
    if (report.count < 0 || report.count > TRANSPORT_CC_MAX || packet.body.bad)
      abort();
    check_again(&packet, &report);
  }
  return 0;
}
