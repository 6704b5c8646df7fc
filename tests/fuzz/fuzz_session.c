/* A session in the hands of its peer: packets (length u8, pause u8 in ms, bytes), with our own media in between,
 * with either format of pictures, and as with a browser. Whatever comes, every output keeps its bounds, draining
 * ends and nothing stays due. */
#include <stdlib.h>

#include "media/bytes.h"
#include "media/session.h"
#include "media/video/frame_buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct session *session, usec now) {
  struct session_output out;
  int outputs = 0;
  while (session_poll(session, now, &out)) {
    size_t most = out.type == SESSION_OUT_VIDEO ? FRAME_BUFFER_FRAME_MAX : SESSION_PACKET_MAX;
    if (out.size > most || ++outputs > 5000)
      abort();
    if (out.type == SESSION_OUT_PACKET && (out.data[0] & 0xc0) != 0x80)
      abort();
  }
  if (session_deadline(session) <= now)
    abort();
}

static void run(const uint8_t *data, size_t size, enum session_video_codec codec, int transport_cc) {
  const struct session_config config = {.seed = 1,
                                        .audio_ssrc = 0xb1,
                                        .video_ssrc = 0xb2,
                                        .peer_audio_ssrc = 0xa1,
                                        .peer_video_ssrc = 0xa2,
                                        .rtx_ssrc = 0xb3,
                                        .peer_rtx_ssrc = 0xa3,
                                        .video_codec = codec,
                                        .peer_video_codec = codec,
                                        .transport_cc = transport_cc,
                                        .cname = "abcdefghijklmnop"};
  static const uint8_t frame[3000];
  struct session *session = session_new(&config);
  if (!session)
    return;
  struct reader r = reader_of(data, size);
  usec now = SEC(10);
  for (int i = 0; r.left > 2 && i < 100; i++) {
    size_t length = read_u8(&r);
    now += MS(read_u8(&r));
    if (length > r.left)
      length = r.left;
    session_input(session, now, read_span(&r, length), length);
    if (i % 8 == 0) {
      session_send_audio(session, now, now, frame, 80, 960);
      session_send_video(session, now, now, frame, sizeof frame, true, 0);
    }
    drain(session, now);
  }
  session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  run(data, size, SESSION_VP8, 0);
  run(data, size, SESSION_VP9, 0);
  run(data, size, SESSION_VP8, 3);
  return 0;
}
