/* The sheet: what a plan asks for, written out as rows, one for each measurement under each load. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

/* How long a contestant repeats what it repeats, in one round. */
#define TIME_MS 200
#define QUICK_TIME_MS 5

static const char *const placement_names[] = {
    [PLACEMENT_FREE] = "", [PLACEMENT_TWO_CPUS] = ", two CPUs", [PLACEMENT_ONE_CPU] = ", one CPU"};

size_t figure_count(const struct measurement *measurement)
{
    size_t count = 0;
    while (count < FIGURES_MAX && measurement->figures[count].unit)
        count++;
    return count;
}

char *figure_name(const struct row *row, size_t figure, char buffer[96])
{
    const char *name = row->measurement->figures[figure].name;
    snprintf(buffer, 96, "%s%s%s", row->name, name ? ": " : "", name ? name : "");
    return buffer;
}

static void name_row(struct row *row)
{
    const struct measurement *m = row->measurement;
    const struct load *load = &row->load;
    bool has_placements = m->placements && m->placements[1] != PLACEMENT_FREE;
    char senders[32] = "", size[32] = "";
    if (m->senders)
        snprintf(senders, sizeof senders, " of %ld,", load->senders);
    if (load->size_bytes >= LARGE_BYTES)
        snprintf(size, sizeof size, " %zu MiB", load->size_bytes / LARGE_BYTES);
    else if (load->size_bytes >= 1024)
        snprintf(size, sizeof size, " %zu KiB", load->size_bytes / 1024);
    else if (load->size_bytes > 0)
        snprintf(size, sizeof size, " %zu B", load->size_bytes);
    snprintf(row->name, sizeof row->name, "%s%s%s%s", m->name, senders, size,
             has_placements ? placement_names[load->placement] : "");
}

static bool takes_part(const struct contestant *peer, const struct load *load,
                       const struct plan *plan)
{
    return !peer->is_slow_to_start || plan->is_all || load->size_bytes == TARGET_BYTES ||
           load->size_bytes >= LARGE_BYTES;
}

static int add_entry(struct row *row, const char *name)
{
    struct entry *entry = &row->entries[row->entry_count++];
    *entry = (struct entry){.name = name};
    for (size_t i = 0; i < figure_count(row->measurement); i++) {
        entry->figures[i] = calloc((size_t)row->rounds, sizeof *entry->figures[i]);
        if (!entry->figures[i])
            return complain("memory");
    }
    return 0;
}

static int add_entries(struct row *row, const struct plan *plan)
{
    const struct measurement *m = row->measurement;
    int r = add_entry(row, "troupe");
    for (size_t i = 0; i < PEERS_MAX && m->peers[i].name && r == 0; i++)
        if (takes_part(&m->peers[i], &row->load, plan))
            r = add_entry(row, m->peers[i].name);
    return r;
}

/* Adds a row if the plan wants it. 0 or -1. */
static int add_row(struct sheet *sheet, const struct measurement *m, const struct load *load,
                   const struct plan *plan, const regex_t *only)
{
    struct row row = {.measurement = m,
                      .load = *load,
                      .rounds = plan->rounds,
                      .deadline_ms = plan->deadline_s * (m->is_heavy ? 5000L : 1000L)};
    name_row(&row);
    if (only && regexec(only, row.name, 0, NULL, 0) != 0)
        return 0;
    struct row *rows = realloc(sheet->rows, (sheet->count + 1) * sizeof *rows);
    if (!rows)
        return complain("memory");
    sheet->rows = rows;
    rows[sheet->count] = row;
    return add_entries(&rows[sheet->count++], plan);
}

/* Whether this machine has room for a placement. With a single CPU the sides share it, once for each measurement. */
static bool can_place(const struct measurement *m, enum placement *placement)
{
    if (*placement != PLACEMENT_TWO_CPUS || has_two_cpus())
        return true;
    *placement = PLACEMENT_ONE_CPU;
    return m->placements[1] == PLACEMENT_FREE;
}

/* Adds a measurement under all of its loads. */
static int add_measurement(struct sheet *sheet, const struct measurement *m,
                           const struct plan *plan, const regex_t *only)
{
    static const size_t no_sizes[] = {0, 0};
    static const long one[] = {1, 0};
    static const enum placement anywhere[] = {PLACEMENT_FREE, PLACEMENT_FREE};
    struct load load = {.shape = m->shape,
                        .count = plan->is_quick ? m->quick_count : m->count,
                        .time_ms = plan->is_quick ? QUICK_TIME_MS : TIME_MS};
    int r = 0;
    if (m->is_heavy && !plan->is_all)
        return 0;
    const size_t *size = m->sizes_bytes ? m->sizes_bytes : no_sizes;
    do {
        const long *senders = m->senders ? m->senders : one;
        do {
            const enum placement *placement = m->placements ? m->placements : anywhere;
            do {
                load.size_bytes = *size;
                load.senders = *senders;
                load.placement = *placement;
                if (can_place(m, &load.placement))
                    r = add_row(sheet, m, &load, plan, only);
            } while (r == 0 && *++placement != PLACEMENT_FREE);
        } while (r == 0 && *++senders);
    } while (r == 0 && *++size);
    return r;
}

int sheet_init(struct sheet *sheet, const struct plan *plan)
{
    regex_t only;
    int r = 0;
    *sheet = (struct sheet){.is_quick = plan->is_quick};
    if (plan->only && regcomp(&only, plan->only, REG_EXTENDED | REG_NOSUB) != 0) {
        fprintf(stderr, "bench: --only %s: not a regular expression\n", plan->only);
        return -1;
    }
    for (size_t i = 0; i < measurement_count && r == 0; i++)
        r = add_measurement(sheet, &measurements[i], plan, plan->only ? &only : NULL);
    if (plan->only)
        regfree(&only);
    if (r == 0 && sheet->count == 0) {
        fprintf(stderr, "bench: no row matches %s; --list names them\n", plan->only);
        return -1;
    }
    return r;
}

void sheet_deinit(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++)
        for (size_t k = 0; k < sheet->rows[i].entry_count; k++)
            for (size_t n = 0; n < FIGURES_MAX; n++)
                free(sheet->rows[i].entries[k].figures[n]);
    free(sheet->rows);
    *sheet = (struct sheet){0};
}
