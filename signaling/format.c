#include "format.h"

static const struct format *find_type(const struct format_list *list, uint8_t type) {
  for (int i = 0; i < list->count; i++)
    if (list->entry[i].type == type)
      return &list->entry[i];
  return NULL;
}

static bool may_be_of(uint8_t kind, uint8_t inner) {
  if (kind == FORMAT_RED_AUDIO)
    return inner == FORMAT_OPUS;
  return kind == FORMAT_RTX && (inner == FORMAT_VP8 || inner == FORMAT_VP9 || inner == FORMAT_RED_VIDEO);
}

static bool entry_fits(const struct format_list *list, const struct format *entry) {
  bool number = (entry->type >= 1 && entry->type <= 63) || (entry->type >= 96 && entry->type <= FORMAT_TYPE_LAST);
  if (!number || entry->kind < FORMAT_OPUS || entry->kind > FORMAT_KIND_LAST ||
      find_type(list, entry->type) != entry)
    return false;
  if (entry->kind != FORMAT_RED_AUDIO && entry->kind != FORMAT_RTX)
    return entry->of == 0;
  const struct format *inner = find_type(list, entry->of);
  return inner && may_be_of(entry->kind, inner->kind);
}

bool formats_fit(const struct format_list *list) {
  if (list->count < 1 || list->count > FORMATS_MAX)
    return false;
  for (int i = 0; i < list->count; i++)
    if (!entry_fits(list, &list->entry[i]))
      return false;
  return true;
}

void formats_write(struct writer *writer, const struct format_list *list) {
  for (int i = 0; i < list->count && i < FORMATS_MAX; i++) {
    write_u8(writer, list->entry[i].type);
    write_u8(writer, list->entry[i].kind);
    write_u8(writer, list->entry[i].of);
  }
}

void formats_read(struct reader *value, struct format_list *list) {
  for (list->count = 0; value->left && list->count < FORMATS_MAX; list->count++) {
    struct format *entry = &list->entry[list->count];
    entry->type = read_u8(value);
    entry->kind = read_u8(value);
    entry->of = read_u8(value);
  }
}

const struct format *formats_find(const struct format_list *list, enum format_kind kind) {
  for (int i = 0; i < list->count; i++)
    if (list->entry[i].kind == kind)
      return &list->entry[i];
  return NULL;
}

const struct format *formats_find_of(const struct format_list *list, enum format_kind kind, uint8_t of) {
  for (int i = 0; i < list->count; i++)
    if (list->entry[i].kind == kind && list->entry[i].of == of)
      return &list->entry[i];
  return NULL;
}

static bool serves(const struct format_list *list) {
  return formats_find(list, FORMAT_OPUS) && (formats_find(list, FORMAT_VP8) || formats_find(list, FORMAT_VP9));
}

/* Their entry that means the same as this one of ours. */
static const struct format *same_in(const struct format_list *theirs, const struct format_list *ours,
                                    const struct format *entry) {
  const struct format *inner = entry->of ? find_type(ours, entry->of) : NULL;
  const struct format *their_inner = inner ? formats_find(theirs, (enum format_kind)inner->kind) : NULL;
  if (inner && !their_inner)
    return NULL;
  return formats_find_of(theirs, (enum format_kind)entry->kind, their_inner ? their_inner->type : 0);
}

bool formats_answer(struct format_list *answer, const struct format_list *ours, const struct format_list *offer) {
  answer->count = 0;
  for (int i = 0; i < ours->count; i++) {
    const struct format *theirs = same_in(offer, ours, &ours->entry[i]);
    if (theirs)
      answer->entry[answer->count++] = *theirs;
  }
  return serves(answer);
}

bool formats_are_of(const struct format_list *answer, const struct format_list *offer) {
  for (int i = 0; i < answer->count; i++) {
    const struct format *entry = find_type(offer, answer->entry[i].type);
    if (!entry || entry->kind != answer->entry[i].kind || entry->of != answer->entry[i].of)
      return false;
  }
  return serves(answer);
}
