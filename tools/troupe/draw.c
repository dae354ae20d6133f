/* Draw: cells and colours, and the tree of who spawned whom. */
#include "draw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static int json_type(enum value_kind kind)
{
    switch (kind) {
    case VALUE_NUMBER:
    case VALUE_REAL:
        return SCOLS_JSON_NUMBER;
    case VALUE_TRUTH:
        return SCOLS_JSON_BOOLEAN_OPTIONAL;
    default:
        return SCOLS_JSON_STRING;
    }
}

static const char *state_colour(const char *state)
{
    static const char *const colours[][2] = {
        {"running", "green"}, {"sending", "yellow"}, {"stopped", "yellow"}, {"exiting", "yellow"},
        {"starting", "cyan"}, {"zombie", "red"},     {"gone", "red"},       {"dead", "red"},
    };
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(colours); i++)
        if (strcmp(colours[i][0], state) == 0)
            return colours[i][1];
    return NULL;
}

static bool is_quiet_end(const char *reason)
{
    return !*reason || strcmp(reason, "normal") == 0 || strcmp(reason, "shutdown") == 0 ||
           strncmp(reason, "{shutdown,", 10) == 0;
}

static const char *cell_colour(const struct column *column, const struct sight *sight)
{
    if (strcmp(column->key, "state") == 0)
        return state_colour(sight->state);
    if (strcmp(column->key, "last_exit") == 0 && !is_quiet_end(sight->row.last_exit))
        return "red";
    return NULL;
}

static int add_line(struct libscols_table *table, const struct drawing *drawing,
                    const struct sight *sight, struct libscols_line *parent,
                    struct libscols_line **ret_line)
{
    char text[CELL_BYTES];
    struct libscols_line *line = scols_table_new_line(table, parent);
    if (!line)
        return -ENOMEM;
    for (size_t i = 0; i < drawing->column_count; i++) {
        const struct column *column = drawing->columns[i];
        const char *colour = drawing->style.is_coloured ? cell_colour(column, sight) : NULL;
        column_text(column, sight, drawing->style.is_json, text);
        int r = grid_set(line, i, text, colour);
        if (r)
            return r;
    }
    *ret_line = line;
    return 0;
}

/* The tree while it is made, by index into the sights; SIZE_MAX is nobody. */
struct family {
    size_t *parent, *first_child, *last_child, *next_sibling, *queue;
    struct libscols_line **lines;
};

static void family_deinit(struct family *family)
{
    free(family->parent);
    free(family->lines);
    *family = (struct family){0};
}

static int family_init(struct family *family, size_t count)
{
    size_t *places = malloc((count + 1) * 5 * sizeof *places);
    family->parent = places;
    family->lines = calloc(count + 1, sizeof *family->lines);
    if (!places || !family->lines)
        return -ENOMEM;
    family->first_child = places + count;
    family->last_child = places + 2 * count;
    family->next_sibling = places + 3 * count;
    family->queue = places + 4 * count;
    for (size_t i = 0; i < 4 * count; i++)
        places[i] = SIZE_MAX;
    return 0;
}

static void adopt(struct family *family, size_t parent, size_t child)
{
    family->parent[child] = parent;
    if (family->first_child[parent] == SIZE_MAX)
        family->first_child[parent] = child;
    else
        family->next_sibling[family->last_child[parent]] = child;
    family->last_child[parent] = child;
}

/* Finds everybody's parent. Whose parent is not listed (it died) belongs to the node. */
static int find_parents(struct family *family, const struct sight *sights, size_t count)
{
    size_t slots = 0, node = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t slot = tr_pid_slot(sights[i].pid);
        slots = slot >= slots ? slot + 1 : slots;
        if (sights[i].row.flags & TRI_ROW_NODE)
            node = i;
    }
    TRI_AUTO(tri_freep) size_t *by_slot = malloc((slots + 1) * sizeof *by_slot);
    if (!by_slot)
        return -ENOMEM;
    for (size_t i = 0; i < slots; i++)
        by_slot[i] = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        by_slot[tr_pid_slot(sights[i].pid)] = i;
    for (size_t i = 0; i < count; i++) {
        tr_pid parent = {sights[i].row.parent};
        size_t at = tr_pid_slot(parent) < slots ? by_slot[tr_pid_slot(parent)] : SIZE_MAX;
        if (at == SIZE_MAX || tr_pid_is_none(parent) || !tr_pid_equal(sights[at].pid, parent))
            at = node;
        if (at != SIZE_MAX && at != i)
            adopt(family, at, i);
    }
    return 0;
}

/* Adds one root and all below it, parents before children. */
static int add_descendants(struct libscols_table *table, const struct drawing *drawing,
                           const struct sight *sights, struct family *family, size_t root)
{
    size_t head = 0, tail = 0;
    family->queue[tail++] = root;
    while (head < tail) {
        size_t at = family->queue[head++];
        size_t parent = at == root ? SIZE_MAX : family->parent[at];
        int r = add_line(table, drawing, &sights[at],
                         parent == SIZE_MAX ? NULL : family->lines[parent], &family->lines[at]);
        if (r)
            return r;
        for (size_t child = family->first_child[at]; child != SIZE_MAX;
             child = family->next_sibling[child])
            if (!family->lines[child] && child != root)
                family->queue[tail++] = child;
    }
    return 0;
}

/* A table that a dying node left half written may hold a circle: whoever the roots do not reach becomes a root. */
static int add_tree(struct libscols_table *table, const struct drawing *drawing,
                    const struct sight *sights, size_t count)
{
    TRI_AUTO(family_deinit) struct family family = {0};
    int r = family_init(&family, count);
    if (r == 0)
        r = find_parents(&family, sights, count);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (family.parent[i] == SIZE_MAX)
            r = add_descendants(table, drawing, sights, &family, i);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!family.lines[i])
            r = add_descendants(table, drawing, sights, &family, i);
    return r;
}

static int add_list(struct libscols_table *table, const struct drawing *drawing,
                    const struct sight *sights, size_t count)
{
    struct libscols_line *line;
    for (size_t i = 0; i < count; i++) {
        int r = add_line(table, drawing, &sights[i], NULL, &line);
        if (r)
            return r;
    }
    return 0;
}

int draw_sights(const struct drawing *drawing, const struct sight *sights, size_t count)
{
    TRI_AUTO(grid_freep) struct libscols_table *table = grid_new(&drawing->style);
    if (!table)
        return -ENOMEM;
    for (size_t i = 0; i < drawing->column_count; i++) {
        const struct column *column = drawing->columns[i];
        bool is_number = column->kind == VALUE_NUMBER || column->kind == VALUE_REAL;
        int r = grid_add_column(table, &drawing->style, column->header, column->key,
                                json_type(column->kind), is_number, column->share);
        if (r)
            return r;
    }
    int r = drawing->style.is_tree ? add_tree(table, drawing, sights, count)
                                   : add_list(table, drawing, sights, count);
    if (r == 0)
        grid_print(table, drawing->max_lines);
    return r;
}
