#include "ghost.h"

#include <time.h>

#include "engine/trust/roster.h"
#include "signaling/cell.h"

void ghost_cell(uint8_t cell[CELL_SIZE]) {
  struct identity server;
  struct roster first, next;
  struct roster_device ghost = {.added_seq = 1};
  uint8_t dk_secret[SIGN_SECRET_SIZE], dx_secret[KEY_SIZE], key[KEY_SIZE];
  struct cell_header header = {.type = CELL_ROSTER};
  uint64_t now = (uint64_t)time(NULL);
  identity_make(&server);
  roster_first(&first, &server, now);
  roster_next(&next, &first, now);
  crypto_ed25519_keypair(ghost.dk, dk_secret);
  crypto_x25519_keypair(ghost.dx, dx_secret);
  device_id(ghost.id, ghost.dk, ghost.dx);
  roster_accept_sign(&ghost, server.ik, dk_secret);
  roster_add_device(&next, &ghost);
  roster_sign(&next, server.ik_secret);
  crypto_random(key, sizeof key);
  crypto_random(header.device, sizeof header.device);
  crypto_random(header.session, sizeof header.session);
  cell_seal(cell, key, &header, next.encoded, next.size, 0);
  identity_wipe(&server);
}
