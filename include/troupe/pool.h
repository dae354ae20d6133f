/* Pools: workers that may crash, and jobs that do not get lost with them.
 *
 * A pool keeps some workers alive, gives each one job at a time, and tells who submitted a job how it went: with the
 * worker's answer, or with the reason of the worker's death. One bad input costs one job:
 *
 *     #include <troupe.h>
 *
 *     TR_WORKER(decode)                     `job` is the term that was submitted; what is put into `result` is the answer
 *     {
 *         tr_bin path;
 *         if (tr_match(job, "{file, Path}", &path) == 0)
 *             tr_put(result, "{pixels, N}", legacy_decode(path.data, path.size_bytes));
 *     }
 *
 * and its clients say
 *
 *     tr_pid pool;
 *     int r = tr_pool_start_link(&pool, NULL, &(struct tr_pool_options){
 *         .worker = TR_CHILD("decode"), .size = 4, .deadline_ms = 10000});
 *
 *     TR_REPLY reply = {0};                                             submit one job, and wait for it
 *     r = tr_pool_run(pool, -1, NULL, &reply, "{file, Path}", "a.png");
 *     tr_term answer, reason;
 *     if (r == 0 && tr_match(reply.term, "{ok, Answer, _}", &answer) == 0) …
 *     if (r == 0 && tr_match(reply.term, "{error, Reason, _}", &reason) == 0) …    {signal, sigsegv, #{at => …}}
 *
 * A worker may also be a program in any language (program.h), which gets each job as one line, or one packet, on its
 * standard input, and answers with one line, or packet, on its standard output:
 *
 *     const struct tr_program decoder = {.path = "./decoder", .framing = TR_FRAMING_PACKET_4};
 *     … .worker = TR_PROGRAM_CHILD(&decoder) …
 *
 * Jobs and answers are then binaries. A job may be iodata, as for {command, Data}; one that cannot be framed (with a line end
 * in it, or that is no iodata) ends with {error, {badarg, job}, _}. A program that says something while it has no job is out
 * of step: it is killed, and no job is blamed.
 *
 * What is told of a job is always one of
 *
 *     {ok, Answer, Info}
 *     {error, Reason, Info}
 *         the reason of its worker's death, as its watchers are told it ({signal, Name, #{…}}, {limit, memory, _},
 *         {hang, _}, {exit_status, N}, whatever tr_exit said …)
 *         {limit, wall_clock, Ms}        its deadline passed: its worker was killed, and nothing else
 *         {quarantined, Id, Reason}      it has killed as many workers as it may; it lies in the quarantine as Id (below)
 *         {quarantine_failed, Why, Reason}   the same, but it could not be stored: Why is an atom such as enospc
 *         cancelled; dropped: by newer ones, where the queue drops; refused: the queue is full, or the pool drains
 *         {badarg, job}
 *
 * Info is a map: #{tries => N, how often it was given to a worker; delivery => at_most_once | at_least_once, what was asked
 * for; ms => Ms, from its submission until now; run_ms => Ms, in its last worker}. At most once: it was given to a worker
 * at most once, so after an error it was begun once, or, when tries is 0, not at all. At least once: it is tried again when
 * its worker dies, after a back-off, so its effects may have happened several times; tries tells.
 *
 * A pool is a server: it may stand under a supervisor, and answers system messages (sys.h); tr_sys_get_state shows its
 * statistics. Its workers are linked to it, and die with it. Whoever waits for a job then is told by DOWN.
 *
 * Like everything of process.h, these functions are for the main thread of an actor or a guest.
 */
#ifndef TROUPE_POOL_H
#define TROUPE_POOL_H

#include "troupe/supervisor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- what a worker does */

/* Does one job: appends one term, the answer, or nothing, which means the atom ok. The job lives until it returns, and is the
 * message in hand of the flight recorder. It fails by tr_exit, or natively; then another process takes the worker's place.
 * What it keeps in static variables is there for its next job. */
typedef void tr_worker_fn(tr_term job, struct tr_out *result);

TR_API TR_NORETURN void tri_worker_run(const char *entry, tr_worker_fn *run, tr_term argument);

/* Defines a worker of this binary, an entry as TR_ACTOR defines one. */
#define TR_WORKER(worker)                                                                          \
    static void tr_worker_##worker(tr_term job, struct tr_out *result);                            \
    TRI_ENTRY(#worker, tr_actor_##worker, tri_entry_##worker, tri_entry_at_##worker,               \
              TR_KIND_SERVER)                                                                      \
    {                                                                                              \
        tri_worker_run(#worker, tr_worker_##worker, argument);                                     \
    }                                                                                              \
    static void tr_worker_##worker(__attribute__((unused)) tr_term job,                            \
                                   __attribute__((unused)) struct tr_out *result)

/* For a worker: what its pool was given as argument ([] unless it was); and how often the job in hand was given to a worker,
 * this time included: more than 1 tells that some of it may have been done before. Do not block. */
TR_API tr_term tr_worker_argument(void);
TR_API unsigned tr_worker_tries(void);

/* ---------------------------------------------------------------- starting a pool */

/* The entry of pools, which every actor binary has. */
#define TR_POOL_ENTRY "$pool"

/* What becomes of a job for which the queue has no room:
 *   waits     who submits it waits until there is room
 *   refuses   it ends with {error, refused, _}
 *   drops     the oldest of those with the lowest priority ends with {error, dropped, _}, which may be itself */
enum tr_when_full { TR_FULL_WAITS, TR_FULL_REFUSES, TR_FULL_DROPS };

/* How often a job may be given to a worker: see Info above. */
enum tr_delivery { TR_AT_MOST_ONCE, TR_AT_LEAST_ONCE };

enum {
    TR_POOL_QUEUE = 1024, /* the defaults of options that are 0 */
    TR_POOL_RETRIES = 2,
    TR_POOL_RETRY_MIN_MS = 10,
    TR_POOL_RETRY_MAX_MS = 1000,
    TR_POOL_QUARANTINE_AFTER = 3,
    TR_POOL_IDLE_MS = 10000,
    TR_POOL_START_MS = 30000,
    TR_POOL_MAX_WORKERS = 1000,
    TR_PRIORITY_MAX = 3, /* priorities are -3 … 3; 0 unless it is said, the highest first */
};

/* How a pool works. Everything but worker may be zero. Numbers that make no sense together are a panic. */
struct tr_pool_options {
    /* An entry that TR_WORKER defines ("decode", or "path:decode"), or a program. All that a struct tr_child says of how a
     * process is born, limited and stopped holds for each worker; its name, restart and is_significant mean nothing. A
     * start_timeout_ms of 0 is TR_POOL_START_MS. */
    const struct tr_child *worker;
    tr_term argument; /* for tr_worker_argument; no bytes: [] */

    unsigned size;     /* how many jobs run at once; 0: as many as there are CPUs */
    unsigned max_size; /* while there is more to do: up to so many; 0: as size */
    /* A pool that has not needed more than size for so long goes back to it; 0: TR_POOL_IDLE_MS. */
    int64_t idle_ms;
    /* Warm workers beyond those: when a worker dies, one takes its place at once, and a new one is born behind.
     * 0: one; negative: none. */
    int spares;

    /* Jobs that are neither done nor begun, or whose result nobody takes; 0: TR_POOL_QUEUE. */
    unsigned max_queue;
    enum tr_when_full when_full;

    enum tr_delivery delivery;
    /* How often a job is tried again, with TR_AT_LEAST_ONCE only; 0: TR_POOL_RETRIES; negative: never. */
    int retries;
    /* The first wait before that, which doubles each time, and the longest; 0: TR_POOL_RETRY_MIN_MS, TR_POOL_RETRY_MAX_MS. */
    uint32_t retry_min_ms, retry_max_ms;
    /* For one try: a worker that takes longer is killed; 0: it may take as long as it takes. */
    int64_t deadline_ms;
    /* A job that has killed so many workers is set aside, whatever retries says (quarantine); 0: TR_POOL_QUARANTINE_AFTER;
     * negative: never. A pool that delivers at most once sets aside only with 1. */
    int quarantine_after;

    /* A worker that has done so many jobs, or has grown beyond so many bytes of resident memory, gives way to a new one;
     * 0: never. */
    uint64_t recycle_jobs, recycle_bytes;

    /* When who submitted a job dies, it is dropped from the queue; is its worker killed when it runs? */
    bool cancels_orphans;
};

/* Starts a pool, as tr_server_start_term starts a server: returns when its first worker runs.
 *   flags       TR_SPAWN_LINK, TR_SPAWN_MONITOR
 *   start       name, time-out … of the pool itself; NULL for none
 *   options     copied
 *   ret_pid, ret_monitor   may be NULL
 * Outcomes, faults: as there; TR_DOWN: the reason is {failed_to_start_worker, Why}. */
TR_API int tr_pool_start(const struct tr_pool_options *options, unsigned flags,
                         const struct tr_start_options *start, tr_pid *ret_pid,
                         tr_ref *ret_monitor);
static inline int tr_pool_start_link(tr_pid *ret_pid, const struct tr_start_options *start,
                                     const struct tr_pool_options *options)
{
    return tr_pool_start(options, TR_SPAWN_LINK, start, ret_pid, NULL);
}

/* Appends the description of a pool as a term, the argument of TR_POOL_ENTRY: {pool, WorkerSpec, #{size => 4, …}}, a child
 * spec as a supervisor's, and the options that have been given, by their names. A pool under a supervisor:
 *     tr_tree_add(tree, TR_CHILD(TR_POOL_ENTRY, .id = "decoders", .name = "decoders"), "Description", tr_out_term(&out));
 * Does not block. */
TR_API void tr_pool_put(struct tr_out *out, const struct tr_pool_options *options);

/* Ends a pool: its workers are stopped, whatever they do, and who waits for a job is told by DOWN. As tr_server_stop. */
#define tr_pool_stop(pool, timeout_ms) tri_pool_stop(TRI_TO(pool), (timeout_ms))
TR_API int tri_pool_stop(struct tr_to pool, int64_t timeout_ms);

/* ---------------------------------------------------------------- jobs */

/* Of one job. Zeroed, it is as its pool says. */
struct tr_job_options {
    int priority;        /* -TR_PRIORITY_MAX … TR_PRIORITY_MAX */
    int64_t deadline_ms; /* for one try; 0: as the pool's; negative: none */
    int retries;         /* 0: as the pool's; negative: none */
};

/* Submits a job. What comes later is the response to a request, as a task's result comes: {[alias | Ref], Result}, or DOWN with
 * Ref when the pool has ended; it is awaited by tr_wait_response, by tr_wait_responses with others, or found in a receive by
 * tr_check_response, or by
 *     tr_case("{[alias | Ref], Result}", request.ref, &result) …
 * Waits until the pool has taken the job, so with TR_FULL_WAITS until there is room.
 *   pool      a pid or a name
 *   options   NULL for none
 * Outcomes: 0; TR_NOPROC; TR_DOWN: the pool ended meanwhile. Faults: as tr_call_term. */
#define tr_pool_submit(pool, ret_request, options, pattern, ...)                                   \
    tri_pool_submit(TRI_TO(pool), (options), (ret_request), TRI_CACHE(), "" pattern,               \
                    TRI_HOLES(__VA_ARGS__))
TR_API int tri_pool_submit(struct tr_to pool, const struct tr_job_options *options,
                           struct tr_request *ret_request, struct tri_pattern **cache,
                           const char *pattern, struct tr_holes holes);

/* Submits a job and waits for its result.
 *   timeout_ms   negative waits for ever
 *   ret_reply    NULL when the result is not of interest; term is {ok, …} or {error, …}
 * Outcomes: those of tr_call_term; TR_TIMEOUT: the job is cancelled, also when it runs. */
#define tr_pool_run(pool, timeout_ms, options, ret_reply, pattern, ...)                            \
    tri_pool_run(TRI_TO(pool), (timeout_ms), (options), (ret_reply), TRI_CACHE(), "" pattern,      \
                 TRI_HOLES(__VA_ARGS__))
TR_API int tri_pool_run(struct tr_to pool, int64_t timeout_ms, const struct tr_job_options *options,
                        struct tr_reply *ret_reply, struct tri_pattern **cache, const char *pattern,
                        struct tr_holes holes);

/* Cancels a job that this process has submitted. One that waits is taken out of the queue; its result is
 * {error, cancelled, _}, which still comes.
 *   kills   one that runs is cancelled, too: its worker is killed, and blamed for nothing
 * Outcomes: 0; TR_BUSY: it runs, and goes on; TR_FIRED: there is no such job, or its result is on its way; and those of
 * tr_call_term. */
#define tr_pool_cancel(pool, request, kills) tri_pool_cancel(TRI_TO(pool), (request), (kills))
TR_API int tri_pool_cancel(struct tr_to pool, const struct tr_request *request, bool kills);

/* ---------------------------------------------------------------- looking and steering */

/* Counts since the pool began, and what there is now. */
struct tr_pool_statistics {
    uint64_t submitted;
    uint64_t done, failed; /* {ok, …}; {error, …} of whatever kind, the next four among them */
    uint64_t quarantined, dropped, refused, cancelled;
    uint64_t retried;                        /* tries beyond each job's first */
    uint64_t deaths, recycled;               /* of workers: not planned; planned by recycle_… */
    uint64_t queued, running;                /* jobs: those that wait for another try are queued */
    uint64_t size;                           /* how many may run at once just now, without spares */
    uint64_t starting, idle, busy, stopping; /* workers by state */
    double rate;                             /* jobs that ended, per second, in the last seconds */
    uint64_t run_us, run_p50_us, run_p99_us; /* in a worker, of those done: mean, median, 99 % */
    uint64_t wait_us;                        /* mean, from the submission until a worker got it */
    bool is_draining;
};

/* Outcomes of these: those of tr_call; TR_NO_MATCH: to is no pool.
 * tr_pool_resize: size as in the options, max_size 0: as size. Workers that are too many end when they have done their jobs.
 * TR_REFUSED: numbers that make no sense.
 * tr_pool_drain: takes no more jobs, and returns when all that there were have ended and been told. TR_TIMEOUT: it goes on
 * with that. It cannot be undone; tr_pool_stop is next. */
#define tr_pool_statistics(pool, ret_statistics) tri_pool_statistics(TRI_TO(pool), (ret_statistics))
#define tr_pool_resize(pool, size, max_size) tri_pool_resize(TRI_TO(pool), (size), (max_size))
#define tr_pool_drain(pool, timeout_ms) tri_pool_drain(TRI_TO(pool), (timeout_ms))
TR_API int tri_pool_statistics(struct tr_to pool, struct tr_pool_statistics *ret_statistics);
TR_API int tri_pool_resize(struct tr_to pool, unsigned size, unsigned max_size);
TR_API int tri_pool_drain(struct tr_to pool, int64_t timeout_ms);

/* ---------------------------------------------------------------- quarantine
 *
 * A job that has killed quarantine_after workers is set aside in
 *     ${TROUPE_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/troupe}/quarantine/<Id>/
 * with its bytes (job, an external term) and what is known of it (meta, an Erlang term as text: pool, worker, how often, the
 * reasons of the deaths, the ids of their crash reports, when). At most 500 of them and 64 MiB; the oldest go first.
 * `troupe quarantine list | show | replay | drop` looks at them; replay runs one once more, under gdb if asked. */

#ifdef __cplusplus
}
#endif
#endif
