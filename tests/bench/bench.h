/* Bench: what measurements, contestants and the frame around them say to each other.
 *
 * A measurement is one question ("how long does a round trip take?") that troupe answers, and beside it its peers: other
 * ways to do the same with the same machine in the same minutes. The frame asks them in turn, round by round, so that
 * a slow spell of the machine hits all of them, and takes each one's median.
 *
 * troupe's contestant runs in the root actor. Every peer runs in a freshly exec'ed copy of this program (`bench --raw`),
 * because an actor has nanomsg open already, and no process may fork with it. To add a peer: write its function, which
 * may fork, and put it into the table in main.c.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>

enum placement {
    PLACEMENT_FREE,     /* where the scheduler likes        */
    PLACEMENT_TWO_CPUS, /* each side has a CPU of its own   */
    PLACEMENT_ONE_CPU,  /* both sides share one             */
};

/* How much of it is to be measured. */
struct load {
    size_t size_bytes; /* of each message, where there are messages */
    long count;
    enum placement placement;
};

/* Measures and gives the figure in the measurement's unit. 0, or -1 after a line on standard error. */
typedef int contestant_fn(const struct load *load, double *ret_figure);

struct contestant {
    const char *name;
    contestant_fn *measure;
};

#define PEERS_MAX 8

struct measurement {
    const char *name, *unit;
    contestant_fn *troupe;
    struct contestant peers[PEERS_MAX]; /* ended by a name of NULL */
    long count, quick_count; /* for the smallest size of message, where there are messages */
    bool has_sizes, has_placements;
    bool is_machine_wide; /* others change it too: a short run may show anything */
    double ratio_limit;   /* 0: none; to the first peer                          */
    double limit;         /* 0: none; in the unit                                */
};

/* One line of the result. */
struct row {
    const struct measurement *measurement;
    char name[64];
    const char *peer_name;
    double troupe, peer;
};

/* How often the whole is repeated, and how much of it. */
struct plan {
    int rounds;
    bool is_quick, is_json;
    const char *only; /* those whose name contains this; NULL for all */
};

/* ---------------------------------------------------------------- what contestants use */

extern const struct measurement measurements[];
extern const size_t measurement_count;

contestant_fn troupe_round_trip, troupe_throughput, troupe_spawn, troupe_crash, troupe_own_memory,
    troupe_machine_memory;
contestant_fn nanomsg_round_trip, nanomsg_throughput;
contestant_fn seqpacket_round_trip, seqpacket_throughput;
contestant_fn fork_life, fork_crash, fork_own_memory, fork_machine_memory;

double median(double *figures, size_t count);

/* Puts all threads of this process on side 0's or side 1's CPU. */
void place(enum placement placement, int side);
/* Whether this process may use two CPUs. */
bool has_two_cpus(void);

/* What a process does first that a contestant has forked: it dies with its parent, and leads a session of its own. */
void child_begin(void);

/* Says what failed, with errno, on standard error. Returns -1. */
int complain(const char *what);

/* PSS of a process in bytes; -1 when it cannot be read. */
double pss_bytes(int os_pid);
/* What the whole machine uses for processes, their files in memory, and the kernel's own structures, in bytes; -1 when
 * it cannot be read. Not made of MemAvailable, which does not see what waits on the kernel's lists of free pages for
 * each CPU: a hundred processes can come and go without it moving. */
double used_bytes(void);

/* ---------------------------------------------------------------- the frame */

/* Runs a peer in a copy of this program that has touched nothing yet. 0 or -1. */
int peer_run(const struct measurement *measurement, const struct contestant *peer,
             const struct load *load, double *ret_figure);
/* The other end of it: argv is what follows --raw. The exit status. */
int peer_main(int argc, char **argv);

/* Measures everything that the plan names and prints it. 0, or -1 when a figure is missing or makes no sense. */
int run(const struct plan *plan);

/* Prints the rows as an aligned table under the machine's description, or as JSON. */
void rows_print(const struct row *rows, size_t count, bool is_json);

/* One line for people: CPU, cores, kernel, date. */
void machine_describe(char *buffer, size_t size_bytes);

#endif
