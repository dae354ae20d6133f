/* info: everything that is known of one actor: what the node says, and what table, flight recorder and kernel add. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "column.h"
#include "command.h"
#include "grid.h"
#include "guest.h"
#include "options.h"
#include "say.h"
#include "term/utf8.h"
#include "troupe/node.h"
#include "who.h"

#define FACTS_MAX 128

struct fact {
    char key[64];
    char *text; /* for people; owned */
    char *json; /* for programs, "" for null; lists one element a line; owned */
    int json_type;
};

struct facts {
    struct fact at[FACTS_MAX];
    size_t count;
};

static void facts_deinit(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->at[i].text);
        free(facts->at[i].json);
    }
    facts->count = 0;
}

static bool has_fact(const struct facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->at[i].key, key) == 0)
            return true;
    return false;
}

/* Takes both texts, which malloc gave. */
static int add_fact(struct facts *facts, const char *key, char *text, char *json, int json_type)
{
    if (!text || !json || facts->count == FACTS_MAX) {
        free(text);
        free(json);
        return -ENOMEM;
    }
    struct fact *fact = &facts->at[facts->count++];
    snprintf(fact->key, sizeof fact->key, "%.*s", (int)sizeof fact->key - 1, key);
    fact->text = text;
    fact->json = json;
    fact->json_type = json_type;
    return 0;
}

/* ---------------------------------------------------------------- what the node says */

/* A term's plain text: a binary's own characters when nothing in it would spoil a line, else as Erlang prints it. */
static char *plain_text(tr_term term)
{
    tr_bin binary;
    if (!tr_get_binary(term, &binary))
        return tr_print_new(term);
    const char *data = binary.data;
    size_t characters;
    bool is_plain = tri_utf8_count(binary.data, binary.size_bytes, &characters);
    for (size_t i = 0; is_plain && i < binary.size_bytes; i++)
        is_plain = (unsigned char)data[i] >= 0x20 && data[i] != 0x7f;
    if (!is_plain)
        return tr_print_new(term);
    return strndup(binary.size_bytes ? data : "", binary.size_bytes);
}

/* The elements of a list, one a line, as libsmartcols wants them. */
static char *lines_of_list(struct tr_iter iter)
{
    char *lines = strdup("");
    for (tr_term element; lines && tr_next(&iter, &element);) {
        TRI_AUTO(tri_freep) char *text = plain_text(element);
        char *more = NULL;
        if (!text || asprintf(&more, "%s%s%s", lines, *lines ? "\n" : "", text) < 0)
            more = NULL;
        free(lines);
        lines = more;
    }
    return lines;
}

static char *json_of_term(tr_term term, int *ret_type)
{
    struct tr_iter iter;
    bool is_true;
    double real;
    *ret_type = SCOLS_JSON_STRING;
    if (tr_kind_of(term) == TR_KIND_INTEGER || tr_kind_of(term) == TR_KIND_BIGNUM ||
        tr_get_float(term, &real)) {
        *ret_type = SCOLS_JSON_NUMBER;
        return tr_print_new(term);
    }
    if (tr_get_bool(term, &is_true)) {
        *ret_type = SCOLS_JSON_BOOLEAN;
        return strdup(is_true ? "1" : "0");
    }
    if (tr_get_list(term, &iter)) {
        /* libsmartcols would write a list without lines as [null]; a number it writes as it stands. */
        *ret_type = iter.left ? SCOLS_JSON_ARRAY_STRING : SCOLS_JSON_NUMBER;
        return iter.left ? lines_of_list(iter) : strdup("[]");
    }
    return tr_is_atom(term, "undefined") ? strdup("") : plain_text(term);
}

static int add_map(struct facts *facts, tr_term map)
{
    struct tr_iter iter;
    tr_term key, value;
    char name[TR_ATOM_MAX_BYTES + 1];
    int json_type, r = 0;
    if (!tr_get_map(map, &iter))
        return 0;
    while (r == 0 && tr_next(&iter, &key) && tr_next(&iter, &value)) {
        tr_atom atom;
        if (!tr_get_atom(key, &atom))
            continue;
        tr_atom_text(atom, name, sizeof name);
        char *json = json_of_term(value, &json_type);
        r = add_fact(facts, name, plain_text(value), json, json_type);
    }
    return r;
}

static int ask_node(const struct view *view, tr_pid pid, struct facts *facts)
{
    TRI_AUTO(tr_out_deinit) struct tr_out map = {0};
    char why[640];
    if (guest_join(view, "troupe info", why, sizeof why)) {
        say("%s; what follows is what the table knows", why);
        return 0;
    }
    int r = tr_process_info(pid, &map);
    tr_guest_leave();
    if (r == 0)
        return add_map(facts, tr_out_term(&map));
    say("the node does not tell (%s); what follows is what the table knows", tr_strerror(r));
    return 0;
}

/* ---------------------------------------------------------------- what others know */

/* What process_info tells under Erlang's names is not repeated under ours. */
static const char *erlang_name(const char *key)
{
    static const char *const names[][2] = {
        {"name", "registered_name"},
        {"mailbox", "message_queue_len"},
        {"mailbox_bytes", "message_queue_bytes"},
        {"traps_exits", "trap_exit"},
    };
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(names); i++)
        if (strcmp(names[i][0], key) == 0)
            return names[i][1];
    return key;
}

static int type_of(const struct column *column)
{
    if (column->kind == VALUE_NUMBER || column->kind == VALUE_REAL)
        return SCOLS_JSON_NUMBER;
    return column->kind == VALUE_TRUTH ? SCOLS_JSON_BOOLEAN_OPTIONAL : SCOLS_JSON_STRING;
}

static int add_sight(struct facts *facts, const struct sight *sight)
{
    char buffer[CELL_BYTES];
    int r = 0;
    for (size_t i = 0; r == 0 && i < column_count; i++) {
        const struct column *column = &columns[i];
        if (has_fact(facts, column->key) || has_fact(facts, erlang_name(column->key)))
            continue;
        char *text = strdup(column_text(column, sight, false, buffer));
        char *json = strdup(column_text(column, sight, true, buffer));
        r = add_fact(facts, column->key, text, json, type_of(column));
    }
    return r;
}

/* ---------------------------------------------------------------- printing */

/* A key without its unit: what people read bears the unit itself ("0.3s"). */
static int label_length(const char *key)
{
    size_t length = strlen(key);
    bool has_unit = length > 3 && strcmp(key + length - 3, "_ms") == 0;
    return (int)(has_unit ? length - 3 : length);
}

static void print_lines(const struct facts *facts)
{
    int width = 0;
    for (size_t i = 0; i < facts->count; i++)
        if (label_length(facts->at[i].key) > width)
            width = label_length(facts->at[i].key);
    for (size_t i = 0; i < facts->count; i++)
        printf("%-*.*s  %s\n", width, label_length(facts->at[i].key), facts->at[i].key,
               facts->at[i].text);
}

static int print_json(const struct facts *facts)
{
    const struct grid_style style = {.name = "actors", .is_json = true};
    TRI_AUTO(grid_freep) struct libscols_table *table = grid_new(&style);
    if (!table)
        return -ENOMEM;
    for (size_t i = 0; i < facts->count; i++) {
        int r = grid_add_column(table, &style, facts->at[i].key, facts->at[i].key,
                                facts->at[i].json_type, false, 0);
        if (r)
            return r;
    }
    struct libscols_line *line = scols_table_new_line(table, NULL);
    for (size_t i = 0; i < facts->count; i++)
        if (!line || grid_set(line, i, facts->at[i].json, NULL))
            return -ENOMEM;
    grid_print(table, 0);
    return 0;
}

static int show(const struct view *view, tr_pid pid, bool is_json)
{
    TRI_AUTO(facts_deinit) struct facts facts = {.count = 0};
    struct sight sight;
    int r = ask_node(view, pid, &facts);
    if (r == 0 && sight_take(view, tr_pid_slot(pid), &sight)) {
        if (tr_pid_equal(sight.pid, pid))
            r = add_sight(&facts, &sight);
        sight_deinit(&sight);
    }
    if (r == 0 && is_json)
        r = print_json(&facts);
    else if (r == 0)
        print_lines(&facts);
    return r ? guest_fail("info", r) : ANSWER_FINE;
}

static const struct option own_options[] = {
    {"json", no_argument, NULL, 'J'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_info, .argc = argc, .argv = argv, .own = own_options};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    bool is_json = false;
    tr_pid pid;

    while (options_next(&options) == 'J')
        is_json = true;
    options_expect(&options, 1, 1);
    int answer = view_open(&view, options.node);
    if (answer == 0)
        answer = who_find(&view, options.arguments[0], &pid);
    return answer ? answer : show(&view, pid, is_json);
}

const struct command command_info = {
    .name = "info",
    .arguments = "[-n NODE] [-J] WHO",
    .summary = "tells everything that is known of an actor",
    .details = "  -J, --json            as JSON\n",
    .run = run,
};
