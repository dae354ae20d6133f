/* Pool's description: options are left out where the struct has zeros, and so the defaults are in one place, where the term
 * is read. */
#include "behaviour/pool_spec.h"

#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/panic.h"
#include "behaviour/program_spec.h"
#include "behaviour/words.h"
#include "term/tags.h"
#include "troupe/program.h"

enum { MAX_SPARES = 100, MAX_RETRIES = 1000000, DEFAULT_STOP_MS = 5000 };

/* ---------------------------------------------------------------- to a term */

struct pair {
    const char *key;
    uint64_t value;
    bool is_there;
};

static void check(const struct tr_pool_options *options)
{
    if (!options->worker)
        tri_panic("a pool has no worker");
    if (options->size > TR_POOL_MAX_WORKERS || options->max_size > TR_POOL_MAX_WORKERS ||
        (options->max_size > 0 && options->max_size < options->size))
        tri_panic("a pool has size %u, max_size %u", options->size, options->max_size);
    if (options->when_full > TR_FULL_DROPS || options->delivery > TR_AT_LEAST_ONCE)
        tri_panic("a pool has when_full %u, delivery %u", options->when_full, options->delivery);
}

static void put_pairs(struct tr_out *out, const struct tr_pool_options *options)
{
#define POSITIVE(field)                                                                            \
    {                                                                                              \
        .key = #field, .value = (uint64_t)options->field, .is_there = options->field > 0           \
    }
#define OR_NONE(field)                                                                             \
    {                                                                                              \
        .key = #field, .value = options->field > 0 ? (uint64_t)options->field : 0,                 \
        .is_there = options->field != 0                                                            \
    }
    const struct pair pairs[] = {
        POSITIVE(size),         POSITIVE(max_size),      POSITIVE(idle_ms),
        OR_NONE(spares),        POSITIVE(max_queue),     OR_NONE(retries),
        POSITIVE(retry_min_ms), POSITIVE(retry_max_ms),  POSITIVE(deadline_ms),
        POSITIVE(recycle_jobs), POSITIVE(recycle_bytes), OR_NONE(quarantine_after),
    };
    uint32_t count = 3;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(pairs); i++)
        count += pairs[i].is_there;
    tr_put_map_of(out, count);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(pairs); i++)
        if (pairs[i].is_there) {
            tr_put_atom(out, pairs[i].key);
            tr_put_unsigned(out, pairs[i].value);
        }
    tr_put_atom(out, "when_full");
    tr_put_atom(out, tri_when_full_words[options->when_full]);
    tr_put_atom(out, "delivery");
    tr_put_atom(out, tri_delivery_words[options->delivery]);
    tr_put_atom(out, "cancels_orphans");
    tr_put_bool(out, options->cancels_orphans);
}

void tr_pool_put(struct tr_out *out, const struct tr_pool_options *options)
{
    static const uint8_t nil[] = {TRI_NIL};
    check(options);
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "pool");
    tri_child_put(out, options->worker,
                  options->argument.size_bytes ? options->argument : (tr_term){nil, sizeof nil});
    put_pairs(out, options);
}

/* ---------------------------------------------------------------- from a term */

/* {bad_pool, What} */
static int refuse(struct tr_out *error, const char *what)
{
    tr_out_reset(error);
    tr_put_tuple_of(error, 2);
    tr_put_atom(error, "bad_pool");
    tr_put_atom(error, what);
    return TR_REFUSED;
}

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

struct options {
    uint64_t size, max_size, idle_ms, spares, max_queue, retries, retry_min_ms, retry_max_ms,
        deadline_ms, recycle_jobs, recycle_bytes, quarantine_after;
    unsigned when_full, delivery;
    bool cancels_orphans;
};

/* Reads the numbers that are there; the others stay as they are. */
static int read_numbers(tr_term map, struct options *options, struct tr_out *error)
{
    const struct {
        const char *key;
        uint64_t *value, least, most;
    } numbers[] = {
        {"size", &options->size, 1, TR_POOL_MAX_WORKERS},
        {"max_size", &options->max_size, 1, TR_POOL_MAX_WORKERS},
        {"idle_ms", &options->idle_ms, 1, INT64_MAX},
        {"spares", &options->spares, 0, MAX_SPARES},
        {"max_queue", &options->max_queue, 1, UINT32_MAX},
        {"retries", &options->retries, 0, MAX_RETRIES},
        {"retry_min_ms", &options->retry_min_ms, 0, UINT32_MAX},
        {"retry_max_ms", &options->retry_max_ms, 0, UINT32_MAX},
        {"deadline_ms", &options->deadline_ms, 1, INT64_MAX},
        {"recycle_jobs", &options->recycle_jobs, 0, UINT64_MAX},
        {"recycle_bytes", &options->recycle_bytes, 0, UINT64_MAX},
        {"quarantine_after", &options->quarantine_after, 0, UINT32_MAX},
    };
    tr_term term;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(numbers); i++)
        if (tr_map_get_atom(map, numbers[i].key, &term) &&
            (!tr_get_unsigned(term, numbers[i].value) || *numbers[i].value < numbers[i].least ||
             *numbers[i].value > numbers[i].most))
            return refuse(error, numbers[i].key);
    return 0;
}

static int read_words(tr_term map, struct options *options, struct tr_out *error)
{
    tr_term term;
    if (tr_map_get_atom(map, "when_full", &term) &&
        !tri_word_find(tri_when_full_words, term, &options->when_full))
        return refuse(error, "when_full");
    if (tr_map_get_atom(map, "delivery", &term) &&
        !tri_word_find(tri_delivery_words, term, &options->delivery))
        return refuse(error, "delivery");
    if (tr_map_get_atom(map, "cancels_orphans", &term) &&
        !tr_get_bool(term, &options->cancels_orphans))
        return refuse(error, "cancels_orphans");
    return 0;
}

static int read_options(tr_term map, struct tri_pool_spec *spec, struct tr_out *error)
{
    struct options options = {.idle_ms = TR_POOL_IDLE_MS,
                              .spares = 1,
                              .max_queue = TR_POOL_QUEUE,
                              .retries = TR_POOL_RETRIES,
                              .retry_min_ms = TR_POOL_RETRY_MIN_MS,
                              .retry_max_ms = TR_POOL_RETRY_MAX_MS,
                              .quarantine_after = TR_POOL_QUARANTINE_AFTER};
    if (tr_kind_of(map) != TR_KIND_MAP)
        return refuse(error, "options");
    int r = read_numbers(map, &options, error);
    if (r == 0)
        r = read_words(map, &options, error);
    if (r)
        return r;
    if (options.size == 0)
        options.size =
            options.max_size && options.max_size < processors() ? options.max_size : processors();
    if (options.max_size == 0)
        options.max_size = options.size;
    if (options.max_size < options.size)
        return refuse(error, "max_size");
    spec->crew = (struct tri_crew_options){
        .size = (unsigned)options.size,
        .max_size = (unsigned)options.max_size,
        .spares = (unsigned)options.spares,
        .max_queue = (unsigned)options.max_queue,
        .when_full = (enum tr_when_full)options.when_full,
        .delivery = (enum tr_delivery)options.delivery,
        .retry = {.min_ms = (uint32_t)options.retry_min_ms,
                  .max_ms = (uint32_t)options.retry_max_ms},
        .quarantine_after = (unsigned)options.quarantine_after,
        .idle_ms = options.idle_ms,
        .recycle_jobs = options.recycle_jobs,
        .recycle_bytes = options.recycle_bytes,
    };
    spec->deadline_ms = (int64_t)options.deadline_ms;
    spec->retries = (unsigned)options.retries;
    spec->cancels_orphans = options.cancels_orphans;
    return 0;
}

/* A program must have frames, so that each job has its answer. */
static int read_program(struct tri_pool_spec *spec, struct tr_out *error)
{
    struct tri_program_spec program;
    char *none[] = {NULL};
    const char *last = strrchr(spec->worker.entry, ':');
    tr_term description, wrong;
    spec->is_program = strcmp(last ? last + 1 : spec->worker.entry, TR_PROGRAM_ENTRY) == 0;
    if (!spec->is_program)
        return 0;
    if (tr_match(tr_out_term(&spec->worker.arguments), "[Description]", &description))
        return refuse(error, "worker");
    int r = tri_program_spec_read(&program, description, none, &wrong);
    spec->framing = program.framing.kind;
    tri_program_spec_deinit(&program);
    if (r == TR_NO_MATCH)
        return refuse(error, "worker");
    return r == 0 && spec->framing == TR_FRAMING_STREAM ? refuse(error, "framing") : r;
}

static void set_times(struct tri_pool_spec *spec)
{
    const struct tri_spec *worker = &spec->worker;
    spec->crew.start_ms =
        worker->start_timeout_ms > 0 ? (uint64_t)worker->start_timeout_ms : TR_POOL_START_MS;
    if (worker->shutdown_ms == TR_SHUTDOWN_INFINITY)
        spec->crew.stop_ms = TRI_NEVER;
    else
        spec->crew.stop_ms =
            worker->shutdown_ms > 0 ? (uint64_t)worker->shutdown_ms : DEFAULT_STOP_MS;
}

int tri_pool_spec_read(tr_term term, struct tri_pool_spec *ret_spec, struct tr_out *error)
{
    struct tri_pool_spec spec = {.is_program = false};
    tr_term worker, options;
    if (tr_match(term, "{pool, Worker, Options}", &worker, &options))
        return refuse(error, "description");
    int r = tri_spec_read(worker, TR_NEVER, &spec.worker, error);
    if (r)
        return r;
    r = spec.worker.has_handshake ? read_options(options, &spec, error) : refuse(error, "worker");
    if (r == 0)
        r = read_program(&spec, error);
    if (r) {
        tri_pool_spec_deinit(&spec);
        return r;
    }
    set_times(&spec);
    *ret_spec = spec;
    return 0;
}

void tri_pool_spec_deinit(struct tri_pool_spec *spec) { tri_spec_deinit(&spec->worker); }
