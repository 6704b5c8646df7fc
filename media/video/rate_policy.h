/* rate_policy.h - how large and how often pictures are encoded, so that the target rate is enough for them.
 *
 * A camera's pictures become smaller first and then fewer, a screen's fewer alone: its text must stay sharp. What
 * decides is the quantizer that the encoder needs, not a table of rates: simple pictures keep their size where
 * others would be a blur. Down within seconds; up one step after another when the quantizer has been low for a
 * while, and later and later where that did not last. A limit, which the processor sets, holds whatever the rate.
 * Told the time by the pictures; integers only, constant size.
 */
#ifndef RATE_POLICY_H
#define RATE_POLICY_H
#include <stdbool.h>

#include "../units.h"

enum rate_content { CONTENT_CAMERA, CONTENT_SCREEN };
enum quality_limit { LIMIT_NONE, LIMIT_CPU, LIMIT_BANDWIDTH }; /* webrtc-stats' qualityLimitationReason */

enum {
  RATE_POLICY_FPS = 60,  /* and above: every picture */
  RATE_POLICY_WHOLE = 8, /* eighths of the sides */
  QUANTIZER_WORST = 63,  /* 0..63, as libvpx has it: of a picture that the encoder left out */
  POLICY_SIDE_MIN = 160, /* pixels of the longer side: smaller shows nothing */
};

struct rate_policy {
  enum rate_content content;
  int step;         /* on the ladder of the content, 0: pictures as they are */
  usec due;         /* of the next picture: earlier ones are left out */
  usec window;      /* when it began */
  int pictures;     /* encoded in it */
  int quantizers;   /* their sum */
  usec good_since;  /* the quantizer has been low since; USEC_NEVER: it is not */
  usec patience;    /* for which it must be before a step up */
  usec stepped_up;  /* the last time; 0: never */
  bps rate, failed; /* the target; where a step up did not last, 0: it did */
  int limit_eighths, limit_fps;
};

struct rate_choice {
  int width, height;          /* of what to encode; even */
  int fps;                    /* at most */
  enum quality_limit limited; /* by what */
};

void rate_policy_init(struct rate_policy *policy);
void rate_policy_set_content(struct rate_policy *policy, enum rate_content content);
/* Never more than `eighths` of the sides and `fps` pictures a second; RATE_POLICY_WHOLE and RATE_POLICY_FPS: no
 * limit. */
void rate_policy_set_limit(struct rate_policy *policy, int eighths, int fps);
/* A picture of width x height, captured at `now`, is there for the encoder. false: leave it out. */
bool rate_policy_picture(struct rate_policy *policy, usec now, int width, int height, bps rate,
                         struct rate_choice *out);
/* It was encoded with this quantizer, or left out by the encoder: QUANTIZER_WORST. */
void rate_policy_encoded(struct rate_policy *policy, usec now, int quantizer);

#endif
