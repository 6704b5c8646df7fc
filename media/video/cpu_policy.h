/* cpu_policy.h - what the encoder is spared when the processor can't keep up with the pictures.
 *
 * The encoder becomes faster first, then a camera's pictures smaller and then fewer; a screen's fewer alone. What
 * decides is the share of the time for which a picture was in the encoder or waited for it. Too much: down at once,
 * to the step that should be enough. Little for a while: up, as far as that should still be enough, and later and
 * later where it was not. Key frames are left out, as work and as time: one may take several intervals and says
 * nothing about the pictures between. Told the time and what was measured; integers only, constant size.
 */
#ifndef CPU_POLICY_H
#define CPU_POLICY_H
#include <stdbool.h>

#include "../units.h"

struct cpu_policy {
  bool screen;
  int step;        /* on the ladder of the content, 0: nothing is spared */
  usec window;     /* when it began, moved by the key frames in it; USEC_NEVER: not yet */
  usec busy;       /* in it */
  usec good_since; /* the step above should be enough since; USEC_NEVER: it should not */
  usec patience;   /* for which it must be before a step up */
  usec stepped_up; /* the last time; 0: never */
};

struct cpu_choice {
  int speed;   /* of the encoder, as in video_encoder_config */
  int eighths; /* of the sides of a picture, at most */
  int fps;     /* at most; CPU_POLICY_FPS: every picture */
};

enum { CPU_POLICY_FPS = 60 };

void cpu_policy_init(struct cpu_policy *policy);
void cpu_policy_set_screen(struct cpu_policy *policy, bool screen);
struct cpu_choice cpu_policy_choice(const struct cpu_policy *policy);
/* A picture left the encoder at `now`; `busy`: how long it was in there or the next one in line, since the last. */
void cpu_policy_encoded(struct cpu_policy *policy, usec now, usec busy, bool key);

#endif
