/* The result, as an aligned table for people and as JSON for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "bench/bench.h"

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static const bool is_optimised = true;
#else
static const bool is_optimised = false;
#endif

struct spread spread_of(const struct entry *entry, size_t figure)
{
    struct spread spread = {0};
    if (entry->rounds == 0)
        return spread;
    /* median sorts them, which loses their order: only a copy. */
    double figures[ROUNDS_MAX];
    memcpy(figures, entry->figures[figure], (size_t)entry->rounds * sizeof *figures);
    spread.median = median(figures, (size_t)entry->rounds);
    spread.least = figures[0];
    spread.most = figures[entry->rounds - 1];
    return spread;
}

/* Digits that mean something, without an exponent, which neither people nor every JSON reader like. */
static char *print_figure(char buffer[32], double figure)
{
    snprintf(buffer, 32, figure < 10 ? "%.3f" : figure < 1000 ? "%.1f" : "%.0f", figure);
    return buffer;
}

/* What stands where a figure would. */
static const char *const words[] = {
    [STATUS_MISSING] = "not here", [STATUS_LATE] = "no answer", [STATUS_FAILED] = "failed"};

/* What is compared with a target: troupe's own figure, or its ratio to a peer's. */
static double value_beside(const struct row *row, size_t which, size_t figure)
{
    double own = spread_of(&row->entries[0], figure).median;
    double peer = which ? spread_of(&row->entries[which], figure).median : 1;
    return peer > 0 ? own / peer : 0;
}

static const struct target *target_of(const struct sheet *sheet, const struct row *row,
                                      size_t which, size_t figure)
{
    char name[96];
    if (sheet->is_quick)
        return NULL;
    return target_find(figure_name(row, figure, name), which ? row->entries[which].name : NULL);
}

/* Whether the target is met, or why that is not known. */
static const char *verdict(const struct row *row, size_t which, size_t figure,
                           const struct target *target)
{
    const struct entry *peer = &row->entries[which];
    if (row->entries[0].status != STATUS_FINE)
        return words[row->entries[0].status];
    if (peer->status == STATUS_MISSING)
        return "no peer here";
    if (peer->status != STATUS_FINE)
        return words[peer->status];
    return target_is_met(target, value_beside(row, which, figure)) ? "met" : "missed";
}

/* ---------------------------------------------------------------- for people: one line for each contestant */

enum column { NAME, UNIT, WHO, MEDIAN, LEAST, MOST, RATIO, TARGET, COLUMNS };

static const struct {
    const char *title;
    int flags;
} columns[COLUMNS] = {
    [NAME] = {"MEASUREMENT", 0},
    [UNIT] = {"UNIT", 0},
    [WHO] = {"WHO", 0},
    [MEDIAN] = {"MEDIAN", SCOLS_FL_RIGHT},
    [LEAST] = {"LEAST", SCOLS_FL_RIGHT},
    [MOST] = {"MOST", SCOLS_FL_RIGHT},
    [RATIO] = {"TROUPE IS", SCOLS_FL_RIGHT},
    [TARGET] = {"TARGET", 0},
};

static void fill_figures(struct libscols_line *line, const struct row *row, size_t which,
                         size_t figure)
{
    char text[32];
    const struct entry *entry = &row->entries[which];
    struct spread spread = spread_of(entry, figure);
    if (entry->status != STATUS_FINE) {
        scols_line_set_data(line, MEDIAN, words[entry->status]);
        return;
    }
    scols_line_set_data(line, MEDIAN, print_figure(text, spread.median));
    scols_line_set_data(line, LEAST, print_figure(text, spread.least));
    scols_line_set_data(line, MOST, print_figure(text, spread.most));
    if (which == 0 || row->entries[0].rounds == 0)
        return;
    snprintf(text, sizeof text, "%.2f x", value_beside(row, which, figure));
    scols_line_set_data(line, RATIO, text);
}

static void fill_line(struct libscols_line *line, const struct sheet *sheet, const struct row *row,
                      size_t which, size_t figure)
{
    char name[96], text[64], limit[32];
    const struct measurement *m = row->measurement;
    const struct target *target = target_of(sheet, row, which, figure);
    scols_line_set_data(line, NAME, figure_name(row, figure, name));
    scols_line_set_data(line, UNIT, m->figures[figure].unit);
    scols_line_set_data(line, WHO, row->entries[which].name);
    fill_figures(line, row, which, figure);
    if (!target)
        return;
    snprintf(limit, sizeof limit, which ? "%g x" : "%g", target->limit);
    snprintf(text, sizeof text, "%s %s: %s", target->is_at_least ? ">=" : "<=", limit,
             verdict(row, which, figure, target));
    scols_line_set_data(line, TARGET, text);
}

static void print_head(bool is_quick)
{
    char text[512];
    machine_describe(text, sizeof text);
    printf("%s\n", text);
    versions_describe(text, sizeof text);
    printf("%s\n", text);
    if (!rundir_is_tmpfs(text, sizeof text))
        printf("WARNING: the run directory %s is not in memory (tmpfs): its disk is measured too\n",
               text);
    if (!is_optimised)
        printf(
            "WARNING: built without optimisation or with a sanitizer: the figures mean nothing\n");
    if (is_quick)
        printf("WARNING: --quick shows that it works: the figures mean nothing\n");
    printf("\n");
}

void table_print(const struct sheet *sheet)
{
    struct libscols_table *table = scols_new_table();
    if (!table)
        return;
    for (int i = 0; i < COLUMNS; i++)
        scols_table_new_column(table, columns[i].title, 0, columns[i].flags);
    for (size_t i = 0; i < sheet->count; i++)
        for (size_t k = 0; k < figure_count(sheet->rows[i].measurement); k++)
            for (size_t n = 0; n < sheet->rows[i].entry_count; n++) {
                struct libscols_line *line = scols_table_new_line(table, NULL);
                if (line)
                    fill_line(line, sheet, &sheet->rows[i], n, k);
            }
    print_head(sheet->is_quick);
    scols_print_table(table);
    scols_unref_table(table);
}

/* ---------------------------------------------------------------- for programs: one row for each peer */

/* A string as JSON wants it; what is not text becomes a space. */
static void print_text(const char *key, const char *text)
{
    printf("\"%s\": \"", key);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar((unsigned char)*text < ' ' ? ' ' : *text);
    putchar('"');
}

static void print_number(const char *key, double number, bool is_known)
{
    char text[32];
    printf(", \"%s\": %s", key, is_known ? print_figure(text, number) : "null");
}

static void print_spread(const char *who, const struct entry *entry, size_t figure)
{
    char key[32];
    bool is_known = entry->status == STATUS_FINE;
    struct spread spread = spread_of(entry, figure);
    print_number(who, spread.median, is_known);
    snprintf(key, sizeof key, "%s_least", who);
    print_number(key, spread.least, is_known);
    snprintf(key, sizeof key, "%s_most", who);
    print_number(key, spread.most, is_known);
}

/* troupe's figure beside one peer's; which is 0 where there are no peers. */
static void print_row(const struct sheet *sheet, const struct row *row, size_t which, size_t figure)
{
    char name[96], text[32];
    const struct entry *peer = &row->entries[which];
    /* What the figure itself is limited to is told beside the first peer. */
    const struct target *target = target_of(sheet, row, which, figure);
    size_t beside = which;
    if (!target && which == 1) {
        target = target_of(sheet, row, 0, figure);
        beside = 0;
    }
    printf("{");
    print_text("name", figure_name(row, figure, name));
    printf(", ");
    print_text("unit", row->measurement->figures[figure].unit);
    print_spread("troupe", &row->entries[0], figure);
    if (which) {
        printf(", ");
        print_text("peer_name", peer->name);
        print_spread("peer", peer, figure);
    } else {
        printf(", \"peer_name\": null, \"peer\": null");
    }
    bool is_known = which && row->entries[0].status == STATUS_FINE && peer->status == STATUS_FINE;
    snprintf(text, sizeof text, "%.3f", value_beside(row, which, figure));
    printf(", \"ratio\": %s", is_known ? text : "null");
    if (target)
        printf(", \"target\": \"%s%s %g\", \"verdict\": \"%s\"", beside ? "ratio " : "",
               target->is_at_least ? ">=" : "<=", target->limit,
               verdict(row, beside, figure, target));
    printf("}");
}

void json_print(const struct sheet *sheet)
{
    char machine[512], versions[512];
    const char *separator = "\n    ";
    machine_describe(machine, sizeof machine);
    versions_describe(versions, sizeof versions);
    printf("{\n  ");
    print_text("machine", machine);
    printf(",\n  ");
    print_text("versions", versions);
    printf(",\n  \"rows\": [");
    for (size_t i = 0; i < sheet->count; i++) {
        const struct row *row = &sheet->rows[i];
        for (size_t k = 0; k < figure_count(row->measurement); k++)
            for (size_t n = row->entry_count > 1 ? 1 : 0; n < row->entry_count; n++) {
                printf("%s", separator);
                print_row(sheet, row, n, k);
                separator = ",\n    ";
            }
    }
    printf("\n  ]\n}\n");
}
