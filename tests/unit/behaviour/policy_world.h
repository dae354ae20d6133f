/* World: children who do what the policy says, for its tests. What is done is written down as letters, one child each:
 *
 *     +b   b is started and runs      ?b  … and ignores      !b  … and fails      #b  … and there was no room
 *     -b   b is stopped               ~b  b waits to be started again
 *     xb   b is forgotten             END the supervisor ends
 *
 * Where children have no order, what is started or stopped is so only when the test says that it has finished. */
#ifndef UNIT_POLICY_WORLD_H
#define UNIT_POLICY_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "behaviour/policy.h"

enum { WORLD_MAX = 12 };

struct being {
    struct tri_child child; /* the first member */
    bool is_there, is_alive, is_being_started, is_being_stopped;
    char name;
    bool has_wait;
    unsigned attempt;
    uint64_t due_ns;
    unsigned starts;
    unsigned number; /* who was added later has the greater one */
    char fate;       /* what its next start comes to: one of +?!#, then + */
};

struct world {
    struct tri_child_policy policy;
    struct being beings[WORLD_MAX];
    uint64_t now_ns;
    bool has_ended;
    unsigned added;
    char trace[512];
    /* called for each action before it is done; may be NULL */
    void (*look)(struct world *world, const struct tri_action *action);
};

static inline struct being *being_of(struct tri_child *child) { return (struct being *)child; }

static inline void world_write(struct world *world, char sign, const struct being *being)
{
    size_t length = strlen(world->trace);
    if (length + 4 < sizeof world->trace)
        snprintf(world->trace + length, sizeof world->trace - length, "%s%c%c", length ? " " : "",
                 sign, being->name);
}

static inline struct being *world_add(struct world *world, enum tr_restart restart)
{
    struct being *being = world->beings;
    while (being < world->beings + WORLD_MAX && being->is_there)
        being++;
    if (being == world->beings + WORLD_MAX)
        return NULL;
    *being = (struct being){.is_there = true,
                            .name = (char)('a' + (being - world->beings)),
                            .fate = '+',
                            .number = ++world->added,
                            .child = {.restart = restart}};
    tri_policy_add(&world->policy, &being->child);
    return being;
}

/* What is to be of a start is told. */
static inline void world_finish_start(struct world *world, struct being *being)
{
    char fate = being->fate;
    being->fate = '+';
    being->is_being_started = false;
    being->is_alive = fate == '+';
    world_write(world, fate, being);
    if (fate == '+')
        tri_policy_started(&world->policy, &being->child, world->now_ns);
    else if (fate == '?')
        tri_policy_ignored(&world->policy, &being->child);
    else
        tri_policy_failed(&world->policy, &being->child,
                          fate == '#' ? TRI_FAILURE_FOR_WANT_OF_ROOM : TRI_FAILURE_OF_INIT);
}

static inline void world_finish_stop(struct world *world, struct being *being)
{
    being->is_alive = being->is_being_started = being->is_being_stopped = false;
    world_write(world, '-', being);
    tri_policy_stopped(&world->policy, &being->child);
}

static inline void world_do(struct world *world, const struct tri_action *action)
{
    struct being *being = being_of(action->child);
    bool is_ordered = tri_policy_is_ordered(&world->policy);
    switch (action->kind) {
    case TRI_DO_START:
        being->starts++;
        being->is_being_started = true;
        if (is_ordered)
            world_finish_start(world, being);
        break;
    case TRI_DO_STOP:
        being->is_being_stopped = true;
        if (is_ordered)
            world_finish_stop(world, being);
        break;
    case TRI_DO_FORGET:
        being->is_there = false;
        world_write(world, 'x', being);
        break;
    case TRI_DO_WAIT:
        being->has_wait = true;
        being->attempt = action->attempt;
        being->due_ns = world->now_ns + action->wait_ms * TRI_NS_PER_MS;
        world_write(world, '~', being);
        break;
    case TRI_DO_END:
        world->has_ended = true;
        strncat(world->trace, world->trace[0] ? " END" : "END",
                sizeof world->trace - strlen(world->trace) - 1);
        break;
    case TRI_DO_NOTHING:
        abort();
    }
}

/* Does what the policy wants; how many things that were. */
static inline unsigned world_act(struct world *world)
{
    struct tri_action action;
    unsigned count = 0;
    while (tri_policy_next(&world->policy, &action)) {
        if (world->look)
            world->look(world, &action);
        world_do(world, &action);
        count++;
    }
    return count;
}

/* A wait is over, whether or not its time has come. */
static inline void world_again(struct world *world, struct being *being)
{
    being->has_wait = false;
    if (world->now_ns < being->due_ns)
        world->now_ns = being->due_ns;
    tri_policy_again(&world->policy, &being->child, being->attempt, world->now_ns);
}

static inline void world_die(struct world *world, struct being *being, enum tri_death death)
{
    being->is_alive = false;
    tri_policy_died(&world->policy, &being->child, death, world->now_ns);
}

static inline void world_init(struct world *world, enum tr_strategy strategy, uint32_t intensity)
{
    *world = (struct world){.now_ns = TRI_NS_PER_S};
    world->policy.strategy = strategy;
    world->policy.intensity.max = intensity;
    world->policy.intensity.period_ns = 5 * TRI_NS_PER_S;
    tri_policy_init(&world->policy);
}

#endif
