/* Runs measurements: contestants in turns, a median for each, and a look at whether the figures make sense. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

#define ROWS_MAX 128
#define ROUNDS_MAX 101

static const size_t sizes_bytes[] = {16, 64, 1024, 65536};
static const struct {
    enum placement placement;
    const char *name;
} placements[] = {{PLACEMENT_TWO_CPUS, ", two CPUs"}, {PLACEMENT_ONE_CPU, ", one CPU"}};

struct sheet {
    struct row rows[ROWS_MAX];
    size_t count;
};

/* Tells a person at a terminal what is going on. */
static void show_progress(const char *name, const char *contestant, int round, int rounds)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s: %s, round %d of %d", name, contestant, round + 1, rounds);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}

/* One round: troupe, then its peers. 0 or -1. */
static int run_round(const struct measurement *m, const char *name, const struct load *load,
                     const struct plan *plan, int round, double figures[][ROUNDS_MAX])
{
    show_progress(name, "troupe", round, plan->rounds);
    if (m->troupe(load, &figures[0][round]) < 0)
        return -1;
    for (size_t i = 0; i < PEERS_MAX && m->peers[i].name; i++) {
        show_progress(name, m->peers[i].name, round, plan->rounds);
        if (peer_run(m, &m->peers[i], load, &figures[i + 1][round]) < 0)
            return -1;
    }
    return 0;
}

/* All rounds of a measurement under one load; appends a row for each peer. 0 or -1. */
static int run_rounds(const struct measurement *m, const char *name, const struct load *load,
                      const struct plan *plan, struct sheet *sheet)
{
    static double figures[PEERS_MAX + 1][ROUNDS_MAX];
    size_t rounds = (size_t)plan->rounds;
    if (plan->only && !strstr(name, plan->only))
        return 0;
    for (int round = 0; round < plan->rounds; round++)
        if (run_round(m, name, load, plan, round, figures) < 0) {
            fprintf(stderr, "bench: %s: no figure\n", name);
            return -1;
        }
    for (size_t i = 0; i < PEERS_MAX && m->peers[i].name && sheet->count < ROWS_MAX; i++) {
        struct row *row = &sheet->rows[sheet->count++];
        *row = (struct row){.measurement = m, .peer_name = m->peers[i].name};
        snprintf(row->name, sizeof row->name, "%s", name);
        row->troupe = median(figures[0], rounds);
        row->peer = median(figures[i + 1], rounds);
    }
    return 0;
}

/* Large messages take longer: fewer of them keep the whole short. */
static long count_for(const struct measurement *m, const struct plan *plan, size_t size_bytes)
{
    long count = plan->is_quick ? m->quick_count : m->count;
    if (size_bytes > 16384)
        count /= 20;
    else if (size_bytes > 256)
        count /= 2;
    return count > 0 ? count : 1;
}

/* Every placement of one size. 0 or -1. */
static int run_size(const struct measurement *m, size_t size_bytes, const struct plan *plan,
                    struct sheet *sheet)
{
    char name[64];
    struct load load = {size_bytes, count_for(m, plan, size_bytes), PLACEMENT_FREE};
    char size[24] = "";
    if (size_bytes)
        snprintf(size, sizeof size, size_bytes < 1024 ? " %zu B" : " %zu KiB",
                 size_bytes < 1024 ? size_bytes : size_bytes / 1024);
    if (!m->has_placements) {
        snprintf(name, sizeof name, "%s%s", m->name, size);
        return run_rounds(m, name, &load, plan, sheet);
    }
    for (size_t i = 0; i < sizeof placements / sizeof placements[0]; i++) {
        load.placement = placements[i].placement;
        if (load.placement == PLACEMENT_TWO_CPUS && !has_two_cpus())
            continue;
        snprintf(name, sizeof name, "%s%s%s", m->name, size, placements[i].name);
        if (run_rounds(m, name, &load, plan, sheet) < 0)
            return -1;
    }
    return 0;
}

static int run_measurement(const struct measurement *m, const struct plan *plan,
                           struct sheet *sheet)
{
    if (!m->has_sizes)
        return run_size(m, 0, plan, sheet);
    for (size_t i = 0; i < sizeof sizes_bytes / sizeof sizes_bytes[0]; i++)
        if (run_size(m, sizes_bytes[i], plan, sheet) < 0)
            return -1;
    return 0;
}

/* A figure that cannot be: not positive, or beyond what any machine does in any unit of ours. */
static int check_rows(const struct sheet *sheet)
{
    int result = 0;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct row *row = &sheet->rows[i];
        if (row->measurement->is_machine_wide ||
            (row->troupe > 0 && row->troupe < 1e12 && row->peer > 0 && row->peer < 1e12))
            continue;
        fprintf(stderr, "bench: %s: %g and %g make no sense\n", row->name, row->troupe, row->peer);
        result = -1;
    }
    return result;
}

int run(const struct plan *plan)
{
    static struct sheet sheet;
    int result = 0;
    struct plan short_plan = *plan;
    if (short_plan.rounds > ROUNDS_MAX)
        short_plan.rounds = ROUNDS_MAX;
    for (size_t i = 0; i < measurement_count; i++)
        if (run_measurement(&measurements[i], &short_plan, &sheet) < 0)
            result = -1;
    clear_progress();
    if (sheet.count == 0) {
        fprintf(stderr, "bench: nothing was measured\n");
        return -1;
    }
    rows_print(sheet.rows, sheet.count, plan->is_json);
    fflush(stdout);
    return check_rows(&sheet) < 0 ? -1 : result;
}
