/* conversation.h - one call from its first ring to its end: events, questions, typed commands, media.
 *
 * A person is asked on the terminal and answers "yes" or "no"; a script reads the same events as JSON and sends
 * commands (command.h). The library bounds every wait of a call; this only adds --seconds and, after a signal,
 * that the hang-up may take CONVERSATION_BYE_MS.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H
#include "phone.h"
#include "studio.h"

enum { CONVERSATION_BYE_MS = 2000, CONVERSATION_LOOK_MS = 3000 };

/* The call is freed in any case. Returns the exit code, complained of. `incoming`: it rings here, and is
 * accepted at once when `automatic`. */
int conversation_run(struct phone *phone, struct studio *studio, sotto_call *call, const sotto_id *peer,
                     bool incoming, bool automatic);

#endif
