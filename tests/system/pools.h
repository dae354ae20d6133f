/* Pools: verbs of actors that are tests of pools. */
#ifndef SYSTEM_POOLS_H
#define SYSTEM_POOLS_H

#include <unistd.h>

#include "support/check.h"

static inline void pause_ms(long ms) { usleep((useconds_t)ms * 1000); }

/* Its workers are hands, unless the options say otherwise. */
static inline tr_pid pool_of(struct tr_pool_options options)
{
    static struct tr_child child;
    tr_pid pool;
    child = (struct tr_child){.entry = "hand"};
    if (!options.worker)
        options.worker = &child;
    CHECK(tr_pool_start_link(&pool, NULL, &options) == 0);
    return pool;
}
#define POOL(...) pool_of((struct tr_pool_options){__VA_ARGS__})

static inline tr_bin bin_of(const void *data, size_t size_bytes)
{
    return (tr_bin){data, size_bytes};
}

static inline struct tr_pool_statistics statistics_of(tr_pid pool)
{
    struct tr_pool_statistics statistics;
    CHECK(tr_pool_statistics(pool, &statistics) == 0);
    return statistics;
}

static struct tr_pool_statistics is; /* what was seen last */

/* Waits until something is true of the statistics. */
#define AWAIT_STATISTICS(pool, claim)                                                              \
    do {                                                                                           \
        bool check_holds = false;                                                                  \
        for (int left_ms = CHECK_DEADLINE_MS; left_ms > 0 && !check_holds; left_ms -= 2) {         \
            is = statistics_of(pool);                                                              \
            check_holds = (claim);                                                                 \
            if (!check_holds)                                                                      \
                pause_ms(2);                                                                       \
        }                                                                                          \
        if (!check_holds)                                                                          \
            check_failed(__FILE__, __LINE__, #claim, (tr_term){0});                                \
    } while (0)

#define SUBMIT(pool, request, ...) CHECK(tr_pool_submit(pool, request, NULL, __VA_ARGS__) == 0)

/* The response to a request matches. */
#define RESULT(request, ...)                                                                       \
    do {                                                                                           \
        TR_REPLY reply = {0};                                                                      \
        CHECK(tr_wait_response(request, CHECK_DEADLINE_MS, &reply) == 0);                          \
        if (tr_match(reply.term, __VA_ARGS__))                                                     \
            check_failed(__FILE__, __LINE__, #__VA_ARGS__, reply.term);                            \
    } while (0)

#endif
