/* Pool: what the files share that are the server around the policy. pool_policy.h decides; these files act.
 *
 *   pool.c           the server's callbacks, and the loop that does what the policy says
 *   pool_jobs.c      jobs, and those who submit them
 *   pool_letters.c   answers to calls
 *   pool_workers.c   births, deaths, and what is said with workers
 *   pool_memory.c    how large a worker is
 *   pool_figures.c   statistics
 *   pool_ask.c       those who ask, in their own processes
 */
#ifndef TRI_BEHAVIOUR_POOL_H
#define TRI_BEHAVIOUR_POOL_H

#include "base/panic.h"

/* Without memory for its tables a pool ends, and its supervisor decides. */
#define uthash_fatal(message) tri_panic("%s", message)
#include <uthash.h>

#include "behaviour/iodata.h"
#include "behaviour/pool_spec.h"

/* Who has submitted something, and is watched as long as it lives. */
struct tri_pool_client {
    tr_pid pid;
    tr_ref monitor;
    TAILQ_HEAD(, tri_pool_job) jobs;
    uint64_t stuck_at; /* the pool's act in which there was no room for what it is told */
    UT_hash_handle by_pid;
};

struct tri_pool_job {
    struct tri_job job; /* the first, so that either is found from the other */
    struct tri_pool_client *client;
    tr_ref result; /* who is told: an alias of the client's */
    tr_ref ack;    /* the same for who waits until it is taken; number 0: nobody */
    struct tr_out bytes;
    struct tr_out *deaths; /* the reasons with which its workers died */
    unsigned death_count;
    bool is_too_large;  /* to be given to any worker */
    struct tr_out told; /* the message to `result`, while it is being made and until it is sent */
    uint64_t submitted_ns, given_ns, run_ns;
    bool is_unsent; /* there was no room for what its client is told */
    TAILQ_ENTRY(tri_pool_job) in_client, in_unsent;
    UT_hash_handle by_result;
};

/* A worker, and what is known of its birth. */
struct tri_pool_being {
    struct tri_pool_worker worker; /* the first, as above */
    uint64_t serial, turn;         /* turn: the number of the job in hand */
    tr_ref monitor, alias;
    bool has_alias, has_word; /* it runs: that may be heard before its pid is */
    tr_pid pid;
    struct tri_bytes line; /* the beginning of a program's long line */
    UT_hash_handle by_serial, by_pid;
};

/* Times, in a histogram whose steps are an eighth of a power of two. */
enum { TRI_POOL_STEPS = 64 * 8, TRI_POOL_SECONDS = 8 };

struct tri_pool_figures {
    uint64_t runs, run_us, waits, wait_us;
    uint64_t run_times[TRI_POOL_STEPS];
    uint64_t second, ended_in[TRI_POOL_SECONDS]; /* of the last seconds: how many jobs have ended */
    uint64_t began_ns;
};

struct tri_pool_letter;

struct tri_pool_waiter {
    struct tri_pool_waiter *next;
    struct tr_from from;
};

struct tri_pool_server {
    struct tri_pool_spec spec;
    struct tri_crew crew;
    struct tri_pool_job *by_result;
    struct tri_pool_client *by_client;
    struct tri_pool_being *by_serial, *by_pid;
    TAILQ_HEAD(tri_pool_unsent, tri_pool_job) unsent;
    size_t unsent_count;
    TAILQ_HEAD(, tri_pool_letter) letters; /* answers to calls for which there was no room */
    size_t letter_count;
    uint64_t serials, turns; /* given so far */
    uint64_t acts;           /* counted */
    struct tri_pool_waiter *drainers;
    struct tri_pool_figures figures;
    struct tr_out last_failure; /* why the last worker came to nothing */
    bool lacks_room;            /* … which was for want of room for a process */
};

/* ---------------------------------------------------------------- pool.c */

/* Does what the policy wants. */
void tri_pool_act(struct tri_pool_server *pool);

/* The entry. */
void tri_pool_of_term(tr_term argument);

/* ---------------------------------------------------------------- pool_jobs.c */

/* {submit, Ref, How, Job} and {run, How, Job}, and what is to be answered at once (-ENOMEM: who asks is told by that), or
 * nothing. */
struct tr_step tri_pool_submit_call(struct tri_pool_server *pool, const struct tr_from *from,
                                    const tr_ref *result, tr_term how, tr_term job);
/* As tri_crew_cancel. */
int tri_pool_cancel_job(struct tri_pool_server *pool, tr_ref result, bool kills);
/* A client has died. False: it is none. */
bool tri_pool_client_died(struct tri_pool_server *pool, tr_pid pid, tr_ref monitor);
/* Who submits it hears that it is taken, now or as soon as there is room. */
void tri_pool_admit(struct tri_pool_server *pool, struct tri_pool_job *job);
/* Notes why its worker has died. */
void tri_pool_note_death(struct tri_pool_job *job, tr_term reason);
/* It is done: what is told. */
void tri_pool_note_answer(struct tri_pool_server *pool, struct tri_pool_job *job, tr_term answer);
/* Its end is told now, or as soon as there is room. */
void tri_pool_tell(struct tri_pool_server *pool, struct tri_pool_job *job);
/* Tries again what had no room. */
void tri_pool_send_on(struct tri_pool_server *pool);

/* ---------------------------------------------------------------- pool_letters.c */

/* Who waits for the answer to a call of ours. False: another kind of client. */
bool tri_pool_alias_of(const struct tr_from *from, tr_ref *ret_alias);
/* Answers a call, now or as soon as there is room. */
void tri_pool_answer(struct tri_pool_server *pool, const struct tr_from *from, tr_term answer);
/* Tries again what had no room. */
void tri_pool_send_letters(struct tri_pool_server *pool);

/* ---------------------------------------------------------------- pool_workers.c */

/* What TRI_CREW_START, GIVE, STOP and KILL want. */
void tri_pool_begin_worker(struct tri_pool_server *pool);
void tri_pool_give(struct tri_pool_server *pool, struct tri_pool_being *being,
                   struct tri_pool_job *job);
void tri_pool_stop_worker(struct tri_pool_server *pool, struct tri_pool_being *being);
void tri_pool_kill_worker(const struct tri_pool_being *being);
/* Is this message about a worker's birth or death? Then it is acted upon. */
bool tri_pool_hear_of_life(struct tri_pool_server *pool, tr_term message);
bool tri_pool_is_of_life(const struct tri_pool_server *pool, tr_term message);
/* Is it a worker's answer? The same. */
bool tri_pool_hear_answer(struct tri_pool_server *pool, tr_term message);
/* Workers died one after the other. */
void tri_pool_report(const struct tri_pool_server *pool);

/* ---------------------------------------------------------------- pool_figures.c */

void tri_figures_begin(struct tri_pool_figures *figures, uint64_t now_ns);
void tri_figures_begun(struct tri_pool_figures *figures, uint64_t waited_ns);
void tri_figures_done(struct tri_pool_figures *figures, uint64_t ran_ns);
void tri_figures_ended(struct tri_pool_figures *figures, uint64_t now_ns);
/* Appends everything that is counted, as a map. */
void tri_pool_put_figures(struct tr_out *out, struct tri_pool_server *pool);

/* ---------------------------------------------------------------- pool_memory.c */

/* How much memory a process holds, in bytes; with all that descends from it. 0: unknown. */
uint64_t tri_resident_bytes(int os_pid, bool with_descendants);

#endif
