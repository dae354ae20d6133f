/* Confinement: limits and sandbox of one process, from the wish to the effect. The struct is what the options of a spawn, of
 * a child and of a program say in common; as a term it travels in child specs, in the description of a program, and in the
 * birth of an actor:
 *
 *     #{limits => #{memory => Bytes, cpu => Seconds, file_size => Bytes, open_files => N, processes => N, core => Bytes,
 *                   nice => N, umask => N},
 *       sandbox => light | full, readable => [Path], writable => [Path], strict => true, hang_ms => N,
 *       keeps_stderr => true}
 *
 * Each key may be missing. Pure. */
#ifndef TRI_PROCESS_CONFINEMENT_H
#define TRI_PROCESS_CONFINEMENT_H

#include "troupe/limits.h"
#include "troupe/term.h"

struct tri_confinement {
    struct tr_resource_limits limits;
    unsigned sandbox;
    const char *const *readable, *const *writable; /* NULL, or ended by NULL */
    int64_t hang_ms;
    bool keeps_stderr, is_strict;
    void *storage; /* of the paths, when they were read from a term */
};

/* Of anything that has these fields. */
#define TRI_CONFINEMENT_OF(from)                                                                   \
    ((struct tri_confinement){                                                                     \
        .limits = (from)->limits ? *(from)->limits : (struct tr_resource_limits){0},               \
        .sandbox = (from)->sandbox,                                                                \
        .readable = (from)->readable,                                                              \
        .writable = (from)->writable,                                                              \
        .hang_ms = (from)->hang_ms,                                                                \
        .keeps_stderr = (from)->keeps_stderr,                                                      \
        .is_strict = (from)->is_strict,                                                            \
    })

/* none, light, full; ended by NULL. */
extern const char *const tri_sandbox_words[];

/* Does it say nothing? */
bool tri_confinement_is_none(const struct tri_confinement *confinement);

/* What is wrong with its numbers: a key's name, or NULL. */
const char *tri_confinement_mistake(const struct tri_confinement *confinement);

/* Appends its pairs to a map whose head has been put, and tells how many they are. */
uint32_t tri_confinement_count(const struct tri_confinement *confinement);
void tri_confinement_put(struct tr_out *out, const struct tri_confinement *confinement);

/* Reads its keys of a map, which may have others.
 *   ret_key, ret_value   the key that is wrong, and what it has
 * Outcomes: 0; TR_NO_MATCH; -ENOMEM. It is to be freed in any case. */
int tri_confinement_read(struct tri_confinement *ret_confinement, tr_term map, const char **ret_key,
                         tr_term *ret_value);
void tri_confinement_deinit(struct tri_confinement *confinement);

#endif
