/* commands.h - the subcommands; each returns the program's exit code, complained of. */
#ifndef COMMANDS_H
#define COMMANDS_H
#include "options.h"

/* identity.c */
int command_id(const struct options *options);
int command_invite(const struct options *options);
int command_accept(const struct options *options);
/* people.c */
int command_contacts(const struct options *options);
int command_verify(const struct options *options);
int command_block(const struct options *options);
int command_unblock(const struct options *options);
int command_reset(const struct options *options);
int command_rename(const struct options *options);
/* evidence.c */
int command_evidence(const struct options *options);
/* calling.c */
int command_call(const struct options *options);
int command_answer(const struct options *options);
/* devices.c */
int command_device(const struct options *options);
/* succession.c */
int command_identity(const struct options *options);
/* backups.c */
int command_backup(const struct options *options);
int command_restore(const struct options *options);
/* web.c */
int command_web(const struct options *options);
/* demo.c */
int command_demo(const struct options *options);

#endif
