#include "log.h"

#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEX_KEY = 16, TEXT_KEY = 24 }; /* characters in a row that are more than a word or a number */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sotto_log_fn *sink;
static void *sink_user;
static atomic_int sink_max = -1;

void log_set(sotto_log_level max, sotto_log_fn *fn, void *user) {
  pthread_mutex_lock(&lock);
  sink = fn;
  sink_user = user;
  atomic_store(&sink_max, fn ? (int)max : -1);
  pthread_mutex_unlock(&lock);
}

bool log_wants(sotto_log_level level) {
  return (int)level <= atomic_load_explicit(&sink_max, memory_order_relaxed);
}

/* A word is what stands between blanks, quotes, brackets, commas and '='. */
static bool in_word(char c) {
  return c && !isspace((unsigned char)c) && !strchr("\"'()[]<>,;=", c);
}

static size_t count_of(const char *word, size_t size, char wanted) {
  size_t count = 0;
  for (size_t i = 0; i < size; i++)
    count += word[i] == wanted;
  return count;
}

/* Dotted quad, with a port or not. */
static bool is_ipv4(const char *word, size_t size) {
  int dots = 0, digits = 0;
  for (size_t i = 0; i < size; i++)
    if (isdigit((unsigned char)word[i]))
      digits++;
    else if (word[i] == '.' && digits)
      dots++, digits = 0;
    else
      return dots == 3 && digits && (word[i] == ':' || word[i] == '/');
  return dots == 3 && digits;
}

/* Two colons or more between hexadecimal digits, perhaps a zone; a time of day is lost too, and no line needs one.
 */
static bool is_ipv6(const char *word, size_t size) {
  if (count_of(word, size, ':') < 2)
    return false;
  for (size_t i = 0; i < size && word[i] != '%'; i++)
    if (!isxdigit((unsigned char)word[i]) && !strchr(":./", word[i]) && word[i] != 'x')
      return false;
  return true;
}

/* A long run of hexadecimal digits, or a longer one of letters and digits: keys, ids, hashes, mailboxes. */
static bool is_key(const char *word, size_t size) {
  size_t hex = 0, text = 0;
  bool digit = false, letter = false;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)word[i];
    bool colon = c == ':' && i % 3 == 2; /* "AB:CD:EF:" as fingerprints are written */
    hex = isxdigit(c) || colon ? hex + !colon : 0;
    text = isalnum(c) || strchr("+/-_", c) ? text + 1 : 0;
    digit |= isdigit(c) != 0;
    letter |= isalpha(c) != 0;
    if (hex >= HEX_KEY || (text >= TEXT_KEY && digit && letter))
      return true;
  }
  return false;
}

static bool is_host(const char *word, size_t size) {
  static const char *const schemes[] = {"ws://", "wss://", "stun:", "turn:", "turns:", "sotto:", "sotto1"};
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    if (strncasecmp(word, schemes[i], strlen(schemes[i])) == 0)
      return true;
  return size > 6 && strncasecmp(word + size - 6, ".local", 6) == 0;
}

/* "[::1]:80" and "(10.0.0.1)" lose their brackets to in_word(); a full stop or colon at the end is punctuation. */
static size_t trimmed(const char *word, size_t size) {
  while (size && strchr(".:!?", word[size - 1]) && (size < 2 || word[size - 2] != ':'))
    size--;
  return size;
}

void log_redact(char *line, size_t size) {
  static const char mark[] = "[redacted]";
  char out[LOG_LINE_MAX];
  size_t used = 0;
  for (const char *at = line; *at && used + 1 < sizeof out;) {
    size_t word = 0;
    while (in_word(at[word]))
      word++;
    size_t core = trimmed(at, word);
    if (core && (is_ipv4(at, core) || is_ipv6(at, core) || is_host(at, core) || is_key(at, core))) {
      used += (size_t)snprintf(out + used, sizeof out - used, "%s", mark);
      at += core;
    } else {
      size_t take = word ? word : 1;
      if (take > sizeof out - 1 - used)
        take = sizeof out - 1 - used;
      memcpy(out + used, at, take);
      used += take;
      at += take;
    }
    if (used > sizeof out - 1)
      used = sizeof out - 1;
  }
  out[used] = 0;
  snprintf(line, size, "%s", out);
}

static void one_line(char *line) {
  for (; *line; line++)
    if (iscntrl((unsigned char)*line))
      *line = ' ';
}

void log_line(sotto_log_level level, const char *format, ...) {
  if (!log_wants(level))
    return;
  char line[LOG_LINE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args); /* NOLINT(clang-analyzer-valist.Uninitialized): it is, above */
  va_end(args);
  one_line(line);
  if (level <= SOTTO_LOG_INFO)
    log_redact(line, sizeof line);
  pthread_mutex_lock(&lock);
  if (sink)
    sink(sink_user, level, line);
  pthread_mutex_unlock(&lock);
}
