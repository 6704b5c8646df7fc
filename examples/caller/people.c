/* people.c - the contacts: contacts, verify, block, unblock, reset, rename. None of them needs the server. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "names.h"
#include "phone.h"

/* How, and on which day. */
static void print_contact(const sotto_contact *contact) {
  char id[SOTTO_ID_TEXT_SIZE] = "", day[16] = "";
  struct tm tm;
  time_t at = (time_t)contact->verified_at;
  sotto_id_format(&contact->id, id, sizeof id);
  if (contact->verified_at && localtime_r(&at, &tm))
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
  printf("%-20s %-9s %-13s %-10s %s%s%s\n", contact->name, name_of_trust(contact->trust),
         name_of_method(contact->method), day, id, contact->rotated ? "  has a new key" : "",
         contact->untold ? "  has not heard of yours" : "");
}

static void print_contacts(const struct options *options, const sotto_contact *list, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(array, json_contact(&list[i]));
    if (!options->json && !options->json_events)
      print_contact(&list[i]);
  }
  if (options->json || options->json_events)
    json_event_say("contacts", json_pack("{s:O}", "contacts", array));
  json_decref(array);
}

int command_contacts(const struct options *options) {
  struct phone phone;
  size_t count;
  int code = phone_open(&phone, options, false);
  if (code)
    return code;
  sotto_contact *list = phone_contacts(&phone, &count);
  phone_close(&phone);
  print_contacts(options, list, count);
  free(list);
  return EXIT_OK;
}

/* What came of it; a contact that was reset after a rotation has another ID now. */
static bool look_again(struct phone *phone, sotto_contact *contact) {
  return sotto_contact_get(phone->engine, &contact->id, contact) == SOTTO_OK ||
         phone_find(phone, contact->name, contact) == EXIT_OK;
}

/* One contact, one change; `act` returns the library's status. */
static int with_contact(const struct options *options, sotto_contact *contact,
                        sotto_status (*act)(struct phone *, const sotto_contact *, const struct options *)) {
  struct phone phone;
  int code = phone_open(&phone, options, false);
  if (code)
    return code;
  code = phone_find(&phone, options->argument[0], contact);
  sotto_status status = SOTTO_OK;
  if (!code)
    status = act(&phone, contact, options);
  if (!code && status == SOTTO_OK && look_again(&phone, contact)) {
    if (options->json_events)
      json_event_say("contact", json_contact(contact));
    else
      printf("%s is %s.\n", contact->name, name_of_trust(contact->trust));
  }
  phone_close(&phone);
  if (status == SOTTO_ERR_TRUST)
    return complain(EXIT_TRUST, "this is NOT %s's: do not trust it, and ask them", contact->name);
  if (status != SOTTO_OK)
    return complain(status == SOTTO_ERR_STATE ? EXIT_TRUST : exit_for_status(status), "%s: not possible: %s",
                    contact->name, sotto_status_text(status));
  return code;
}

static sotto_status show_number(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_status status = sotto_safety_number(phone->engine, &contact->id, number, sizeof number);
  if (status != SOTTO_OK)
    return status;
  if (options->json_events)
    json_event_say("safety-number", json_pack("{s:s, s:s}", "name", contact->name, "number", number));
  else
    printf("The safety number that you and %s both see:\n%s\nCompare all of it in person or by another channel, "
           "then: sotto %s %s %s\n",
           contact->name, number, contact->trust == SOTTO_TRUST_CHANGED ? "reset" : "verify", contact->name,
           contact->trust == SOTTO_TRUST_CHANGED ? "LAST-SIX-DIGITS" : "--number \"...\"");
  return SOTTO_OK;
}

static sotto_status do_verify(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  if (options->number)
    return sotto_contact_verify_number(phone->engine, &contact->id, options->number);
  if (options->uri)
    return sotto_contact_verify_uri(phone->engine, &contact->id, options->uri);
  return show_number(phone, contact, options);
}

int command_verify(const struct options *options) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  return with_contact(options, &contact, do_verify);
}

static sotto_status do_block(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  (void)options;
  return sotto_contact_block(phone->engine, &contact->id, true);
}

int command_block(const struct options *options) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  return with_contact(options, &contact, do_block);
}

static sotto_status do_unblock(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  (void)options;
  return sotto_contact_block(phone->engine, &contact->id, false);
}

int command_unblock(const struct options *options) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  return with_contact(options, &contact, do_unblock);
}

static sotto_status do_reset(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  return sotto_contact_reset(phone->engine, &contact->id, options->argument[1]);
}

int command_reset(const struct options *options) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  return with_contact(options, &contact, do_reset);
}

static sotto_status do_rename(struct phone *phone, const sotto_contact *contact, const struct options *options) {
  return sotto_contact_rename(phone->engine, &contact->id, options->argument[1]);
}

int command_rename(const struct options *options) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  return with_contact(options, &contact, do_rename);
}
