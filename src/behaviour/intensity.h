/* Intensity: the brake that turns a crash loop into one clean exit (SEMANTICS 41). Pure: it is told what time it is. */
#ifndef TRI_BEHAVIOUR_INTENSITY_H
#define TRI_BEHAVIOUR_INTENSITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tri_intensity {
    uint32_t max; /* restarts within a period */
    uint64_t period_ns;
    uint64_t *at; /* when they were, the oldest first; no more than max */
    size_t count, capacity;
};

/* Counts one more restart. False: there are too many now, or there is no memory to count it. */
bool tri_intensity_add(struct tri_intensity *intensity, uint64_t now_ns);

/* How many restarts the last period has seen. */
size_t tri_intensity_used(const struct tri_intensity *intensity, uint64_t now_ns);

void tri_intensity_deinit(struct tri_intensity *intensity);

#endif
