/* demo_table.h - the demonstration's result, as a table for people and as JSON for programs. */
#ifndef DEMO_TABLE_H
#define DEMO_TABLE_H
#include "demo_judge.h"

void demo_table_print(const struct demo_end end[DEMO_ENDS]);
/* "passed", "thresholds" and "ends", each with its statistics and what was measured; NULL: no memory. */
json_t *demo_table_json(const struct demo_end end[DEMO_ENDS], bool passed);

#endif
