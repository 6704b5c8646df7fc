/* evidence.c - that somebody's root key signed two lists of devices: kept for others, and checked by anybody. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "phone.h"

struct evidence {
  uint8_t bytes[SOTTO_EVIDENCE_SIZE + 1]; /* one more than there may be */
  size_t size;
};

static int of_contact(const struct options *options, struct evidence *evidence) {
  struct phone phone;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  int code = phone_open(&phone, options, false);
  if (code)
    return code;
  code = phone_find(&phone, options->argument[1], &contact);
  evidence->size = sizeof evidence->bytes;
  if (!code && sotto_contact_evidence(phone.engine, &contact.id, evidence->bytes, &evidence->size) != SOTTO_OK)
    code =
        complain(EXIT_TRUST, "%s's key has not signed two lists of devices, as far as is known here", contact.name);
  phone_close(&phone);
  return code;
}

/* A new file: what was proven is not written over. */
static int save(const struct options *options) {
  const char *path = options->argument[2];
  struct evidence evidence = {{0}, 0};
  int code = of_contact(options, &evidence);
  if (code)
    return code;
  FILE *file = fopen(path, "wbx");
  bool written = file && fwrite(evidence.bytes, 1, evidence.size, file) == evidence.size;
  if ((file && fclose(file)) || !written)
    return complain(EXIT_DISK, "%s was not written, or is there already", path);
  if (options->json_events)
    json_event_say("evidence", json_pack("{s:s}", "file", path));
  else
    printf("%s is written. Whoever has %s's ID can check it: sotto evidence check ID %s\n", path,
           options->argument[1], path);
  return EXIT_OK;
}

static int read_file(const char *path, struct evidence *evidence) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return complain(EXIT_SYSTEM, "there is no file %s", path);
  evidence->size = fread(evidence->bytes, 1, sizeof evidence->bytes, file);
  fclose(file);
  return EXIT_OK;
}

/* Needs no store, no server, and nobody's word. */
static int check(const struct options *options) {
  struct evidence evidence = {.size = 0};
  sotto_id id;
  if (sotto_id_parse(options->argument[1], &id) != SOTTO_OK)
    return complain(EXIT_USAGE, "%s is not an ID, as sotto id and sotto contacts show it", options->argument[1]);
  int code = read_file(options->argument[2], &evidence);
  if (code)
    return code;
  if (sotto_evidence_check(&id, evidence.bytes, evidence.size) != SOTTO_OK)
    return complain(EXIT_TRUST, "this proves nothing of that ID");
  if (options->json_events)
    json_event_say("proven", json_pack("{s:s}", "id", options->argument[1]));
  else
    puts("Proven: this root key signed two lists of devices that contradict each other. Whoever has it, has shown "
         "one to some and the other to others.");
  return EXIT_OK;
}

int command_evidence(const struct options *options) {
  if (strcmp(options->argument[0], "save") == 0)
    return save(options);
  if (strcmp(options->argument[0], "check") == 0)
    return check(options);
  return complain(EXIT_USAGE, "evidence save NAME FILE, or evidence check ID FILE");
}
