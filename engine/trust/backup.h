/* backup.h - the format of a backup: who we are and whom we know, under a code of 128 bits (protocol A.3). Pure.
 *
 *   "SOTTOB01" | kdf = 1 u8 | opslimit u32 | memlimit u64 | salt 16 | nonce 24 | ct | H(all before) 32
 *   ct    = XChaCha20-Poly1305(Argon2id(code), nonce, plain; AAD = all before ct)
 *   plain = IK_sk 64 | device 8, which made it | { size u16 | record }: our roster, its links, the contacts
 *
 * One seal over everything, so nothing is ever loaded in part. The hash tells damage from a wrong code and protects
 * nothing. No device keys, no invites. Costs outside the vault's bounds are refused; bound: BACKUP_MAX_SIZE.
 */
#ifndef BACKUP_H
#define BACKUP_H
#include "backup_code.h"
#include "record.h"

enum {
  BACKUP_HEADER_SIZE = 8 + 1 + 4 + 8 + PWHASH_SALT_SIZE + XCHACHA_NONCE_SIZE,
  BACKUP_PLAIN_MAX =
      SIGN_SECRET_SIZE + DEVICE_ID_SIZE + (1 + ROSTER_LINKS_MAX + STATEMENTS_MAX + CONTACTS_MAX) * (2 + RECORD_MAX),
  BACKUP_MAX_SIZE = BACKUP_HEADER_SIZE + BACKUP_PLAIN_MAX + AEAD_TAG_SIZE + HASH_SIZE,
};

struct backup_plain { /* locked memory */
  uint8_t *bytes;
  size_t size;
};

/* STATE: only the primary has what a backup is of. NOMEM. Free with _free, which wipes. */
sotto_status backup_gather(struct backup_plain *plain, const struct trust *trust);
void backup_plain_free(struct backup_plain *plain);

/* *out is heap. NOMEM. Takes a good tenth of a second. */
sotto_status backup_seal(const struct backup_plain *plain, const char code[BACKUP_CODE_CHARACTERS + 1],
                         uint8_t **out, size_t *size);
/* A trust with fresh device keys that no roster has yet, and `replaces` set: the core enrols it (core_restore.c).
 * PASSPHRASE: whole, but not of this code. CORRUPT, NOMEM. */
sotto_status backup_open(const void *file, size_t size, const char code[BACKUP_CODE_CHARACTERS + 1],
                         struct trust **out) __attribute__((warn_unused_result));
/* The same from what was sealed: CORRUPT or NOMEM. */
sotto_status backup_load(const void *plain, size_t size, struct trust **out) __attribute__((warn_unused_result));

#endif
