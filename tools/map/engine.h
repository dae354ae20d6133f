/* Engine: one run of `troupe map`: jobs come in, workers do them, answers go out. engine.c is the loop, engine_workers.c what
 * is done with workers, summary.c what is told at the end. */
#ifndef TROUPE_MAP_ENGINE_H
#define TROUPE_MAP_ENGINE_H

#include "map/confine.h"
#include "map/joblog.h"
#include "map/output.h"
#include "map/plan.h"
#include "map/progress.h"
#include "map/source.h"
#include "map/worker.h"

#define MAP_MAX_WORKERS 1024
/* So many failed jobs are told of at the end; all of them stand in the joblog. */
#define MAP_TOLD_FAILURES 1000

/* What is done with the joblog of an earlier run. */
enum map_resume { MAP_RESUME_NO, MAP_RESUME_REST, MAP_RESUME_FAILED };

struct map_options {
    char **command; /* and its arguments, ended by NULL */
    unsigned workers;
    int64_t timeout_ms; /* for one job; negative: none */
    unsigned retries;
    bool is_once;               /* no job is begun twice, whatever happens */
    bool is_ordered;            /* answers in the order of the jobs */
    struct tri_framing framing; /* of jobs and answers */
    const char *joblog;         /* or NULL */
    enum map_resume resume;
    bool is_quiet;                      /* no progress */
    struct tri_confinement confinement; /* of a worker */
};

/* A job that has failed, to be told of. */
struct map_failure {
    uint64_t number;
    unsigned tries;
    char why[64], job[64], last_words[MAP_LAST_WORDS_BYTES];
};

struct map_engine {
    const struct map_options *options;
    bool is_per_job; /* a process for each job: its text stands in place of {} in the command */
    struct tri_framing raw;       /* of what one of those prints: all of it */
    struct tri_program_spec spec; /* of a worker; of the next, when it is one per job */
    struct tri_user user;
    struct map_confine confine;
    int control_fd; /* what a keeper holds in place of an actor's channel: nothing */
    struct map_source source;
    struct map_plan plan;
    struct map_worker *workers;
    struct map_results results;
    struct map_output output;
    struct map_joblog joblog;
    struct map_past past;
    struct map_progress progress;
    uint64_t retry_ns, retry_wait_ms; /* when to fork again, after that has failed; 0: at once */
    bool has_told_of_forks;           /* that it cannot */
    bool has_told_of_lacks;           /* of what cannot be enforced */
    /* jobs: done, and failed, in an earlier run; begun more than once */
    uint64_t earlier, earlier_failed, done, failed, again;
    struct map_failure *failures; /* the first MAP_TOLD_FAILURES */
    size_t failure_count;
    int signal_fd, stop_signal;
    uint64_t idle_ends; /* of workers that died of none of their jobs */
    char idle_end[64];  /* of what the last of them did */
    bool has_extra;     /* a worker has given more answers than it had jobs */
    bool has_given_up;  /* it cannot go on, and has said why */
    /* Who reads the output does not, and enough waits for that: no answers are read. */
    bool is_choked;
};

enum { MAP_DONE = 0, MAP_SOME_FAILED = 1, MAP_COULD_NOT_RUN = 2 };

/* Runs it all. Returns the exit status: one of these, or 128 + signal. */
int map_run(const struct map_options *options);

/* Is there {} in the command? */
bool map_has_place(char *const *command);

/* Ends the run, for a reason that is said: printf. */
void map_give_up(struct map_engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---------------------------------------------------------------- engine_workers.c */

/* Gives the workers what there is to be done, and enters that in the joblog. */
void map_give_jobs(struct map_engine *engine);
/* Starts workers for which there is something to do. */
void map_start_workers(struct map_engine *engine);
/* Reads what a worker has said, and hears of its end. */
void map_serve(struct map_engine *engine, struct map_worker *worker);
/* Kills those whose job takes too long. */
void map_kill_late(struct map_engine *engine);
/* When the first job in hand takes too long, or a fork is to be tried again; TRI_NEVER. */
uint64_t map_next_deadline_ns(const struct map_engine *engine);
/* Ends all workers: those that the end of their input does not end, or at once, are killed. */
void map_end_workers(struct map_engine *engine, bool is_graceful);
/* A job has failed for good. Takes over the job. */
void map_fail(struct map_engine *engine, struct map_job *job, const char *why,
              const char *last_words, const void *bytes, size_t size_bytes);

/* ---------------------------------------------------------------- summary.c */

void map_note_failure(struct map_engine *engine, const struct map_job *job, const char *why,
                      const char *last_words);
/* Tells how it went, on standard error. */
void map_tell_summary(const struct map_engine *engine);

#endif
