/* tree: the supervisors of a node with their children, as they themselves tell it: strategy, how much of the intensity is
 * used, how often each child was started again, and why it ended last. All are asked at once, so that those who do not
 * answer cost one time-out together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/auto.h"
#include "base/clock.h"
#include "column.h"
#include "grid.h"
#include "say.h"
#include "sight.h"
#include "who.h"

enum cell {
    CELL_ID,
    CELL_PID,
    CELL_STATE,
    CELL_TYPE,
    CELL_RESTART,
    CELL_STRATEGY,
    CELL_USED,
    CELL_RECENT,
    CELL_INTENSITY,
    CELL_PERIOD,
    CELL_RESTARTS,
    CELL_LAST_EXIT,
    CELLS,
};

/* Columns without a header are for programs only, those without a key for people. */
static const struct {
    const char *header, *key;
    int json_type;
    bool is_right;
    double share;
} tree_columns[CELLS] = {
    [CELL_ID] = {"ID", "id", SCOLS_JSON_STRING, false, 0},
    [CELL_PID] = {"PID", "pid", SCOLS_JSON_STRING, false, 0},
    [CELL_STATE] = {"STATE", "state", SCOLS_JSON_STRING, false, 0},
    [CELL_TYPE] = {NULL, "type", SCOLS_JSON_STRING, false, 0},
    [CELL_RESTART] = {"RESTART", "restart", SCOLS_JSON_STRING, false, 0},
    [CELL_STRATEGY] = {"STRATEGY", "strategy", SCOLS_JSON_STRING, false, 0},
    [CELL_USED] = {"USED", NULL, SCOLS_JSON_STRING, false, 0},
    [CELL_RECENT] = {NULL, "recent_restarts", SCOLS_JSON_NUMBER, true, 0},
    [CELL_INTENSITY] = {NULL, "intensity", SCOLS_JSON_NUMBER, true, 0},
    [CELL_PERIOD] = {NULL, "period_s", SCOLS_JSON_NUMBER, true, 0},
    [CELL_RESTARTS] = {"RST", "restarts", SCOLS_JSON_NUMBER, true, 0},
    [CELL_LAST_EXIT] = {"LAST-EXIT", "last_exit", SCOLS_JSON_STRING, false, 0.2},
};

/* One line while it is made; the texts are owned. */
struct leaf {
    char *cells[CELLS];
    tr_pid pid; /* TR_NO_PID: it does not run */
    bool is_supervisor;
};

/* What one of the sights has answered. */
struct answer {
    int outcome; /* of tr_wait_responses; TR_FIRED: it was not asked */
    struct tr_reply reply;
    /* a supervisor may tell nonsense, and name itself as its child */
    bool is_drawn;
};

struct tree {
    struct guest guest;
    struct grid_style style;
    struct libscols_table *table;
    int64_t timeout_ms;
    struct sights sights;
    struct answer *answers; /* of each sight */
    /* to each; those that were answered, and those never made, are none */
    struct tr_request *requests;
    unsigned silent;
};

static void leaf_deinit(struct leaf *leaf)
{
    for (size_t i = 0; i < CELLS; i++)
        free(leaf->cells[i]);
    *leaf = (struct leaf){.pid = TR_NO_PID};
}

static void tree_deinit(struct tree *tree)
{
    grid_freep(&tree->table);
    for (size_t i = 0; tree->answers && i < tree->sights.count; i++)
        tr_reply_deinit(&tree->answers[i].reply);
    free(tree->answers);
    free(tree->requests);
    sights_deinit(&tree->sights);
    guest_leave(&tree->guest);
}

static void set(struct leaf *leaf, enum cell cell, char *text)
{
    free(leaf->cells[cell]);
    leaf->cells[cell] = text;
}

static void set_copy(struct leaf *leaf, enum cell cell, const char *text)
{
    set(leaf, cell, *text ? strdup(text) : NULL);
}

static void set_number(struct leaf *leaf, enum cell cell, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    set_copy(leaf, cell, text);
}

/* Who of the sights, which are in the order of their slots, has that pid; NULL for nobody. */
static const struct sight *find_sight(const struct tree *tree, tr_pid pid)
{
    const struct sight *sights = tree->sights.at;
    size_t from = 0, to = tree->sights.count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (tr_pid_slot(sights[middle].pid) < tr_pid_slot(pid))
            from = middle + 1;
        else
            to = middle;
    }
    return from < tree->sights.count && tr_pid_equal(sights[from].pid, pid) ? &sights[from] : NULL;
}

static bool is_supervisor(const struct sight *sight)
{
    return sight && !sight->is_dead && sight->behaviour == TRI_BEHAVIOUR_SUPERVISOR;
}

static struct answer *answer_of(const struct tree *tree, const struct sight *sight)
{
    return &tree->answers[sight - tree->sights.at];
}

/* ---------------------------------------------------------------- asking */

/* Has it been spawned by this one, or by one who has? The chain ends: a parent has an earlier birth. */
static bool is_below(const struct tree *tree, const struct sight *sight, tr_pid top)
{
    for (size_t i = 0; sight && i < tree->sights.count; i++) {
        if (tr_pid_equal(sight->pid, top))
            return true;
        sight = find_sight(tree, (tr_pid){sight->row.parent});
    }
    return false;
}

static int make_answers(struct tree *tree)
{
    tree->answers = calloc(tree->sights.count + 1, sizeof *tree->answers);
    tree->requests = calloc(tree->sights.count + 1, sizeof *tree->requests);
    if (!tree->answers || !tree->requests)
        return -ENOMEM;
    for (size_t i = 0; i < tree->sights.count; i++)
        tree->answers[i].outcome = TR_FIRED;
    return 0;
}

static void ask(struct tree *tree, const struct sight *sight)
{
    struct answer *answer = answer_of(tree, sight);
    struct tr_request *request = &tree->requests[sight - tree->sights.at];
    answer->outcome = tr_sys_send_request(sight->pid, request, "get_state");
    if (answer->outcome == 0)
        answer->outcome = TR_TIMEOUT; /* until it is heard */
}

/* Those from top downward, or all. Those who do not answer in time are drawn without their children, and counted. */
static int ask_all(struct tree *tree, tr_pid top)
{
    uint64_t deadline_ns = tri_deadline_ns(tree->timeout_ms);
    int r = make_answers(tree);
    for (size_t i = 0; r == 0 && i < tree->sights.count; i++) {
        const struct sight *sight = &tree->sights.at[i];
        if (is_supervisor(sight) && (tr_pid_is_none(top) || is_below(tree, sight, top)))
            ask(tree, sight);
    }
    while (r == 0) {
        size_t which;
        struct tr_reply reply = {0};
        int outcome = tr_wait_responses(tree->requests, tree->sights.count,
                                        tri_poll_timeout_ms(deadline_ns), &which, &reply);
        if (outcome == TR_FIRED || outcome == TR_TIMEOUT)
            return 0;
        r = outcome < 0 ? outcome : 0;
        if (r == 0)
            tree->answers[which] = (struct answer){.outcome = outcome, .reply = reply};
    }
    return r;
}

/* ---------------------------------------------------------------- what is told */

/* Shows a map's value as text, when it has it. */
static void set_value(struct leaf *leaf, enum cell cell, tr_term map, const char *key)
{
    tr_term value;
    if (tr_map_get_atom(map, key, &value))
        set(leaf, cell, tr_print_new(value));
}

/* A child as its supervisor tells of it: #{id, child, type, restart, restarts, last_exit}. */
static void read_child(struct leaf *leaf, tr_term map)
{
    tr_term value;
    set_value(leaf, CELL_ID, map, "id");
    set_value(leaf, CELL_TYPE, map, "type");
    set_value(leaf, CELL_RESTART, map, "restart");
    set_value(leaf, CELL_RESTARTS, map, "restarts");
    set_value(leaf, CELL_LAST_EXIT, map, "last_exit");
    leaf->is_supervisor = tr_map_get_atom(map, "type", &value) && tr_is_atom(value, "supervisor");
    if (tr_map_get_atom(map, "child", &value) && !tr_get_pid(value, &leaf->pid))
        set_copy(leaf, CELL_STATE, tr_is_atom(value, "restarting") ? "restarting" : "ended");
}

/* What the node knows of it. A child of a dynamic supervisor has no id: it is called as ps calls it. */
static void read_sight(struct leaf *leaf, const struct sight *sight)
{
    set_copy(leaf, CELL_PID, sight->pid_text);
    set_copy(leaf, CELL_STATE, sight->state);
    const char *id = leaf->cells[CELL_ID];
    if (!id || strcmp(id, "undefined") == 0)
        set_copy(leaf, CELL_ID, sight->row.has_name ? sight->row.name : sight->row.entry);
}

/* A supervisor of which no other one tells. */
static void read_root(struct leaf *leaf, const struct sight *sight)
{
    leaf->pid = sight->pid;
    leaf->is_supervisor = true;
    set_copy(leaf, CELL_TYPE, "supervisor");
    set_number(leaf, CELL_RESTARTS, sight->row.restarts);
    set_copy(leaf, CELL_LAST_EXIT, sight->row.last_exit);
}

/* A supervisor's own state: #{strategy, restarts, intensity, period, children, …}. */
static void read_supervisor(struct leaf *leaf, tr_term state, struct tr_iter *ret_children)
{
    char *used = NULL;
    tr_term children;
    set_value(leaf, CELL_STRATEGY, state, "strategy");
    set_value(leaf, CELL_RECENT, state, "restarts");
    set_value(leaf, CELL_INTENSITY, state, "intensity");
    set_value(leaf, CELL_PERIOD, state, "period");
    if (tr_map_get_atom(state, "children", &children) && !tr_get_list(children, ret_children))
        ret_children->left = 0;
    if (leaf->cells[CELL_RECENT] && leaf->cells[CELL_INTENSITY] && leaf->cells[CELL_PERIOD] &&
        asprintf(&used, "%s of %s in %s s", leaf->cells[CELL_RECENT], leaf->cells[CELL_INTENSITY],
                 leaf->cells[CELL_PERIOD]) > 0)
        set(leaf, CELL_USED, used);
}

/* ---------------------------------------------------------------- drawing */

static int draw_cells(const struct tree *tree, struct libscols_line *line, const struct leaf *leaf)
{
    size_t place = 0;
    for (size_t i = 0; i < CELLS; i++) {
        if (tree->style.is_json ? !tree_columns[i].key : !tree_columns[i].header)
            continue;
        const char *missing = tree->style.is_json ? "" : "-";
        int r = grid_set(line, place++, leaf->cells[i] ? leaf->cells[i] : missing, NULL);
        if (r)
            return r;
    }
    return 0;
}

static int draw(struct tree *tree, struct leaf *leaf, struct libscols_line *parent);

static int draw_children(struct tree *tree, struct tr_iter children, struct libscols_line *line)
{
    tr_term child;
    int r = 0;
    while (r == 0 && tr_next(&children, &child)) {
        TRI_AUTO(leaf_deinit) struct leaf leaf = {.pid = TR_NO_PID};
        read_child(&leaf, child);
        r = draw(tree, &leaf, line);
    }
    return r;
}

/* A branch is drawn depth first; its depth is at most the number of supervisors, because each is drawn once with its
 * children. */
static int draw(struct tree *tree, struct leaf *leaf, struct libscols_line *parent)
{
    struct tr_iter children = {0};
    const struct sight *sight = find_sight(tree, leaf->pid);
    struct answer *answer = sight ? answer_of(tree, sight) : NULL;
    struct libscols_line *line = scols_table_new_line(tree->table, parent);
    if (!line)
        return -ENOMEM;
    if (sight)
        read_sight(leaf, sight);
    if (leaf->is_supervisor && is_supervisor(sight) && !answer->is_drawn) {
        answer->is_drawn = true;
        if (answer->outcome == 0)
            read_supervisor(leaf, answer->reply.term, &children);
        else if (answer->outcome == TR_TIMEOUT)
            set_copy(leaf, CELL_STATE, "silent");
        tree->silent += answer->outcome == TR_TIMEOUT;
    }
    int r = draw_cells(tree, line, leaf);
    return r ? r : draw_children(tree, children, line);
}

static int draw_root(struct tree *tree, const struct sight *sight)
{
    TRI_AUTO(leaf_deinit) struct leaf leaf = {.pid = TR_NO_PID};
    read_root(&leaf, sight);
    return draw(tree, &leaf, NULL);
}

/* Who was not started by a supervisor is a root; then whoever no root has told of. */
static int draw_all(struct tree *tree)
{
    int r = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; r == 0 && i < tree->sights.count; i++) {
            const struct sight *sight = &tree->sights.at[i];
            bool has_supervisor = is_supervisor(find_sight(tree, (tr_pid){sight->row.parent}));
            if (is_supervisor(sight) && !tree->answers[i].is_drawn &&
                (pass == 1 || !has_supervisor))
                r = draw_root(tree, sight);
        }
    return r;
}

/* ---------------------------------------------------------------- the command */

static int make_table(struct tree *tree)
{
    tree->table = grid_new(&tree->style);
    if (!tree->table)
        return -ENOMEM;
    for (size_t i = 0; i < CELLS; i++) {
        if (tree->style.is_json ? !tree_columns[i].key : !tree_columns[i].header)
            continue;
        int r = grid_add_column(tree->table, &tree->style, tree_columns[i].header,
                                tree_columns[i].key, tree_columns[i].json_type,
                                tree_columns[i].is_right, tree_columns[i].share);
        if (r)
            return r;
    }
    return 0;
}

static int draw_one(struct tree *tree, tr_pid pid, const char *who)
{
    const struct sight *sight = find_sight(tree, pid);
    if (is_supervisor(sight))
        return draw_root(tree, sight);
    say("tree: %s is no supervisor; troupe tree without it shows those that there are", who);
    return TR_NOPROC;
}

/* Without who: all. Returns an exit status. */
static int show(struct tree *tree, const char *who)
{
    tr_pid pid = TR_NO_PID;
    int answer = who ? who_find(&tree->guest.view, who, &pid) : 0;
    if (answer)
        return answer;
    int r = sights_take(&tree->guest.view, 0, NULL, &tree->sights);
    if (r == 0)
        r = ask_all(tree, pid);
    if (r == 0)
        r = make_table(tree);
    if (r == 0)
        r = who ? draw_one(tree, pid, who) : draw_all(tree);
    if (r == TR_NOPROC)
        return ANSWER_NOTHING;
    if (r) {
        say("tree: %s", tr_strerror(r));
        return ANSWER_NOTHING;
    }
    bool is_empty = scols_table_get_nlines(tree->table) == 0;
    if (!is_empty || tree->style.is_json)
        grid_print(tree->table, 0);
    if (is_empty)
        say("node %s has no supervisors; troupe ps --tree shows who spawned whom",
            tree->guest.view.dir.node);
    if (tree->silent)
        say("tree: %u of the supervisors did not answer in time; troupe info tells what they do, "
            "--timeout waits longer",
            tree->silent);
    return tree->silent ? ANSWER_NOTHING : ANSWER_FINE;
}

enum { OPTION_NO_HEADER = 256 };

static const struct option own_options[] = {
    {"json", no_argument, NULL, 'J'},
    {"no-header", no_argument, NULL, OPTION_NO_HEADER},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_tree, .argc = argc, .argv = argv, .own = own_options};
    TRI_AUTO(tree_deinit)
    struct tree tree = {.guest = GUEST_NONE,
                        .style = {.name = "supervisors", .is_tree = true},
                        .timeout_ms = ASK_TIMEOUT_MS};
    for (int option; (option = options_next(&options)) != -1;) {
        tree.style.is_json |= option == 'J';
        tree.style.has_no_header |= option == OPTION_NO_HEADER;
        if (option == 't')
            tree.timeout_ms = (int64_t)options_duration_ms(&options, "--timeout", optarg);
    }
    options_expect(&options, 0, 1);
    int answer = guest_enter(&tree.guest, options.node, "troupe tree");
    if (answer)
        return answer;
    return show(&tree, options.argument_count ? options.arguments[0] : NULL);
}

const struct command command_tree = {
    .name = "tree",
    .arguments = "[-n NODE] [-J] [--no-header] [-t TIME] [WHO]",
    .summary = "shows supervisors and their children; all, or from one downward",
    .details =
        "  USED tells how many restarts within how many seconds a supervisor has used, and may use "
        "before "
        "it gives\n"
        "  up; RST how often a child was started again, and LAST-EXIT why it ended last.\n"
        "  -J, --json            as JSON\n"
        "      --no-header       without the first line\n"
        "  -t, --timeout TIME    how long to wait for their answers, 5s unless you say otherwise\n",
    .run = run,
};
