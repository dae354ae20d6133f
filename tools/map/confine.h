/* Confine: what workers may use and touch, made ready once for all of them. */
#ifndef TROUPE_MAP_CONFINE_H
#define TROUPE_MAP_CONFINE_H

#include "process/confined.h"
#include "process/sandbox_seccomp.h"

struct map_confine {
    bool is_needed; /* else the rest means nothing */
    struct tri_confined confined;
    struct tri_filter filter;
};

/* 0 or a negative errno, and *ret_path is to blame.
 *   confinement   kept by the caller */
int map_confine_init(struct map_confine *confine, const struct tri_confinement *confinement,
                     const char **ret_path);
void map_confine_deinit(struct map_confine *confine);

#endif
