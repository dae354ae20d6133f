/* Worker: a process that does jobs, seen from outside: what is written to it, what it says, and how it ends. */
#ifndef TROUPE_MAP_WORKER_H
#define TROUPE_MAP_WORKER_H

#include "behaviour/framing.h"
#include "behaviour/program_keeper.h"
#include "map/pending.h"
#include "map/plan.h"
#include "map/spill.h"

/* So much of what it has said on standard error last is remembered. */
#define MAP_LAST_WORDS_BYTES 256

/* For what we have killed it. */
enum map_kill {
    MAP_KILL_NONE,
    MAP_KILL_TIMEOUT,
    MAP_KILL_OUT_OF_STEP,
    MAP_KILL_TOO_LONG,
    MAP_KILL_CLOSED,
    MAP_KILL_NO_ROOM,
};

struct map_worker {
    /* started: it has been executed; ended: what it has said is still to be read */
    bool is_there, has_started, has_ended;
    bool has_news, has_answers, has_errors; /* poll says so: of its keeper, and on its streams */
    struct tri_keeper keeper;
    struct map_hand hand;
    enum map_kill killed_for;
    uint64_t killed_ns;         /* when */
    uint64_t closed_ns;         /* when it had closed its output; 0: it has not */
    struct tri_keeper_news end; /* how it ended, or why it could not be started */
    /* A limit, or a rule of its sandbox, for which its keeper has ended it; word 0: none. */
    struct tri_keeper_news broken;
    unsigned lacks; /* what of its confinement cannot be enforced: enum tri_shortfall */
    bool has_cpu_limit;
    struct map_pending pending; /* to its standard input */
    size_t lost_bytes;          /* of what was written to it, which nobody can read any more */
    struct tri_framer answers, errors;
    struct map_spill *spill; /* of a job's own process: what came before `answers`; or NULL */
    char last_words[MAP_LAST_WORDS_BYTES];
};

/* A worker that is not there yet, but may be given jobs. */
void map_worker_init(struct map_worker *worker, const struct tri_framing *answers);
/* Starts its program. 0 or a negative errno: nothing was started, and it is to be forgotten. */
int map_worker_start(struct map_worker *worker, const struct tri_program_spec *spec,
                     const struct tri_user *user, struct tri_confined *confined, int control_fd);

/* Puts a job, framed, behind what waits to be written. 0, TR_TOO_LARGE: it cannot be framed; or -ENOMEM. */
int map_worker_feed(struct map_worker *worker, const struct tri_framing *framing,
                    const struct map_job *job);
/* Writes what the pipe takes. What it does not read because it has closed the pipe is dropped. */
void map_worker_write(struct map_worker *worker);
/* How many of the jobs in its hand it has not read a byte of. It has ended. */
unsigned map_worker_unread(const struct map_worker *worker, const struct tri_framing *framing);
/* No job comes any more: it reads the end of its input. */
void map_worker_close_input(struct map_worker *worker);
/* Puts on disk what has come of its answers, so that it need not be kept in memory. 0 or a negative errno. */
int map_worker_spill(struct map_worker *worker);
/* Nothing of what it has said is of interest, nor what is on disk. */
void map_worker_drop_answers(struct map_worker *worker);
/* Reads what there is of one stream into its framer; closes it at its end. 0 or -ENOMEM. */
int map_worker_read(int *fd, struct tri_framer *framer);

/* It is ended with all that it has started; its end comes as any other. */
void map_worker_kill(struct map_worker *worker, enum map_kill why);
/* Hears what its keeper has said. */
void map_worker_hear(struct map_worker *worker);
/* Nothing is left of it, and nothing of interest to be read. */
void map_worker_forget(struct map_worker *worker);

/* Why it ended, for people: "sigsegv", "exit status 3", "timeout". "" for exit status 0. */
void map_worker_why(const struct map_worker *worker, char *why, size_t why_bytes);

#endif
