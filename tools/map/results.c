/* Results: a ring by number, or a queue. */
#include "map/results.h"

#include <errno.h>
#include <string.h>

struct map_result map_result_skipped;

int map_results_init(struct map_results *results, bool is_ordered)
{
    *results = (struct map_results){.is_ordered = is_ordered, .next = 1};
    STAILQ_INIT(&results->ready);
    if (is_ordered)
        results->ring = calloc(MAP_AHEAD_JOBS, sizeof(struct map_result *));
    return is_ordered && !results->ring ? -ENOMEM : 0;
}

struct map_result *map_result_new(struct map_job *job, const void *bytes, size_t size_bytes)
{
    struct map_result *result = malloc(sizeof *result + size_bytes);
    if (!result)
        return NULL;
    *result = (struct map_result){.job = job, .size_bytes = size_bytes};
    if (size_bytes)
        memcpy(result->bytes, bytes, size_bytes);
    return result;
}

void map_result_free(struct map_result *result)
{
    if (!result || result == &map_result_skipped)
        return;
    map_spill_free(result->job->spill);
    free(result->job);
    free(result);
}

void map_results_deinit(struct map_results *results)
{
    struct map_result *result;
    while ((result = STAILQ_FIRST(&results->ready))) {
        STAILQ_REMOVE_HEAD(&results->ready, of_queue);
        map_result_free(result);
    }
    for (size_t i = 0; results->ring && i < MAP_AHEAD_JOBS; i++)
        map_result_free(results->ring[i]);
    free(results->ring);
    results->ring = NULL;
}

static struct map_result **place_of(const struct map_results *results, uint64_t number)
{
    return &results->ring[number % MAP_AHEAD_JOBS];
}

void map_results_put(struct map_results *results, struct map_result *result)
{
    results->held++;
    results->held_bytes += result->size_bytes;
    results->held_spills += result->job->spill != NULL;
    if (results->is_ordered)
        *place_of(results, result->job->number) = result;
    else
        STAILQ_INSERT_TAIL(&results->ready, result, of_queue);
}

void map_results_skip(struct map_results *results, uint64_t number)
{
    if (!results->is_ordered)
        return;
    if (number == results->next) /* else a run with nothing but these would wait to be printed */
        results->next++;
    else
        *place_of(results, number) = &map_result_skipped;
}

bool map_results_has_room(const struct map_results *results, uint64_t number)
{
    bool is_ahead = results->is_ordered ? number >= results->next + MAP_AHEAD_JOBS
                                        : results->held >= MAP_AHEAD_JOBS;
    if (results->is_ordered && number == results->next)
        return true;
    return !is_ahead && results->held_bytes < MAP_AHEAD_BYTES &&
           results->held_spills < MAP_AHEAD_SPILLS;
}

static struct map_result *take_in_order(struct map_results *results)
{
    for (;; results->next++) {
        struct map_result **place = place_of(results, results->next), *result = *place;
        if (!result)
            return NULL;
        *place = NULL;
        if (result == &map_result_skipped)
            continue;
        results->next++;
        return result;
    }
}

struct map_result *map_results_take(struct map_results *results)
{
    struct map_result *result = STAILQ_FIRST(&results->ready);
    if (results->is_ordered)
        result = take_in_order(results);
    else if (result)
        STAILQ_REMOVE_HEAD(&results->ready, of_queue);
    if (result) {
        results->held--;
        results->held_bytes -= result->size_bytes;
        results->held_spills -= result->job->spill != NULL;
    }
    return result;
}
