#include "http_get.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct text {
  const char *at;
  size_t size;
};

static bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct text text) {
  for (size_t i = 0; i < text.size; i++)
    if (!is_token_char(text.at[i]))
      return false;
  return text.size > 0;
}

static bool is_printable(struct text text, bool spaces) {
  for (size_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.at[i];
    bool space = c == ' ' || c == '\t';
    if (c == 0x7f || (c <= 0x20 && !(spaces && space)))
      return false;
  }
  return true;
}

static bool equals(struct text text, const char *word) {
  return text.size == strlen(word) && strncasecmp(text.at, word, text.size) == 0;
}

/* Cuts off what stands before `end`; false when there is none. */
static bool cut(struct text *rest, const char *end, struct text *piece) {
  const char *found = memmem(rest->at, rest->size, end, strlen(end));
  if (!found)
    return false;
  *piece = (struct text){rest->at, (size_t)(found - rest->at)};
  size_t gone = piece->size + strlen(end);
  rest->at += gone;
  rest->size -= gone;
  return true;
}

static struct text trimmed(struct text text) {
  while (text.size && strchr(" \t", text.at[0]))
    text.at++, text.size--;
  while (text.size && strchr(" \t", text.at[text.size - 1]))
    text.size--;
  return text;
}

static bool copy(char *out, size_t max, struct text text) {
  if (text.size >= max)
    return false;
  memcpy(out, text.at, text.size);
  out[text.size] = '\0';
  return true;
}

/* Names of ours have letters, digits, '.', '-', '_' and '/'; whatever needs an escape is none of them. */
static bool is_path(struct text path) {
  for (size_t i = 0; i < path.size; i++) {
    char c = path.at[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && !strchr("._-/", c))
      return false;
  }
  return true;
}

static enum http_get_status read_target(struct http_get *get, struct text target) {
  struct text path = target;
  if (target.size == 0 || target.at[0] != '/' || !is_printable(target, false))
    return HTTP_GET_BAD;
  cut(&target, "?", &path);
  return is_path(path) && copy(get->path, sizeof get->path, path) ? HTTP_GET_OK : HTTP_GET_NOT_FOUND;
}

static enum http_get_status read_request_line(struct http_get *get, struct text line) {
  struct text method, target;
  if (!cut(&line, " ", &method) || !is_token(method) || !cut(&line, " ", &target) || line.size != 8 ||
      memcmp(line.at, "HTTP/1.1", 8) != 0)
    return HTTP_GET_BAD;
  enum http_get_status status = read_target(get, target);
  bool is_get = method.size == 3 && memcmp(method.at, "GET", 3) == 0; /* methods are case-sensitive */
  return status == HTTP_GET_BAD || is_get ? status : HTTP_GET_METHOD;
}

static bool read_headers(struct http_get *get, struct text lines) {
  int hosts = 0;
  struct text line, name;
  while (cut(&lines, "\r\n", &line)) {
    if (!cut(&line, ":", &name) || !is_token(name) || !is_printable(line, true) ||
        equals(name, "transfer-encoding"))
      return false;
    struct text value = trimmed(line);
    if (equals(name, "content-length") && !equals(value, "0"))
      return false;
    if (!equals(name, "host"))
      continue;
    if (!is_printable(value, false) || !copy(get->host, sizeof get->host, value))
      return false;
    hosts++;
  }
  return hosts == 1 && lines.size == 0;
}

enum http_get_status http_get_parse(struct http_get *get, const void *data, size_t size) {
  *get = (struct http_get){.path = ""};
  struct text rest = {data, size}, line;
  const char *end = memmem(data, size < HTTP_GET_MAX ? size : HTTP_GET_MAX, "\r\n\r\n", 4);
  if (!end)
    return size >= HTTP_GET_MAX ? HTTP_GET_TOO_BIG : HTTP_GET_MORE;
  rest.size = (size_t)(end - rest.at) + 2;                 /* the lines, each with its end */
  if (rest.size + 2 != size || !cut(&rest, "\r\n", &line)) /* a client waits for the answer: this is smuggling */
    return HTTP_GET_BAD;
  enum http_get_status status = read_request_line(get, line);
  return status == HTTP_GET_BAD || read_headers(get, rest) ? status : HTTP_GET_BAD;
}
