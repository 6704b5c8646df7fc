/* weak_words.c - the live victim's twin has no words to compare where its gate is no gate (NOGATE): as in the
 * messengers of 2015, nobody is ever asked, and keys are what the server says.
 */
#include "engine/trust/sas.h"
#include "weak.h"

bool __real_sas_start(struct sas *sas, uint8_t commitment[HASH_SIZE]);
bool __wrap_sas_start(struct sas *sas, uint8_t commitment[HASH_SIZE]);
bool __wrap_sas_start(struct sas *sas, uint8_t commitment[HASH_SIZE]) {
  return !(weak_active & WEAK_NOGATE) && __real_sas_start(sas, commitment);
}
