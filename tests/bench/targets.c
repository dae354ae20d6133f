/* What the project wants to reach, by row and peer. A run tells whether it did; no figure makes it fail. */
#include <string.h>

#include "bench/bench.h"

#define AT_LEAST(row, peer, limit)                                                                 \
    {                                                                                              \
        (row), (peer), true, (limit)                                                               \
    }
#define AT_MOST(row, peer, limit)                                                                  \
    {                                                                                              \
        (row), (peer), false, (limit)                                                              \
    }

const struct target targets[] = {
    AT_LEAST("one way 64 B", "nanomsg", 12),
    AT_LEAST("one way 64 B", "two BEAM nodes", 12),
    AT_LEAST("one way 64 B", "one BEAM", 2),
    AT_LEAST("fan-in of 64, 64 B", "nanomsg", 8),
    AT_MOST("round trip 64 B, two CPUs", "nanomsg", 0.7),
    AT_MOST("round trip 64 B, two CPUs", "two BEAM nodes", 0.8),
    AT_MOST("round trip 64 B, one CPU", "nanomsg", 1.25),
    AT_MOST("call 64 B, two CPUs", "send and receive", 1.15),
    AT_MOST("call 64 B, one CPU", "send and receive", 1.15),
    AT_MOST("round trip after idling 64 B", "nanomsg", 1.15),
    AT_LEAST("large body, one way 1 MiB", "stream", 1),
    AT_MOST("hand-over of a blob 64 MiB", NULL, 1),
    AT_MOST("spawn to ready", "fork+exit+waitid", 2.5),
    AT_LEAST("spawn rate", NULL, 2500),
    AT_MOST("crash to DOWN", NULL, 1),
    AT_MOST("kill -9 to answer: median", NULL, 2),
    AT_MOST("kill -9 to answer: p99", NULL, 10),
    AT_LEAST("10 jobs, the third segfaults: told right", NULL, 10),
    AT_LEAST("pool of 4, 2 % bad, jobs that sleep", "good jobs only", 0.7),
    AT_LEAST("pool of 4, 2 % bad, jobs that compute", "good jobs only", 0.7),
    AT_LEAST("short jobs of the shell", "xargs -P4 -n1", 20),
    AT_LEAST("short jobs of the shell", "GNU parallel -j4", 20),
    AT_LEAST("a process for each job, {}", "GNU parallel -j4", 1),
    AT_MOST("10,000 actors: start", NULL, 15),
    AT_LEAST("10,000 actors: answered", NULL, 10000),
    AT_MOST("10,000 actors: memory of the machine each", NULL, 200),
};
const size_t target_count = sizeof targets / sizeof targets[0];

const struct target *target_find(const char *row, const char *peer)
{
    for (size_t i = 0; i < target_count; i++)
        if (strcmp(targets[i].row, row) == 0 &&
            (peer ? targets[i].peer && strcmp(targets[i].peer, peer) == 0 : !targets[i].peer))
            return &targets[i];
    return NULL;
}

bool target_is_met(const struct target *target, double value)
{
    return target->is_at_least ? value >= target->limit : value <= target->limit;
}
