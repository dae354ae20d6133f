/* Program's description: from the struct that a program fills in to a term, and from a term to what the kernel takes.
 * Pure. */
#ifndef TRI_BEHAVIOUR_PROGRAM_SPEC_H
#define TRI_BEHAVIOUR_PROGRAM_SPEC_H

#include "behaviour/framing.h"
#include "behaviour/texts.h"
#include "process/confinement.h"

struct tri_program_spec {
    char *path;
    struct tri_texts arguments;   /* the path first */
    struct tri_texts environment; /* the whole */
    char *directory, *user;       /* or NULL */
    struct tri_framing framing;
    enum tr_program_stderr standard_error;
    tr_pid owner;
    char *owner_name; /* or NULL */
    bool has_no_owner;
    int64_t stop_ms;
    struct tri_confinement confinement;
};

/* Reads a description.
 *   environment   what the program's is made from, ended by NULL
 *   ret_wrong     the part that makes no sense
 * Outcomes: 0; TR_NO_MATCH: *ret_wrong tells; -ENOMEM. *spec is to be freed in any case. */
int tri_program_spec_read(struct tri_program_spec *spec, tr_term description,
                          char *const *environment, tr_term *ret_wrong);
void tri_program_spec_deinit(struct tri_program_spec *spec);

#endif
