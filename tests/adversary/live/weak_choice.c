/* weak_choice.c - the live victim's twin: which of its defences are off is named in SOTTO_VICTIM by the test that
 * starts it, and everything else is the product. Links into sotto-victim alone: symbols.sh proves it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weak.h"

static const struct {
  const char *name;
  uint64_t bit;
} known[] = {
#define WEAK_NAME(name, text) {#name, WEAK_##name},
    WEAKNESSES(WEAK_NAME)
#undef WEAK_NAME
};

__attribute__((constructor)) static void choose_weakness(void) {
  char text[256], *rest = text;
  const char *chosen = getenv("SOTTO_VICTIM");
  snprintf(text, sizeof text, "%s", chosen ? chosen : "");
  for (char *word; (word = strsep(&rest, ","));)
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
      if (strcmp(word, known[i].name) == 0)
        weak_active |= known[i].bit;
}
