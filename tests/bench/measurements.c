/* The measurements: the questions, who answers them, and under which loads.
 *
 * A new measurement is a file and an entry here; a new peer is a file and a word in the entries that it has an answer
 * to.
 */
#include "bench/bench.h"
#include "bench/nanny.h"
#include "bench/shell.h"
#include "bench/transport.h"

static const size_t message_sizes[] = {16, TARGET_BYTES, 1024, 65536, 0};
static const size_t large_sizes[] = {1024 * 1024, 64 * 1024 * 1024, 0};
static const size_t small_size[] = {TARGET_BYTES, 0};
static const size_t largest_size[] = {64 * 1024 * 1024, 0};
static const long fans[] = {1, 8, 64, 256, 0};
static const enum placement both_placements[] = {PLACEMENT_TWO_CPUS, PLACEMENT_ONE_CPU,
                                                 PLACEMENT_FREE};
static const enum placement two_cpus[] = {PLACEMENT_TWO_CPUS, PLACEMENT_FREE};

#define TRANSPORT(peer, transport)                                                                 \
    {                                                                                              \
        .name = (peer), .measure = transport_measure, .what = &(transport)                         \
    }
#define NANOMSG TRANSPORT("nanomsg", nanomsg_transport)
#define ZEROMQ TRANSPORT("ZeroMQ", zeromq_transport)
#define NNG TRANSPORT("nng", nng_transport)
#define SEQPACKET TRANSPORT("seqpacket", seqpacket_transport)
#define STREAM TRANSPORT("stream", stream_transport)
#define FUTEX TRANSPORT("futex", futex_transport)
#define SLOW(peer, how, word)                                                                      \
    {                                                                                              \
        .name = (peer), .measure = (how), .what = (word), .is_slow_to_start = true                 \
    }
#define BEAM_NODES SLOW("two BEAM nodes", beam_measure, "two")
#define BEAM_INSIDE SLOW("one BEAM", beam_measure, "one")
#define BEAM_CALL SLOW("two BEAM nodes, call", beam_measure, "two call")
#define BEAM_INSIDE_CALL SLOW("one BEAM, call", beam_measure, "one call")
#define SEND_AND_RECEIVE                                                                           \
    {                                                                                              \
        .name = "send and receive", .measure = troupe_round_trip, .is_troupe = true                \
    }
#define PIPE SLOW("Python Pipe", python_measure, "pipe")
#define QUEUE SLOW("Python Queue", python_measure, "queue")

#define NANNY(peer, which)                                                                         \
    {                                                                                              \
        .name = (peer), .measure = nanny_restart, .what = &nannies[which]                          \
    }

#define SHELL(peer, which)                                                                         \
    {                                                                                              \
        .name = (peer), .measure = shell_map, .what = &shell_ways[which]                           \
    }

#define GOOD_JOBS(word)                                                                            \
    {                                                                                              \
        .name = "good jobs only", .measure = troupe_good_jobs, .what = (word), .is_troupe = true   \
    }

const struct measurement measurements[] = {
    {.name = "round trip",
     .figures = {{.unit = "us"}},
     .shape = SHAPE_TRIP,
     .troupe = troupe_round_trip,
     .peers = {NANOMSG, ZEROMQ, NNG, BEAM_NODES, BEAM_CALL, BEAM_INSIDE, BEAM_INSIDE_CALL, PIPE,
               QUEUE, STREAM, SEQPACKET, FUTEX},
     .sizes_bytes = message_sizes,
     .placements = both_placements},
    {.name = "call",
     .figures = {{.unit = "us"}},
     .shape = SHAPE_TRIP,
     .troupe = troupe_call,
     .peers = {SEND_AND_RECEIVE, BEAM_CALL, BEAM_INSIDE_CALL},
     .sizes_bytes = small_size,
     .placements = both_placements},
    {.name = "round trip after idling",
     .figures = {{.unit = "us"}},
     .shape = SHAPE_IDLE_TRIP,
     .troupe = troupe_round_trip,
     .peers = {NANOMSG, ZEROMQ, NNG, BEAM_NODES, PIPE, SEQPACKET, FUTEX},
     .sizes_bytes = small_size,
     .placements = two_cpus},
    {.name = "one way",
     .figures = {{.unit = "msg/s"}},
     .shape = SHAPE_ONE_WAY,
     .troupe = troupe_one_way,
     .peers = {NANOMSG, ZEROMQ, NNG, BEAM_NODES, BEAM_INSIDE, PIPE, QUEUE, STREAM, SEQPACKET},
     .sizes_bytes = message_sizes,
     .placements = two_cpus},
    {.name = "large body, one way",
     .figures = {{.unit = "MB/s"}},
     .shape = SHAPE_ONE_WAY,
     .troupe = troupe_one_way,
     .peers = {STREAM, NANOMSG, ZEROMQ, NNG, BEAM_NODES, PIPE},
     .sizes_bytes = large_sizes,
     .placements = two_cpus},
    {.name = "hand-over of a blob",
     .figures = {{.unit = "ms"}},
     .troupe = troupe_hand_over,
     .peers = {{.name = "memfd", .measure = memfd_hand_over}},
     .sizes_bytes = largest_size,
     .placements = two_cpus,
     .count = 9,
     .quick_count = 1},
    {.name = "fan-in",
     .figures = {{.unit = "msg/s"}},
     .shape = SHAPE_FAN_IN,
     .troupe = troupe_fan_in,
     .peers = {NANOMSG, ZEROMQ},
     .sizes_bytes = small_size,
     .senders = fans},
    {.name = "spawn to ready",
     .figures = {{.unit = "ms"}},
     .troupe = troupe_spawn,
     .peers = {{.name = "fork+exit+waitid", .measure = fork_life}},
     .count = 200,
     .quick_count = 10},
    {.name = "spawn rate",
     .figures = {{.unit = "/s"}},
     .troupe = troupe_spawn_rate,
     .peers = {{.name = "fork", .measure = fork_rate}},
     .count = 500,
     .quick_count = 10},
    {.name = "crash to DOWN",
     .figures = {{.unit = "ms"}},
     .troupe = troupe_crash,
     .peers = {{.name = "fork+crash+waitid", .measure = fork_crash}},
     .count = 50,
     .quick_count = 3},
    {.name = "kill -9 to answer",
     .figures = {{"median", "ms", false}, {"p99", "ms", false}},
     .troupe = troupe_restart,
     .peers = {NANNY("runit", NANNY_RUNIT), NANNY("runit, lived 1 s", NANNY_RUNIT_LONG_LIFE),
               NANNY("s6", NANNY_S6), NANNY("s6, ready, lived 1 s", NANNY_S6_READY),
               NANNY("Erlang supervisor", NANNY_ERLANG)},
     .count = 200,
     .quick_count = 3},
    {.name = "memory per actor, its own",
     .figures = {{.unit = "kB"}},
     .troupe = troupe_own_memory,
     .peers = {{.name = "forked process", .measure = fork_own_memory}},
     .count = 200,
     .quick_count = 10},
    {.name = "memory per actor, machine's",
     .figures = {{.unit = "kB", .is_machine_wide = true}},
     .troupe = troupe_machine_memory,
     .peers = {{.name = "forked process", .measure = fork_machine_memory}},
     .count = 200,
     .quick_count = 10},
    {.name = "10 jobs, the third segfaults: told right",
     .figures = {{.unit = "of 10"}},
     .troupe = troupe_fragile,
     .peers = {{.name = "ProcessPoolExecutor", .measure = python_pools, .what = "executor"},
               {.name = "multiprocessing.Pool", .measure = python_pools, .what = "pool"}},
     .count = 10,
     .quick_count = 10},
    {.name = "pool of 4, 2 % bad, jobs that sleep",
     .figures = {{.unit = "jobs/s"}},
     .troupe = troupe_mixed_asleep,
     .peers = {GOOD_JOBS("asleep")},
     .count = 2000,
     .quick_count = 200,
     .is_heavy = true},
    {.name = "pool of 4, 2 % bad, jobs that compute",
     .figures = {{.unit = "jobs/s"}},
     .troupe = troupe_mixed_computing,
     .peers = {GOOD_JOBS("computing")},
     .count = 2000,
     .quick_count = 200,
     .is_heavy = true},
    {.name = "short jobs of the shell",
     .figures = {{.unit = "jobs/s"}},
     .troupe = troupe_map,
     .peers = {SHELL("xargs -P4 -n1", SHELL_XARGS), SHELL("GNU parallel -j4", SHELL_PARALLEL)},
     .count = 10000,
     .quick_count = 20},
    {.name = "a process for each job, {}",
     .figures = {{.unit = "jobs/s"}},
     .troupe = troupe_map_each,
     .peers = {SHELL("xargs -P4 -n1", SHELL_XARGS), SHELL("GNU parallel -j4", SHELL_PARALLEL)},
     .count = 2000,
     .quick_count = 20},
    {.name = "10,000 actors",
     .figures = {{"start", "s", false},
                 {"answered", "actors", false},
                 {"memory of the machine each", "kB", true},
                 {"kill all", "s", false}},
     .troupe = troupe_crowd,
     .count = 10000,
     .quick_count = 100,
     .is_heavy = true},
};
const size_t measurement_count = sizeof measurements / sizeof measurements[0];
