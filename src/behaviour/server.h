/* Server: what a behaviour that is itself a server has beyond a program's callbacks. */
#ifndef TRI_BEHAVIOUR_SERVER_H
#define TRI_BEHAVIOUR_SERVER_H

#include "troupe/server.h"

/* Both functions must be there; without extras a server is as any other. */
struct tri_server_extras {
    /* Appends one term to what get_status shows. */
    void (*put_status)(struct tr_out *out, const void *state);
    /* In place of code_change: with TR_REFUSED, error is what is told: {error, Error}. */
    int (*change_code)(tr_term old_version, tr_term extra, void *state, struct tr_out *error);
};

/* As tri_server_run. */
TR_NORETURN void tri_server_run_with(const char *entry, const struct tr_server_callbacks *callbacks,
                                     const struct tri_server_extras *extras, tr_term argument);

#endif
