/* Census: which processes live, told apart by os_pid and start time, because the kernel uses an os_pid again.
 *
 * A test takes a census of its descendants before it kills something and asks afterwards who of them still lives: that
 * does not depend on who has adopted them meanwhile.
 */
#ifndef SUPPORT_CENSUS_H
#define SUPPORT_CENSUS_H

#include <stddef.h>
#include <sys/types.h>

#include "support/process_state.h"

struct census {
    struct tri_osproc *at; /* sorted by os_pid */
    size_t count;
};

/* All descendants of this process that live (zombies do not). */
void census_take(struct census *census);
void census_deinit(struct census *census);

/* How many of them still live. */
size_t census_living(const struct census *census);
/* Prints those, for a test that is about to fail. */
void census_report(const struct census *census);
/* Sends a signal to each of them that still lives. */
void census_signal(const struct census *census, int signal);

/* The only child of `parent` whose short name is `comm`; 0 when there is none. */
pid_t census_child(pid_t parent, const char *comm);

/* How many descendants of this process have ended and nobody has reaped them. */
size_t census_zombies(void);

/* How many living processes have NAME=VALUE in the environment that they were exec'ed with. Titles overwrite it: it
 * finds what others have exec'ed, grandchildren above all. */
size_t census_marked(const char *name_and_value);

#endif
