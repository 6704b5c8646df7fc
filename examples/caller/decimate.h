/* decimate.h - sound at a lower rate: a windowed-sinc low-pass (Hamming), sampled at every `factor`-th place.
 *
 * Oppenheim and Schafer, Discrete-Time Signal Processing, sections 4.6 and 7.5. Samples outside of the sound are
 * silence; the delay of the filter is taken out, so sample i of the result is sample i * factor of the sound.
 */
#ifndef DECIMATE_H
#define DECIMATE_H
#include <stddef.h>
#include <stdint.h>

enum { DECIMATE_FACTOR_MAX = 12 };

/* samples / factor values, to be freed; NULL: no memory. `factor` is 2 to DECIMATE_FACTOR_MAX, `cutoff` a part of
 * the sound's rate. */
float *decimate(const int16_t *pcm, size_t samples, int factor, double cutoff);

#endif
