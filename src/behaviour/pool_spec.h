/* Pool's description: from the struct that a program fills in to a term, and from a term to what the policy takes. Pure, but
 * for the number of processors. */
#ifndef TRI_BEHAVIOUR_POOL_SPEC_H
#define TRI_BEHAVIOUR_POOL_SPEC_H

#include "behaviour/pool_policy.h"
#include "behaviour/spec.h"
#include "troupe/program.h"

struct tri_pool_spec {
    struct tri_spec worker;
    bool is_program;
    enum tr_framing framing; /* of a program: lines or packets */
    struct tri_crew_options crew;
    int64_t deadline_ms; /* of jobs that have none of their own; 0: none */
    unsigned retries;
    bool cancels_orphans;
};

/* Reads {pool, WorkerSpec, Options}. Outcomes: 0; TR_REFUSED, and error is what is wrong; -ENOMEM. */
int tri_pool_spec_read(tr_term term, struct tri_pool_spec *ret_spec, struct tr_out *error);
void tri_pool_spec_deinit(struct tri_pool_spec *spec);

#endif
