/* exit.h - how the program ends: one code for each kind of trouble, so that a script can tell them apart.
 *
 * The numbers are stable and documented in sotto(1). A signal that ended the program cleanly gives 128 plus
 * its number, as a shell would say.
 */
#ifndef EXIT_H
#define EXIT_H
#include "sotto.h"

enum exit_code {
  EXIT_OK = 0,
  EXIT_INTERNAL = 1, /* a fault of the library or of this program */
  EXIT_USAGE = 2,
  EXIT_PASSPHRASE = 3, /* the store does not open with it, or none was given */
  EXIT_STORE = 4,      /* the store is damaged; nothing of it was loaded */
  EXIT_NO_SERVER = 5,  /* the signaling server did not answer */
  EXIT_NO_CONTACT = 6, /* no contact has that name */
  EXIT_TRUST = 7,      /* blocked, changed, or a compared number that differs */
  EXIT_INVITE = 8,     /* expired, used before, refused, or nobody answered it */
  EXIT_DECLINED = 10,
  EXIT_BUSY = 11,
  EXIT_NO_ANSWER = 12,
  EXIT_UNREACHABLE = 13,
  EXIT_LOST = 14,
  EXIT_TIMEOUT = 15,    /* of the secure set-up */
  EXIT_SECURITY = 16,   /* an alarm ended the call */
  EXIT_UNVERIFIED = 17, /* the words were not compared in time */
  EXIT_CANCELED = 18,   /* the other side gave up before an answer */
  EXIT_MEDIA = 20,      /* a sound or picture file is missing or malformed */
  EXIT_DISK = 21,       /* recording failed: the disk is full, or the folder cannot be written */
  EXIT_SYSTEM = 22,     /* a file, socket or process could not be made */
  EXIT_DEMO = 30,       /* the demonstration ran and fell short of what it must show */
  EXIT_SIGNAL = 128,    /* plus the number of the signal */
};

int exit_for_status(sotto_status status);
int exit_for_reason(sotto_end_reason reason);
/* A sentence for a person: what an ended call or a refused request came to. */
const char *exit_reason_text(sotto_end_reason reason);

#endif
