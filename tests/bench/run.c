/* Runs the rows of a plan: round by round through all of them, contestants in turns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench/bench.h"
#include "process/runtime.h"

static const struct contestant *find_peer(const struct measurement *m, const char *name)
{
    const struct contestant *peer = m->peers;
    while (strcmp(peer->name, name) != 0)
        peer++;
    return peer;
}

/* One contestant's turn. Who failed or is not there is not asked again. */
static void take_turn(struct row *row, size_t which)
{
    struct entry *entry = &row->entries[which];
    double figures[FIGURES_MAX] = {0};
    if (entry->status != STATUS_FINE)
        return;
    const struct contestant *peer = which ? find_peer(row->measurement, entry->name) : NULL;
    int r =
        !peer || peer->is_troupe ? troupe_run(row, peer, figures) : peer_run(row, peer, figures);
    if (r != 0) {
        entry->status = r == BENCH_MISSING ? STATUS_MISSING
                        : r == BENCH_LATE  ? STATUS_LATE
                                           : STATUS_FAILED;
        return;
    }
    for (size_t i = 0; i < figure_count(row->measurement); i++)
        entry->figures[i][entry->rounds] = figures[i];
    entry->rounds++;
}

static size_t count_turns(const struct sheet *sheet)
{
    size_t count = 0;
    for (size_t i = 0; i < sheet->count; i++)
        count += sheet->rows[i].entry_count * (size_t)sheet->rows[i].rounds;
    return count;
}

static void take_turns(struct sheet *sheet, int rounds)
{
    size_t step = 0, steps = count_turns(sheet);
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < sheet->count; i++) {
            struct row *row = &sheet->rows[i];
            for (size_t k = 0; round < row->rounds && k < row->entry_count; k++) {
                progress_show(row->name, row->entries[k].name, round, rounds, step++, steps);
                take_turn(row, k);
            }
        }
    progress_clear();
}

/* A figure that cannot be: not positive, or beyond what any machine does in any unit of ours. */
static bool makes_sense(const struct row *row, const struct entry *entry, size_t figure)
{
    double value = spread_of(entry, figure).median;
    return row->measurement->figures[figure].is_machine_wide || (value > 0 && value < 1e12);
}

static int check_row(const struct row *row)
{
    int result = 0;
    for (size_t k = 0; k < row->entry_count; k++) {
        const struct entry *entry = &row->entries[k];
        if (entry->status == STATUS_FAILED)
            fprintf(stderr, "bench: %s, %s: no figure\n", row->name, entry->name);
        else if (entry->status == STATUS_LATE)
            fprintf(stderr, "bench: %s, %s: no answer within %ld s\n", row->name, entry->name,
                    row->deadline_ms / 1000);
        if (entry->status == STATUS_FAILED || entry->status == STATUS_LATE)
            result = -1;
        for (size_t i = 0; entry->rounds > 0 && i < figure_count(row->measurement); i++)
            if (!makes_sense(row, entry, i)) {
                fprintf(stderr, "bench: %s, %s: %g makes no sense\n", row->name, entry->name,
                        spread_of(entry, i).median);
                result = -1;
            }
    }
    return result;
}

/* Names the rows. A target that no row bears is a mistake in the table of targets. */
static int list_rows(const struct sheet *sheet, bool is_complete)
{
    char name[96];
    size_t targets_seen = 0;
    for (size_t i = 0; i < sheet->count; i++)
        for (size_t k = 0; k < figure_count(sheet->rows[i].measurement); k++) {
            printf("%s\n", figure_name(&sheet->rows[i], k, name));
            for (size_t n = 0; n < sheet->rows[i].entry_count; n++)
                targets_seen +=
                    target_find(name, n ? sheet->rows[i].entries[n].name : NULL) != NULL;
        }
    fflush(stdout);
    if (!is_complete || targets_seen == target_count)
        return 0;
    fprintf(stderr, "bench: %zu targets, of which %zu are of a row and a peer\n", target_count,
            targets_seen);
    return -1;
}

static int measure(struct sheet *sheet, const struct plan *plan)
{
    int result = 0;
    take_turns(sheet, plan->rounds);
    if (plan->is_json)
        json_print(sheet);
    else
        table_print(sheet);
    fflush(stdout);
    for (size_t i = 0; i < sheet->count; i++)
        if (check_row(&sheet->rows[i]) < 0)
            result = -1;
    if (plan->csv && csv_write(sheet, plan->csv) < 0)
        result = -1;
    if (plan->chart && chart_write(sheet, plan->chart) < 0)
        result = -1;
    return result;
}

int run(const struct plan *plan)
{
    struct sheet sheet;
    /* Whatever a peer leaves behind becomes a child of this process, which ends it. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return complain("prctl");
    /* What peers put there goes with the node, whatever ends it. */
    setenv(BENCH_SCRATCH_VARIABLE, tri_process_here()->dir.path, 1);
    if (sheet_init(&sheet, plan) < 0)
        return -1;
    int r = plan->is_list ? list_rows(&sheet, plan->is_all && !plan->only && has_two_cpus())
                          : measure(&sheet, plan);
    sheet_deinit(&sheet);
    return r;
}
