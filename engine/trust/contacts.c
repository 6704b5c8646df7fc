#include "contacts.h"

#include <stdlib.h>
#include <string.h>

void contacts_init(struct contacts *contacts) {
  *contacts = (struct contacts){0};
}

void contacts_deinit(struct contacts *contacts) {
  for (size_t i = 0; i < contacts->count; i++) {
    free(contacts->list[i]->fork);
    free(contacts->list[i]->rotation);
    crypto_secret_free(contacts->list[i]);
  }
  free(contacts->list);
  *contacts = (struct contacts){0};
}

struct contact *contacts_find(const struct contacts *contacts, const uint8_t id[KEY_SIZE]) {
  for (size_t i = 0; i < contacts->count; i++)
    if (memcmp(contacts->list[i]->id, id, KEY_SIZE) == 0)
      return contacts->list[i];
  return NULL;
}

struct contact *contacts_find_device(const struct contacts *contacts, const uint8_t id[DEVICE_ID_SIZE],
                                     const struct roster_device **device) {
  for (size_t i = 0; i < contacts->count; i++) {
    const struct roster_device *found = roster_find(&contacts->list[i]->roster, id);
    if (found && device)
      *device = found;
    if (found)
      return contacts->list[i];
  }
  return NULL;
}

struct contact *contacts_find_name(const struct contacts *contacts, const char *name) {
  for (size_t i = 0; i < contacts->count; i++)
    if (strcmp(contacts->list[i]->name, name) == 0)
      return contacts->list[i];
  return NULL;
}

static bool grow(struct contacts *contacts) {
  if (contacts->count < contacts->capacity)
    return true;
  size_t capacity = contacts->capacity ? contacts->capacity * 2 : 8;
  struct contact **list = realloc(contacts->list, capacity * sizeof list[0]);
  if (!list)
    return false;
  contacts->list = list;
  contacts->capacity = capacity;
  return true;
}

sotto_status contacts_add(struct contacts *contacts, const uint8_t id[KEY_SIZE], const char *name,
                          struct contact **out) {
  *out = contacts_find(contacts, id);
  if (*out)
    return SOTTO_ERR_STATE;
  if (!petname_valid(name))
    return SOTTO_ERR_INVALID;
  if (contacts->count == CONTACTS_MAX)
    return SOTTO_ERR_FULL;
  struct contact *contact = grow(contacts) ? crypto_secret_new(sizeof *contact) : NULL;
  if (!contact)
    return SOTTO_ERR_NOMEM;
  memset(contact, 0, sizeof *contact);
  memcpy(contact->id, id, KEY_SIZE);
  memcpy(contact->name, name, strlen(name));
  contacts->list[contacts->count++] = contact;
  *out = contact;
  return SOTTO_OK;
}

sotto_status contact_rename(struct contact *contact, const char *name) {
  if (!petname_valid(name))
    return SOTTO_ERR_INVALID;
  memset(contact->name, 0, sizeof contact->name);
  memcpy(contact->name, name, strlen(name));
  return SOTTO_OK;
}
