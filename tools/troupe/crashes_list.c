/* crashes: the list of all reports, oldest first, so that the newest stands above the next prompt. */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "command.h"
#include "crashes.h"
#include "grid.h"
#include "say.h"

static const struct {
    const char *header, *key;
    double share;
} crash_columns[] = {
    {"ID", "id", 0},       {"WHEN", "time", 0}, {"NODE", "node", 0},       {"PID", "pid", 0},
    {"ENTRY", "entry", 0}, {"NAME", "name", 0}, {"REASON", "reason", 0.3}, {"AT", "at", 0.3},
};

enum { COLUMN_WHEN = 1, COLUMN_REASON = 6, COLUMNS = TRI_ARRAY_LENGTH(crash_columns) };

static int add_crash(struct libscols_table *table, const struct grid_style *style,
                     const struct crash *crash, bool is_report)
{
    char text[512];
    int r = 0;
    struct libscols_line *line = scols_table_new_line(table, NULL);
    if (!line)
        return -ENOMEM;
    for (size_t i = 0; i < COLUMNS && r == 0; i++) {
        const char *colour = style->is_coloured && i == COLUMN_REASON ? "red" : NULL;
        crash_text(crash->report, crash_columns[i].key, text, sizeof text);
        if (i == COLUMN_WHEN && !style->is_json)
            crash_when(crash->report, text, sizeof text);
        else if (i == COLUMN_REASON)
            crash_why(crash->report, text, sizeof text);
        if (i == COLUMN_REASON && !is_report)
            snprintf(text, sizeof text, "%s", style->is_json ? "" : "(no report of ours)");
        r = grid_set(line, i, i == 0 ? crash->id : *text || style->is_json ? text : "-", colour);
    }
    return r;
}

static int add_all(struct libscols_table *table, const struct grid_style *style,
                   const struct tri_keepsake *entries, size_t count, const char *node)
{
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        TRI_AUTO(crash_deinit) struct crash crash = {.id = ""};
        r = crash_read(entries[i].id, &crash);
        bool is_report = r == 0;
        if (is_report || r == TR_MALFORMED)
            r = crash_is_of_node(&crash, node) ? add_crash(table, style, &crash, is_report) : 0;
        else if (r == -ENOENT) /* removed meanwhile */
            r = 0;
    }
    return r;
}

int crashes_list(const char *node, bool is_json, bool has_no_header)
{
    const struct grid_style style = {.name = "crashes",
                                     .is_json = is_json,
                                     .has_no_header = has_no_header,
                                     .is_coloured = may_colour() && !is_json};
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    TRI_AUTO(grid_freep) struct libscols_table *table = grid_new(&style);
    size_t count;
    int r = tri_store_list(&entries, &count);
    if (r)
        return r;
    if (!table)
        return -ENOMEM;
    for (size_t i = 0; i < COLUMNS && r == 0; i++)
        r = grid_add_column(table, &style, crash_columns[i].header, crash_columns[i].key,
                            SCOLS_JSON_STRING, false, crash_columns[i].share);
    if (r == 0)
        r = add_all(table, &style, entries, count, node);
    if (r == 0 && (is_json || scols_table_get_nlines(table) > 0))
        grid_print(table, 0);
    else if (r == 0)
        say("no report of a crash%s%s is kept", node ? " of node " : "", node ? node : "");
    return r;
}
