/* stop.h - SIGINT, SIGTERM and SIGHUP ask the program to end well; a second one ends it at once.
 *
 * A reader of standard output that is gone (SIGPIPE) asks too, and never ends it at once.
 */
#ifndef STOP_H
#define STOP_H
#include <stdbool.h>

bool stop_install(void);
int stop_fd(void);     /* readable once a signal came */
int stop_signal(void); /* the first one, 0: none */

#endif
