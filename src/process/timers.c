/* Timers: a binary heap by deadline, then by age. */
#include "process/timers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"

static bool fires_before(const struct tri_timer *a, const struct tri_timer *b)
{
    return a->deadline_ns != b->deadline_ns ? a->deadline_ns < b->deadline_ns
                                            : a->number < b->number;
}

static void swap(struct tri_timers *timers, size_t i, size_t j)
{
    struct tri_timer *kept = timers->at[i];
    timers->at[i] = timers->at[j];
    timers->at[j] = kept;
}

static void sift_up(struct tri_timers *timers, size_t i)
{
    for (; i > 0 && fires_before(timers->at[i], timers->at[(i - 1) / 2]); i = (i - 1) / 2)
        swap(timers, i, (i - 1) / 2);
}

static void sift_down(struct tri_timers *timers, size_t i)
{
    for (;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < timers->count; child++)
            if (fires_before(timers->at[child], timers->at[first]))
                first = child;
        if (first == i)
            return;
        swap(timers, i, first);
        i = first;
    }
}

int tri_timers_add(struct tri_timers *timers, struct tri_timer *timer)
{
    if (timers->count == timers->capacity) {
        size_t capacity = timers->capacity ? 2 * timers->capacity : 8;
        struct tri_timer **at = realloc(timers->at, capacity * sizeof(struct tri_timer *));
        if (!at)
            return -ENOMEM;
        timers->at = at;
        timers->capacity = capacity;
    }
    timers->at[timers->count] = timer;
    sift_up(timers, timers->count++);
    return 0;
}

uint64_t tri_timers_next_ns(const struct tri_timers *timers)
{
    return timers->count ? timers->at[0]->deadline_ns : TRI_NEVER;
}

static struct tri_timer *take_at(struct tri_timers *timers, size_t i)
{
    struct tri_timer *timer = timers->at[i];
    timers->count--;
    if (i < timers->count) {
        timers->at[i] = timers->at[timers->count];
        sift_up(timers, i);
        sift_down(timers, i);
    }
    return timer;
}

struct tri_timer *tri_timers_take_due(struct tri_timers *timers, uint64_t now_ns)
{
    return timers->count && timers->at[0]->deadline_ns <= now_ns ? take_at(timers, 0) : NULL;
}

struct tri_timer *tri_timers_take(struct tri_timers *timers, uint64_t number)
{
    for (size_t i = 0; i < timers->count; i++)
        if (timers->at[i]->number == number)
            return take_at(timers, i);
    return NULL;
}

void tri_timers_deinit(struct tri_timers *timers)
{
    for (size_t i = 0; i < timers->count; i++)
        tri_timer_free(timers->at[i]);
    free(timers->at);
    *timers = (struct tri_timers){0};
}

void tri_timer_free(struct tri_timer *timer)
{
    if (timer)
        tr_out_deinit(&timer->message);
    free(timer);
}
