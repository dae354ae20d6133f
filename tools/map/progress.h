/* Progress: a line at the foot of a terminal that tells how far a run is. */
#ifndef TROUPE_MAP_PROGRESS_H
#define TROUPE_MAP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct map_progress {
    bool is_shown, is_drawn;
    uint64_t began_ns, drawn_ns;
    /* how much of the input has been taken; total 0: nobody knows yet */
    uint64_t done, failed, earlier;
    double share; /* of all there is to do, 0 … 1; negative: unknown */
};

/* is_shown: standard error is a terminal; of a dumb one nothing is asked. */
void map_progress_init(struct map_progress *progress, bool is_shown);
/* Draws it anew when that was long ago; or takes it away, before something else is printed. */
void map_progress_draw(struct map_progress *progress);
void map_progress_clear(struct map_progress *progress);

/* "0:07", "1:02:03". */
void map_progress_time(uint64_t seconds, char text[32]);

#endif
