/* Bench: what measurements, contestants and the frame around them say to each other.
 *
 * A measurement is one question ("how long does a round trip take?") that troupe answers, and beside it its peers:
 * other ways to do the same with the same machine in the same minutes. A row is a measurement under one load. The frame
 * goes through all rows, round by round, and within a row it asks the contestants in turn, so that a slow spell of the
 * machine hits all of them; each one's median is shown, with the least and the greatest figure.
 *
 * Every contestant starts anew in every round: troupe's in an actor of its own, each peer in a freshly exec'ed copy of
 * this program (`bench --raw`), because an actor has nanomsg open already, and no process may fork with it.
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

/* What a contestant that carries messages has to do with them. */
enum shape {
    SHAPE_NONE,
    SHAPE_TRIP,      /* there and back, at once again            */
    SHAPE_IDLE_TRIP, /* there and back after both have slept     */
    SHAPE_ONE_WAY,   /* until the last one has been received     */
    SHAPE_FAN_IN,    /* the same from many senders               */
    SHAPES
};

/* As peers that are programs of their own are told. */
extern const char *const shape_names[SHAPES];

/* How much of it is to be measured. */
struct load {
    enum shape shape;
    enum placement placement;
    size_t size_bytes; /* of each message, where there are messages           */
    long senders;      /* of a fan-in                                         */
    long count;        /* what is counted rather than timed: births, deaths   */
    long time_ms;      /* how long the rest is to be repeated                 */
};

/* How long both sides of SHAPE_IDLE_TRIP sleep before each exchange. */
#define IDLE_MS 20

/* The size of message that targets are about. */
#define TARGET_BYTES 64

/* Where peers find a directory for their files: one that ends with the run. */
#define BENCH_SCRATCH_VARIABLE "BENCH_SCRATCH"

#define ROUNDS_MAX 101
/* How many births are asked for before the first is waited for, where their rate is measured. */
#define BIRTHS_UNDER_WAY 16
#define FIGURES_MAX 4
#define PEERS_MAX 13

enum { BENCH_MISSING = 1, BENCH_LATE = 2 };

/* Measures and gives the measurement's figures, in their units.
 *   what   the contestant's own word from the table: a transport, a way to start it; or NULL
 * 0; BENCH_MISSING: it is not on this machine, or was not when this was built; -1 after a line on standard error. */
typedef int contestant_fn(const struct load *load, const void *what, double *ret_figures);

struct contestant {
    const char *name;
    contestant_fn *measure;
    const void *what;
    /* Starting it takes longer than measuring it: of small messages only those of TARGET_BYTES, unless --all. */
    bool is_slow_to_start;
    /* Another way to do it with troupe: it runs in an actor, as troupe's own contestant does. */
    bool is_troupe;
};

struct figure {
    const char *name, *unit; /* the name is appended to the row's; NULL where there is one figure */
    bool is_machine_wide;    /* others change it too: a short run may show anything              */
};

struct measurement {
    const char *name;
    struct figure figures[FIGURES_MAX]; /* ended by a unit of NULL */
    enum shape shape;
    contestant_fn *troupe;
    struct contestant peers[PEERS_MAX]; /* ended by a name of NULL                     */
    const size_t *sizes_bytes;          /* ended by 0; NULL: there are no messages     */
    const long *senders;                /* ended by 0; NULL: one                       */
    const enum placement *placements;   /* ended by PLACEMENT_FREE; NULL: only that    */
    long count, quick_count;
    bool is_heavy; /* only with --all */
};

/* What was asked for on the command line. */
struct plan {
    int rounds;
    int deadline_s; /* for one turn of one contestant */
    bool is_quick, is_all, is_json, is_list;
    const char *only;        /* those whose name matches this expression; NULL for all */
    const char *chart, *csv; /* files to write; NULL for none                          */
};

enum status { STATUS_FINE, STATUS_MISSING, STATUS_LATE, STATUS_FAILED };

/* One contestant's figures in one row, round by round. */
struct entry {
    const char *name;
    enum status status;
    int rounds;
    double *figures[FIGURES_MAX];
};

/* A measurement under one load. */
struct row {
    const struct measurement *measurement;
    struct load load;
    char name[64];
    int rounds;
    long deadline_ms; /* for each turn */
    size_t entry_count;
    struct entry entries[PEERS_MAX + 1]; /* troupe is the first */
};

struct sheet {
    struct row *rows;
    size_t count;
    bool is_quick; /* the figures mean nothing: they are not held against targets */
};

/* ---------------------------------------------------------------- the tables (measurements.c, targets.c) */

extern const struct measurement measurements[];
extern const size_t measurement_count;

/* What the project wants to reach. */
struct target {
    const char *row, *peer; /* the row's full name; peer NULL: the figure itself is limited */
    bool is_at_least;
    double limit;
};
extern const struct target targets[];
extern const size_t target_count;

/* The target of a row's figure beside a peer, or NULL. */
const struct target *target_find(const char *row, const char *peer);
bool target_is_met(const struct target *target, double value);

/* ---------------------------------------------------------------- contestants */

/* troupe's own, each in the file of its subject. They run in an actor of their own. */
contestant_fn troupe_round_trip, troupe_call, troupe_one_way, troupe_fan_in, troupe_hand_over,
    troupe_spawn, troupe_spawn_rate, troupe_crash, troupe_own_memory, troupe_machine_memory,
    troupe_crowd, troupe_restart, troupe_map, troupe_map_each, troupe_fragile, troupe_mixed_asleep,
    troupe_mixed_computing, troupe_good_jobs;
/* Supervisors of C programs: what is a struct nanny (nanny.h). */
contestant_fn nanny_restart;
/* Peers that carry messages from one C process to another: what is a struct transport (transport.h). */
contestant_fn transport_measure;
/* The BEAM: what is "two", "one", "two call" or "one call". */
contestant_fn beam_measure;
/* Python's multiprocessing: what is "pipe" or "queue". */
contestant_fn python_measure;
/* Its pools: what is "executor" or "pool". */
contestant_fn python_pools;
/* Lines of shell: what is a struct shell_way (shell.h). */
contestant_fn shell_map;
contestant_fn memfd_hand_over;
contestant_fn fork_life, fork_rate, fork_crash, fork_own_memory, fork_machine_memory;

/* ---------------------------------------------------------------- what contestants use */

/* Repeats what is measured for as long as load says, after it has run warm, and gives the time of one.
 *   repeat   does it count times; 0 or -1
 * 0 or -1. */
typedef int repeat_fn(void *context, long count);
int steady(repeat_fn *repeat, void *context, const struct load *load, double *ret_ns_each);

/* The figure for the measurement's unit: microseconds for a trip; messages a second one way, and MB a second where they
 * are large. */
double figure_of(const struct load *load, double ns_each);
#define LARGE_BYTES (1024 * 1024)

double median(double *figures, size_t count);
/* The least figure that at least this many in a hundred do not exceed: of fewer than a hundred figures the 99th is the
 * greatest. */
double percentile(double *figures, size_t count, int percent);

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

/* The rows that a plan asks for; owned by the caller, freed with sheet_deinit. 0, or -1 after a line. */
int sheet_init(struct sheet *sheet, const struct plan *plan);
void sheet_deinit(struct sheet *sheet);
size_t figure_count(const struct measurement *measurement);
/* The row's name with that of one of its figures. Returns buffer. */
char *figure_name(const struct row *row, size_t figure, char buffer[96]);

/* Runs troupe's contestant, or a peer that is troupe's too, in an actor of its own, which is ended at the row's deadline.
 *   peer   NULL: troupe's contestant
 * 0, BENCH_MISSING, BENCH_LATE or -1. */
int troupe_run(const struct row *row, const struct contestant *peer, double *ret_figures);
/* Runs a peer in a copy of this program that has touched nothing yet; at the row's deadline it is ended with all that it
 * has started. 0, BENCH_MISSING, BENCH_LATE or -1. */
int peer_run(const struct row *row, const struct contestant *peer, double *ret_figures);
/* The other end of it: argv is what follows --raw. The exit status. */
int peer_main(int argc, char **argv);

/* Measures everything that the plan names and prints it. The calling process must have no other children.
 * 0, or -1 when a figure is missing or makes no sense. */
int run(const struct plan *plan);

/* Tells a person at a terminal what is going on, and how long it will take. steps are contestants' turns. */
void progress_show(const char *row, const char *contestant, int round, int rounds, size_t step,
                   size_t steps);
void progress_clear(void);

struct spread {
    double median, least, most;
};
struct spread spread_of(const struct entry *entry, size_t figure);

/* Prints the rows as an aligned table under the machine's description, or as JSON. */
void table_print(const struct sheet *sheet);
void json_print(const struct sheet *sheet);
/* Every round's figure. 0 or -1. */
int csv_write(const struct sheet *sheet, const char *path);
/* The chart, drawn by gnuplot. 0, BENCH_MISSING or -1. */
int chart_write(const struct sheet *sheet, const char *path);

/* One line for people: CPU, cores, kernel, date. */
void machine_describe(char *buffer, size_t size_bytes);
/* One line: what the peers are. */
void versions_describe(char *buffer, size_t size_bytes);
/* Whether this node's run directory is in memory; a disk would be measured with everything. */
bool rundir_is_tmpfs(char *buffer, size_t size_bytes);

#endif
