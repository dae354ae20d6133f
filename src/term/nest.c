/* The stack of frames, when a term nests deeper than any that could arrive. */
#include "term/nest.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

void tri_nest_grow(struct tri_nest *nest)
{
    size_t used = nest->capacity * nest->frame_bytes;
    uint8_t *frames = realloc(nest->is_on_heap ? nest->frames : NULL, 2 * used);
    if (!frames)
        tri_panic("no memory for a term nested %zu deep", nest->depth);
    if (!nest->is_on_heap)
        memcpy(frames, nest->frames, used);
    nest->frames = frames;
    nest->capacity *= 2;
    nest->is_on_heap = true;
}

void tri_nest_deinit(struct tri_nest *nest)
{
    if (nest->is_on_heap)
        free(nest->frames);
    nest->is_on_heap = false;
}
