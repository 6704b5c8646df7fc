/* speech.h - how like the speech that was said is what was heard: two published measures on aligned spectrograms.
 *
 *   similarity   NSIM, the mean over time and frequency of luminance x structure in 3 x 3 neighbourhoods: 0..1, 1
 * is the same. Hines and Harte, Speech intelligibility prediction using a neurogram similarity index measure, 2012;
 * ViSQOL (Hines et al., EURASIP J. Audio Speech Music 2015:13) maps it to opinions, which is not done here.
 *   distance     log-spectral distance over the bands of spectrogram.h, dB: the root over the bands, the mean over
 *                the frames. Gray and Markel, Distance measures for speech processing, 1976.
 *
 * Levels are heard down to 50 dB below the loudest band of what was said. Aligned where their difference varies
 * least: half a second at a time within the second after it was said, then each tenth of it within 40 ms of that,
 * so that neither a delay nor its change counts, and what was lost or made up does. Loudness counts. Half seconds
 * of silence (a twentieth of the loudest) are left out, as in measure.h. Pure functions; memory as long as what is
 * measured.
 */
#ifndef SPEECH_H
#define SPEECH_H
#include "measure.h"

struct speech_quality {
  int windows; /* of half a second, not silent, said within the time asked for; with none, nothing is known */
  double similarity, distance;
};

/* Judges what was captured in [from, until). false: no memory. */
bool measure_speech(const struct sound *said, const struct sound *heard, int64_t from, int64_t until,
                    struct speech_quality *quality);

#endif
