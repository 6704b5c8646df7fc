/* complain.h - says what went wrong, in one sentence on standard error, and hands the exit code on.
 *
 * The last sentence is kept for the "exit" line of --json-events. For the main thread.
 */
#ifndef COMPLAIN_H
#define COMPLAIN_H

int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *complain_last(void); /* "" when there was nothing to complain of */

#endif
