/* A stack of frames for going through nested terms without recursion.
 *
 * It lives in an array of its user, large enough for whatever tr_check lets in; only a term that this process has
 * nested deeper than that itself makes it grow on the heap.
 */
#ifndef TRI_TERM_NEST_H
#define TRI_TERM_NEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/term.h"

/* How many frames the array holds. */
#define TRI_NEST_FRAMES (TR_DEFAULT_DEPTH + 1)

struct tri_nest {
    uint8_t *frames;
    size_t frame_bytes;
    size_t depth, capacity;
    bool is_on_heap;
};

#define TRI_NEST_IN(array)                                                                         \
    ((struct tri_nest){(uint8_t *)(array), sizeof(array)[0], 0, TRI_NEST_FRAMES, false})

/* Makes room for more; ends the process when there is no memory. */
void tri_nest_grow(struct tri_nest *nest);

/* A new frame, not initialized. Pointers to older frames end here. */
static inline void *tri_nest_push(struct tri_nest *nest)
{
    if (nest->depth == nest->capacity)
        tri_nest_grow(nest);
    return nest->frames + nest->frame_bytes * nest->depth++;
}

/* The frame pushed last; there is one. */
static inline void *tri_nest_top(const struct tri_nest *nest)
{
    return nest->frames + nest->frame_bytes * (nest->depth - 1);
}

/* For TRI_AUTO. */
void tri_nest_deinit(struct tri_nest *nest);

#endif
