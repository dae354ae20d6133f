/* nodes: lists this user's nodes, the dead ones too, whose directories are still there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "column.h"
#include "command.h"
#include "grid.h"
#include "options.h"
#include "say.h"
#include "view.h"

struct listing {
    struct grid_style style;
    struct libscols_table *table;
    int result;
};

static const struct {
    const char *header, *key;
    int json_type;
    bool is_right;
    double share;
} node_columns[] = {
    {"NAME", "name", SCOLS_JSON_STRING, false, 0},
    {"STATE", "state", SCOLS_JSON_STRING, false, 0},
    {"ACTORS", "actors", SCOLS_JSON_NUMBER, true, 0},
    {"UP", "uptime_ms", SCOLS_JSON_NUMBER, true, 0},
    {"OS-PID", "os_pid", SCOLS_JSON_NUMBER, true, 0},
    {"DIR", "dir", SCOLS_JSON_STRING, false, 0.3},
};

static const char *condition_colour(const struct listing *listing, enum condition condition)
{
    if (!listing->style.is_coloured || condition == CONDITION_STARTING)
        return NULL;
    return condition == CONDITION_RUNNING ? "green"
           : condition == CONDITION_DEAD  ? "red"
                                          : "yellow";
}

/* A dead node has no actors and no age, whatever its last table says. */
static void fill_line(struct listing *listing, struct libscols_line *line, const struct view *view)
{
    const char *unknown = listing->style.is_json ? "" : "-";
    const struct tri_table_header *header = view->table.header;
    char actors[32] = "", up[32] = "", os_pid[32] = "";
    if (header && !view_is_dead(view)) {
        uint64_t up_ms = (tri_clock_ns() - header->boot_ns) / TRI_NS_PER_MS;
        snprintf(actors, sizeof actors, "%u", atomic_load(&header->actors));
        snprintf(os_pid, sizeof os_pid, "%d", header->node_os_pid);
        column_write_ms(up_ms, listing->style.is_json, up, sizeof up);
    }
    const char *cells[] = {
        view->dir.node,     condition_name(view->condition), *actors ? actors : unknown,
        *up ? up : unknown, *os_pid ? os_pid : unknown,      view->dir.path};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(cells) && listing->result == 0; i++)
        listing->result =
            grid_set(line, i, cells[i], i == 1 ? condition_colour(listing, view->condition) : NULL);
}

static void list_node(const char *node, void *context)
{
    struct listing *listing = context;
    struct tri_rundir dir;
    char why[640];
    if (tri_rundir_name(node, &dir, why, sizeof why))
        return;
    TRI_AUTO(view_close) struct view view;
    view_open_quietly(&view, &dir);
    struct libscols_line *line = scols_table_new_line(listing->table, NULL);
    if (line)
        fill_line(listing, line, &view);
    else
        listing->result = -ENOMEM;
}

static int list_all(struct listing *listing)
{
    TRI_AUTO(grid_freep) struct libscols_table *table = grid_new(&listing->style);
    if (!table)
        return -ENOMEM;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(node_columns); i++) {
        int r = grid_add_column(table, &listing->style, node_columns[i].header, node_columns[i].key,
                                node_columns[i].json_type, node_columns[i].is_right,
                                node_columns[i].share);
        if (r)
            return r;
    }
    listing->table = table;
    int r = tri_rundir_each(list_node, listing);
    if (r == 0)
        r = listing->result;
    if (r == 0 && (listing->style.is_json || scols_table_get_nlines(table) > 0))
        grid_print(table, 0);
    else if (r == 0)
        say("no node runs; start one with troupe run BINARY");
    return r;
}

enum { OPTION_NO_HEADER = 256 };

static const struct option own_options[] = {
    {"json", no_argument, NULL, 'J'},
    {"no-header", no_argument, NULL, OPTION_NO_HEADER},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_nodes, .argc = argc, .argv = argv, .own = own_options};
    struct listing listing = {.style = {.name = "nodes"}};
    for (int option; (option = options_next(&options)) != -1;) {
        listing.style.is_json |= option == 'J';
        listing.style.has_no_header |= option == OPTION_NO_HEADER;
    }
    options_expect(&options, 0, 0);
    listing.style.is_coloured = may_colour() && !listing.style.is_json;
    int r = list_all(&listing);
    if (r == 0)
        return ANSWER_FINE;
    say("the nodes cannot be listed: %s", tr_strerror(r));
    return ANSWER_NO_NODE;
}

const struct command command_nodes = {
    .name = "nodes",
    .arguments = "[-J] [--no-header]",
    .summary = "lists your nodes: running, starting, stopped, stopping or dead",
    .details = "  -J, --json            as JSON\n"
               "      --no-header       without the first line\n",
    .run = run,
};
