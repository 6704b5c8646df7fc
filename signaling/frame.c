#include "frame.h"

#include "../media/bytes.h"

static bool parse_list(struct frame *frame, struct reader *r, size_t entry_size) {
  frame->count = read_u8(r);
  frame->list = read_span(r, (size_t)frame->count * entry_size);
  return frame->count > 0;
}

static bool parse_put(struct frame *frame, struct reader *r) {
  frame->mailbox = read_span(r, MAILBOX_SIZE);
  frame->ttl = read_u16(r);
  frame->cell = read_span(r, CELL_SIZE);
  return frame->ttl >= 1 && frame->ttl <= CELL_TTL_MAX;
}

static bool parse_cell(struct frame *frame, struct reader *r) {
  frame->mailbox = read_span(r, MAILBOX_SIZE);
  frame->cell = read_span(r, CELL_SIZE);
  return true;
}

static bool parse_limit(struct frame *frame, struct reader *r) {
  uint8_t code = read_u8(r);
  frame->limit = (enum frame_limit)code;
  return code == FRAME_LIMIT_RATE || code == FRAME_LIMIT_FULL;
}

static bool parse_body(struct frame *frame, struct reader *r) {
  switch (frame->type) {
  case FRAME_SUBSCRIBE:
    return parse_list(frame, r, READ_TOKEN_SIZE);
  case FRAME_PUT:
    return parse_put(frame, r);
  case FRAME_UNSUBSCRIBE:
    return parse_list(frame, r, MAILBOX_SIZE);
  case FRAME_CELL:
    return parse_cell(frame, r);
  case FRAME_LIMIT:
    return parse_limit(frame, r);
  }
  return false;
}

bool frame_parse(struct frame *frame, bool from_client, const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  uint8_t type = read_u8(&r);
  *frame = (struct frame){.type = (enum frame_type)type};
  if (r.bad || from_client != (type < 0x80))
    return false;
  return parse_body(frame, &r) && !r.bad && r.left == 0;
}

static void write_body(struct writer *w, const struct frame *frame) {
  switch (frame->type) {
  case FRAME_SUBSCRIBE:
  case FRAME_UNSUBSCRIBE:
    write_u8(w, (unsigned)frame->count);
    write_bytes(w, frame->list,
                (size_t)frame->count * (frame->type == FRAME_SUBSCRIBE ? READ_TOKEN_SIZE : MAILBOX_SIZE));
    break;
  case FRAME_PUT:
    write_bytes(w, frame->mailbox, MAILBOX_SIZE);
    write_u16(w, (unsigned)frame->ttl);
    write_bytes(w, frame->cell, CELL_SIZE);
    break;
  case FRAME_CELL:
    write_bytes(w, frame->mailbox, MAILBOX_SIZE);
    write_bytes(w, frame->cell, CELL_SIZE);
    break;
  case FRAME_LIMIT:
    write_u8(w, frame->limit);
    break;
  default:
    w->bad = true;
  }
}

static bool is_valid(const struct frame *frame) {
  switch (frame->type) {
  case FRAME_SUBSCRIBE:
  case FRAME_UNSUBSCRIBE:
    return frame->count >= 1 && frame->count <= FRAME_LIST_MAX;
  case FRAME_PUT:
    return frame->ttl >= 1 && frame->ttl <= CELL_TTL_MAX;
  case FRAME_LIMIT:
    return frame->limit == FRAME_LIMIT_RATE || frame->limit == FRAME_LIMIT_FULL;
  case FRAME_CELL:
    return true;
  }
  return false;
}

size_t frame_write(uint8_t *out, size_t size, const struct frame *frame) {
  struct writer w = writer_of(out, size);
  if (!is_valid(frame))
    return 0;
  write_u8(&w, frame->type);
  write_body(&w, frame);
  return w.bad ? 0 : size - w.left;
}
