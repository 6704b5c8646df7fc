#include "http_upgrade.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct text {
  const char *at;
  size_t size;
};

struct seen {
  int host, key, version, length;
  bool version_13, websocket, upgrade, length_0, encoded;
  bool bad; /* a key or a header that is malformed */
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

static bool is_field_value(struct text text) {
  for (size_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.at[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return false;
  }
  return true;
}

static bool equals(struct text text, const char *word) {
  return text.size == strlen(word) && !strncasecmp(text.at, word, text.size);
}

static bool is_space(char c) {
  return c == ' ' || c == '\t';
}

static struct text trimmed(struct text text) {
  while (text.size && is_space(text.at[0]))
    text.at++, text.size--;
  while (text.size && is_space(text.at[text.size - 1]))
    text.size--;
  return text;
}

/* Cuts off what stands before `end` (one or two characters); false when there is none. */
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

static bool list_has(struct text list, const char *word) {
  struct text piece;
  while (cut(&list, ",", &piece))
    if (equals(trimmed(piece), word))
      return true;
  return equals(trimmed(list), word);
}

/* The canonical base64 of 16 bytes: 22 digits, the last with four zero bits, and "==". */
static bool is_key(struct text value) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (value.size != HTTP_UPGRADE_KEY_SIZE || memcmp(value.at + 22, "==", 2) != 0)
    return false;
  for (int i = 0; i < 22; i++)
    if (!value.at[i] || !strchr(digits, value.at[i]))
      return false;
  return strchr("AQgw", value.at[21]);
}

static void read_header(struct seen *seen, struct http_upgrade *upgrade, struct text name, struct text value) {
  if (equals(name, "host")) {
    seen->host++;
  } else if (equals(name, "upgrade")) {
    seen->websocket |= list_has(value, "websocket");
  } else if (equals(name, "connection")) {
    seen->upgrade |= list_has(value, "upgrade");
  } else if (equals(name, "sec-websocket-version")) {
    seen->version++;
    seen->version_13 = equals(value, "13");
  } else if (equals(name, "sec-websocket-key")) {
    seen->key++;
    if (is_key(value))
      memcpy(upgrade->key, value.at, HTTP_UPGRADE_KEY_SIZE);
    else
      seen->bad = true;
  } else if (equals(name, "content-length")) {
    seen->length++;
    seen->length_0 = equals(value, "0");
  } else if (equals(name, "transfer-encoding")) {
    seen->encoded = true;
  }
}

static bool parse_headers(struct seen *seen, struct http_upgrade *upgrade, struct text lines) {
  struct text line, name;
  for (int count = 0; cut(&lines, "\r\n", &line); count++) {
    if (count == HTTP_UPGRADE_HEADERS || !cut(&line, ":", &name) || !is_token(name) || !is_field_value(line))
      return false;
    read_header(seen, upgrade, name, trimmed(line));
  }
  return lines.size == 0;
}

static enum http_upgrade_status parse_request_line(struct text line) {
  struct text method, target;
  if (!cut(&line, " ", &method) || !is_token(method) || !cut(&line, " ", &target))
    return HTTP_UPGRADE_BAD;
  if (line.size != 8 || memcmp(line.at, "HTTP/1.1", 8) != 0)
    return HTTP_UPGRADE_BAD;
  if (target.size == 0 || target.at[0] != '/')
    return HTTP_UPGRADE_BAD;
  for (size_t i = 0; i < target.size; i++)
    if (target.at[i] <= 0x20 || target.at[i] >= 0x7f)
      return HTTP_UPGRADE_BAD;
  bool get = method.size == 3 && !memcmp(method.at, "GET", 3); /* methods are case-sensitive */
  return get ? HTTP_UPGRADE_OK : HTTP_UPGRADE_METHOD;
}

static enum http_upgrade_status judge(const struct seen *seen) {
  if (seen->bad || seen->host != 1 || seen->key > 1 || seen->version > 1 || seen->encoded || seen->length > 1 ||
      (seen->length == 1 && !seen->length_0))
    return HTTP_UPGRADE_BAD;
  if (!seen->websocket || !seen->upgrade || seen->version != 1 || !seen->version_13)
    return HTTP_UPGRADE_NEEDED;
  return seen->key == 1 ? HTTP_UPGRADE_OK : HTTP_UPGRADE_BAD;
}

/* What can't become a request is refused before it is complete: nobody waits for the rest of it. */
static bool may_be_request(struct text data) {
  for (size_t i = 0; i < data.size && data.at[i] != ' '; i++)
    if (i == 16 || !is_token_char(data.at[i]))
      return false;
  return true;
}

enum http_upgrade_status http_upgrade_parse(struct http_upgrade *upgrade, const void *data, size_t size) {
  *upgrade = (struct http_upgrade){.key = ""};
  struct text rest = {data, size};
  if (size == 0)
    return HTTP_UPGRADE_MORE;
  if (!may_be_request(rest))
    return HTTP_UPGRADE_BAD;
  const char *end = memmem(data, size < HTTP_UPGRADE_MAX ? size : HTTP_UPGRADE_MAX, "\r\n\r\n", 4);
  if (!end)
    return size >= HTTP_UPGRADE_MAX ? HTTP_UPGRADE_TOO_BIG : HTTP_UPGRADE_MORE;
  rest.size = (size_t)(end - rest.at) + 2; /* the lines, each with its end */
  if (rest.size + 2 != size)               /* a client waits for the answer: this is smuggling */
    return HTTP_UPGRADE_BAD;
  struct text line;
  struct seen seen = {0};
  if (!cut(&rest, "\r\n", &line))
    return HTTP_UPGRADE_BAD;
  enum http_upgrade_status status = parse_request_line(line);
  if (status == HTTP_UPGRADE_BAD || !parse_headers(&seen, upgrade, rest))
    return HTTP_UPGRADE_BAD;
  return status == HTTP_UPGRADE_OK ? judge(&seen) : status;
}

/* base64(SHA-1(key || GUID)), RFC 6455 section 4.2.2: a proof of understanding, not of anything secret. */
static bool accept_value(char out[29], const char *key) {
  char text[HTTP_UPGRADE_KEY_SIZE + 37];
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned hash_size = 0;
  int size = snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  if (!EVP_Digest(text, (size_t)size, hash, &hash_size, EVP_sha1(), NULL) || hash_size != 20)
    return false;
  EVP_EncodeBlock((unsigned char *)out, hash, 20);
  return true;
}

static const char *reason(enum http_upgrade_status status) {
  switch (status) {
  case HTTP_UPGRADE_METHOD:
    return "405 Method Not Allowed\r\nAllow: GET";
  case HTTP_UPGRADE_NEEDED:
    return "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
  case HTTP_UPGRADE_TOO_BIG:
    return "431 Request Header Fields Too Large";
  default:
    return "400 Bad Request";
  }
}

size_t http_upgrade_answer(char *out, size_t size, enum http_upgrade_status status,
                           const struct http_upgrade *upgrade) {
  char accept[29];
  int length;
  if (status == HTTP_UPGRADE_OK) {
    if (!accept_value(accept, upgrade->key))
      return 0;
    length = snprintf(out, size,
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n",
                      accept);
  } else {
    length = snprintf(out, size, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", reason(status));
  }
  return length > 0 && (size_t)length < size ? (size_t)length : 0;
}
