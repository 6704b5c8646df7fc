#include "weak.h"

const bool weak_linked = false;
uint64_t weak_active; /* nobody asks */
