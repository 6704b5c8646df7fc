/* call_plot.h - one call over time as a picture: delay, queue, target against capacity, concealment. */
#ifndef CALL_PLOT_H
#define CALL_PLOT_H
#include <stdbool.h>

#include "sim/network_call.h"

/* NETWORK-KIND.svg in the folder, which is made when it is not there; `kind` is "simulated" or "real". In the trace
 * a target of 0 and a concealment below 0 are not known. false: said on stderr. */
bool call_plot_write(const char *folder, const struct network *network, const char *kind,
                     const struct trace *trace);

#endif
