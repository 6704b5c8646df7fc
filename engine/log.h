/* log.h - one line of text to the embedder's sink, the library's only callback. Shell: threads.
 *
 * The module comes first: log_line(SOTTO_LOG_WARN, "engine: turn took %d ms", ms). At INFO and above whatever
 * looks like an address, a name of a host, an identity or a key is replaced by "[redacted]" before it leaves:
 * a net under the rule that nobody logs them. Bounded by LOG_LINE_MAX; no line breaks. Nothing a packet.
 */
#ifndef LOG_H
#define LOG_H
#include <stdbool.h>
#include <stddef.h>

#include "sotto.h"

enum { LOG_LINE_MAX = 512 };

void log_set(sotto_log_level max, sotto_log_fn *fn, void *user); /* no line reaches the old sink after it */
void log_line(sotto_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool log_wants(sotto_log_level level);
/* In place; what is longer than LOG_LINE_MAX is cut. */
void log_redact(char *line, size_t size);

#endif
