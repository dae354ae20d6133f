/* Marks: where in the mailbox a reference was made.
 *
 * An answer that bears a reference cannot have arrived before the reference was made, so a receive for it begins
 * there: the BEAM's own optimisation, without which a long mailbox slows every call. Only recent references are
 * remembered; for an older one the receive looks at the whole mailbox, which is slower and just as right. */
#ifndef TRI_PROCESS_MARKS_H
#define TRI_PROCESS_MARKS_H

#include <stdint.h>

#define TRI_MARKS 64u /* a power of two */

struct tri_mark {
    uint64_t number;   /* of the reference */
    uint64_t arrivals; /* that had entered the mailbox when it was made */
};

struct tri_marks {
    struct tri_mark ring[TRI_MARKS];
};

static inline void tri_marks_note(struct tri_marks *marks, uint64_t number, uint64_t arrivals)
{
    marks->ring[number % TRI_MARKS] = (struct tri_mark){number, arrivals};
}

/* The arrivals at the reference's making; 0, the mailbox's beginning, when that is not known. */
static inline uint64_t tri_marks_find(const struct tri_marks *marks, uint64_t number)
{
    const struct tri_mark *mark = &marks->ring[number % TRI_MARKS];
    return mark->number == number ? mark->arrivals : 0;
}

#endif
