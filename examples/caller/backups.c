/* backups.c - what survives the loss of the first device: backup, restore. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "passphrase.h"
#include "phone.h"

int command_backup(const struct options *options) {
  struct phone phone;
  char text[SOTTO_BACKUP_CODE_SIZE];
  const char *path = options->argument[0];
  int code = phone_open(&phone, options, false);
  if (code)
    return code;
  sotto_status status =
      sotto_backup_export(phone.engine, path, options->replace ? SOTTO_BACKUP_REPLACE : 0, text, sizeof text);
  sotto_device device[8] = {SOTTO_DEVICE_INIT};
  bool primary = false;
  for (size_t i = 0, count = sotto_devices(phone.engine, device, 8); i < count && i < 8; i++)
    primary |= device[i].primary;
  phone_close(&phone);
  if (status == SOTTO_ERR_STATE)
    return primary ? complain(EXIT_DISK, "%s is there already: choose another name, or say --replace", path)
                   : complain(EXIT_TRUST, "only your first device has what a backup is of");
  if (status != SOTTO_OK)
    return complain(status == SOTTO_ERR_SYSTEM ? EXIT_DISK : exit_for_status(status), "%s was not written: %s",
                    path, sotto_status_text(status));
  if (options->json_events)
    json_event_say("backup", json_pack("{s:s, s:s}", "file", path, "code", text));
  else
    printf(
        "%s is written. It opens with this code, which is shown only now; keep it on paper, away from the file:\n"
        "%s\n",
        path, text);
  return EXIT_OK;
}

static int explain_restore(sotto_status status, const struct options *options) {
  const char *path = options->argument[0];
  switch (status) {
  case SOTTO_OK:
    return EXIT_OK;
  case SOTTO_ERR_INVALID:
    return complain(EXIT_USAGE, "this is no backup's code: look for a slip of the pen");
  case SOTTO_ERR_PASSPHRASE:
    return complain(EXIT_PASSPHRASE, "this code does not open %s", path);
  case SOTTO_ERR_CORRUPT:
    return complain(EXIT_STORE, "%s is no backup, or was damaged; nothing of it was loaded", path);
  case SOTTO_ERR_NOT_FOUND:
    return complain(EXIT_SYSTEM, "there is no file %s", path);
  case SOTTO_ERR_STATE:
    return complain(EXIT_TRUST, "there is a store in %s already: restore into a new one", options->store);
  default:
    return complain(exit_for_status(status), "not possible: %s", sotto_status_text(status));
  }
}

/* The code comes as secretly as the passphrase does. */
static int read_secrets(const struct options *options, struct secret *code, struct secret *passphrase) {
  bool given = options->code.fd >= 0 || options->code.file;
  int failed =
      given ? secret_read(code, &options->code, "code") : secret_prompt(code, "Code of the backup: ", false);
  if (failed)
    return failed;
  given = options->passphrase.fd >= 0 || options->passphrase.file;
  return given ? secret_read(passphrase, &options->passphrase, "passphrase")
               : secret_prompt(passphrase, "Passphrase for your new store: ", true);
}

int command_restore(const struct options *options) {
  struct secret code = {0}, passphrase = {0};
  sotto_config config = SOTTO_CONFIG_INIT;
  int failed = read_secrets(options, &code, &passphrase);
  config.store_path = options->store;
  config.store_passphrase = passphrase.text;
  if (!failed)
    failed = explain_restore(sotto_backup_restore(&config, options->argument[0], code.text), options);
  secret_wipe(&code);
  secret_wipe(&passphrase);
  if (!failed && options->json_events)
    json_event_say("restored", json_pack("{s:s}", "file", options->argument[0]));
  else if (!failed)
    puts("Restored. Now run sotto answer: as soon as a contact or another device of yours is online too, this "
         "device "
         "takes the place of the one that made the backup, which is revoked.");
  return failed;
}
