/* hold.h - video waits while feedback is overdue: a queue grew so fast that it holds up what tells of it.
 *
 * A link that narrows to a third fills its queue within a tenth of a second, and feedback on it has to pass the
 * queue of the other direction; a rate that heeds feedback alone goes on for a third of a second and loses most of
 * that. So what is under way and not told of is bounded, by its age instead of its size (a congestion window, as in
 * RFC 8298): beyond the usual age by as much as that varies, only sound is sent, for HOLD_MOST. Where feedback is
 * merely lost, what comes from the peer beside it is not late; the caller looks. Until feedback comes for the first
 * time, it is late after HOLD_FIRST. Constant size; integers only.
 */
#ifndef HOLD_H
#define HOLD_H
#include <stdbool.h>

#include "../limits.h"

struct hold {
  usec since;        /* the oldest packet not told of was sent then, or a little before; USEC_NEVER: none is */
  usec last;         /* the newest packet sent */
  usec mean, spread; /* of that age when feedback comes; mean 0: not known yet */
  bool held;         /* now */
  usec from, to;     /* the last time, short breaks included */
};

void hold_init(struct hold *hold);
void hold_sent(struct hold *hold, usec now);
void hold_told(struct hold *hold, usec now, usec sent); /* feedback came; sent: of the newest packet it names */
bool hold_due(const struct hold *hold, usec now);
bool hold_untold(const struct hold *hold); /* no feedback ever came */
void hold_set(struct hold *hold, usec now, bool held);
bool hold_covers(const struct hold *hold, usec sent); /* only sound was sent then */
bool hold_recent(const struct hold *hold, usec now);  /* within HOLD_EPISODE */

#endif
