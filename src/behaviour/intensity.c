/* Intensity: only the restarts of the last period are kept, so there are never more than are allowed. */
#include "behaviour/intensity.h"

#include <stdlib.h>
#include <string.h>

/* How many of the oldest are too long ago to count. One that is a whole period old still counts, as with OTP. */
static size_t count_old(const struct tri_intensity *intensity, uint64_t now_ns)
{
    uint64_t since_ns = now_ns > intensity->period_ns ? now_ns - intensity->period_ns : 0;
    size_t old = 0;
    while (old < intensity->count && intensity->at[old] < since_ns)
        old++;
    return old;
}

static bool make_room(struct tri_intensity *intensity)
{
    if (intensity->count < intensity->capacity)
        return true;
    size_t capacity = intensity->capacity ? 2 * intensity->capacity : 4;
    uint64_t *at = realloc(intensity->at, capacity * sizeof *at);
    if (!at)
        return false;
    intensity->at = at;
    intensity->capacity = capacity;
    return true;
}

bool tri_intensity_add(struct tri_intensity *intensity, uint64_t now_ns)
{
    size_t old = count_old(intensity, now_ns);
    if (old > 0) {
        intensity->count -= old;
        memmove(intensity->at, intensity->at + old, intensity->count * sizeof *intensity->at);
    }
    if (intensity->count >= intensity->max || !make_room(intensity))
        return false;
    intensity->at[intensity->count++] = now_ns;
    return true;
}

size_t tri_intensity_used(const struct tri_intensity *intensity, uint64_t now_ns)
{
    return intensity->count - count_old(intensity, now_ns);
}

void tri_intensity_deinit(struct tri_intensity *intensity)
{
    free(intensity->at);
    *intensity = (struct tri_intensity){0};
}
