/* call_plot.h - one call over time as a picture: delay, queue, target against capacity, concealment. */
#ifndef CALL_PLOT_H
#define CALL_PLOT_H
#include <stdbool.h>

#include "sim/network_call.h"

/* NETWORK.svg in the folder, which is made when it is not there. false: said on stderr. */
bool call_plot_write(const char *folder, const struct network *network, const struct trace *trace);

#endif
