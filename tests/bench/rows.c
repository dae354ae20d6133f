/* The result, as an aligned table for people and as JSON for programs. */
#include <stdio.h>

#include <libsmartcols.h>

#include "bench/bench.h"

enum column { NAME, UNIT, TROUPE, PEER_NAME, PEER, RATIO, TARGET, COLUMNS };

static const struct {
    const char *title, *key; /* no key: not in JSON */
    int flags, json_type;
} columns[COLUMNS] = {
    [NAME] = {"MEASUREMENT", "name", 0, SCOLS_JSON_STRING},
    [UNIT] = {"UNIT", "unit", 0, SCOLS_JSON_STRING},
    [TROUPE] = {"TROUPE", "troupe", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER},
    [PEER_NAME] = {"PEER", "peer_name", 0, SCOLS_JSON_STRING},
    [PEER] = {"FIGURE", "peer", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER},
    [RATIO] = {"RATIO", "ratio", SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER},
    [TARGET] = {"TARGET", NULL, 0, 0},
};

/* Digits that mean something, without an exponent, which neither people nor every JSON reader like. */
static void print_figure(char *buffer, size_t size_bytes, double figure)
{
    snprintf(buffer, size_bytes, figure < 10 ? "%.3f" : figure < 1000 ? "%.1f" : "%.0f", figure);
}

/* What the issue asked for, and whether it is so. Only the first peer's row bears it. */
static void print_target(char *buffer, size_t size_bytes, const struct row *row)
{
    const struct measurement *m = row->measurement;
    buffer[0] = '\0';
    if (row->peer_name != m->peers[0].name)
        return;
    if (m->ratio_limit > 0)
        snprintf(buffer, size_bytes, "ratio <= %g: %s", m->ratio_limit,
                 row->troupe <= m->ratio_limit * row->peer ? "met" : "missed");
    else if (m->limit > 0)
        snprintf(buffer, size_bytes, "<= %g %s: %s", m->limit, m->unit,
                 row->troupe <= m->limit ? "met" : "missed");
}

static void fill_line(struct libscols_line *line, const struct row *row, bool is_json)
{
    char text[64];
    scols_line_set_data(line, NAME, row->name);
    scols_line_set_data(line, UNIT, row->measurement->unit);
    print_figure(text, sizeof text, row->troupe);
    scols_line_set_data(line, TROUPE, text);
    scols_line_set_data(line, PEER_NAME, row->peer_name);
    print_figure(text, sizeof text, row->peer);
    scols_line_set_data(line, PEER, text);
    snprintf(text, sizeof text, "%.3f", row->peer > 0 ? row->troupe / row->peer : 0);
    scols_line_set_data(line, RATIO, text);
    if (is_json)
        return;
    print_target(text, sizeof text, row);
    scols_line_set_data(line, TARGET, text);
}

void rows_print(const struct row *rows, size_t count, bool is_json)
{
    struct libscols_table *table = scols_new_table();
    if (!table)
        return;
    scols_table_enable_json(table, is_json);
    scols_table_set_name(table, "rows");
    for (int i = 0; i < COLUMNS; i++) {
        const char *title = is_json ? columns[i].key : columns[i].title;
        if (!title)
            continue;
        struct libscols_column *column = scols_table_new_column(table, title, 0, columns[i].flags);
        if (column && is_json)
            scols_column_set_json_type(column, columns[i].json_type);
    }
    for (size_t i = 0; i < count; i++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        if (line)
            fill_line(line, &rows[i], is_json);
    }
    char machine[256];
    machine_describe(machine, sizeof machine);
    if (!is_json)
        printf("%s\n\n", machine);
    scols_print_table(table);
    scols_unref_table(table);
}
