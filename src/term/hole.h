/* Hole: the two words of an argument (holes.h), read as what its kind says. */
#ifndef TRI_TERM_HOLE_H
#define TRI_TERM_HOLE_H

#include "troupe/term.h"

static inline int64_t tri_hole_integer(const struct tr_hole *hole) { return (int64_t)hole->first; }

static inline double tri_hole_real(const struct tr_hole *hole)
{
    double value;
    memcpy(&value, &hole->first, sizeof value);
    return value;
}

static inline tr_pid tri_hole_pid_of(const struct tr_hole *hole) { return (tr_pid){hole->first}; }

static inline tr_ref tri_hole_ref_of(const struct tr_hole *hole)
{
    return (tr_ref){{hole->first}, hole->second};
}

static inline const void *tri_hole_pointer(const struct tr_hole *hole)
{
    return (const void *)(uintptr_t)hole->first;
}

static inline void *tri_hole_to(const struct tr_hole *hole)
{
    return (void *)(uintptr_t)hole->first;
}

static inline tr_atom tri_hole_atom_of(const struct tr_hole *hole)
{
    return (tr_atom){tri_hole_pointer(hole), (uint16_t)hole->second, hole->second >> 16 & 1};
}

static inline tr_bin tri_hole_bin_of(const struct tr_hole *hole)
{
    return (tr_bin){tri_hole_pointer(hole), hole->second};
}

static inline tr_term tri_hole_term_of(const struct tr_hole *hole)
{
    return (tr_term){tri_hole_pointer(hole), hole->second};
}

#endif
