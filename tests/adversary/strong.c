#include "weak.h"

const bool weak_linked = false;
unsigned weak_active; /* nobody asks */
