/* av_sync.h - when to show a video frame so that it meets the sound that was captured with it, or shortly before.
 *
 * Sender reports (RFC 3550 section 6.4.1) tie each medium's RTP time to the sender's wall clock; audio
 * packets tie that clock to ours; the playout's delay says when the sound is heard. The delay given to video
 * moves smoothly, is never negative and never above AV_SYNC_DELAY_MAX, so a lying report costs no more than
 * that. Until both media have a report, video is shown at once.
 */
#ifndef AV_SYNC_H
#define AV_SYNC_H
#include <stdbool.h>
#include <stdint.h>

#include "../units.h"

#define AV_SYNC_DELAY_MAX MS(500)
#define AV_SYNC_LEAD      MS(40) /* of the picture: sound up to 60 ms late passes as in step (EBU R 37) */

enum av_sync_medium { AV_SYNC_AUDIO, AV_SYNC_VIDEO, AV_SYNC_MEDIA };

struct av_sync {
  struct av_sync_clock { /* the newest sender report of a medium */
    bool known;
    int64_t rate; /* RTP ticks a second */
    int64_t rtp_time;
    usec wall; /* the sender's, Unix time */
  } clock[AV_SYNC_MEDIA];
  bool transit_known, shift_known;
  usec transit;       /* audio: arrival on our clock minus capture on the sender's, smoothed */
  usec playout_delay; /* audio: from arrival to the ear */
  usec shift;         /* video: render on our clock minus capture on the sender's, slewed */
  usec shift_at;      /* when it last moved */
  usec last_render;
};

struct av_sync_times {
  usec captured; /* on the sender's clock, Unix time; 0: not known yet */
  usec render;   /* on our clock, never before now */
};

void av_sync_init(struct av_sync *sync);
/* One sender report: `ntp` as on the wire (32.32 bit, since 1900), `rtp_time` unwrapped as the packets' is. */
void av_sync_input_report(struct av_sync *sync, enum av_sync_medium medium, uint64_t ntp, int64_t rtp_time);
void av_sync_input_audio(struct av_sync *sync, usec arrival, int64_t rtp_time); /* every audio packet received */
void av_sync_set_playout_delay(struct av_sync *sync, usec delay);
struct av_sync_times av_sync_video(struct av_sync *sync, usec now, int64_t rtp_time); /* a frame is ready */

#endif
