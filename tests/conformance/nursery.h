/* Nursery: children who do what a board tells them, and write on it when they come and go, the other party of the rules
 * about supervisors.
 *
 *     board_new();
 *     BOARD("{plan, b, {stop, no}}");          what b does in its next init but those planned before; `ok` when nothing is
 *     …
 *     BOARD_EXPECT("[{init, a}, {init, b}]");  all that has been written since the last look, in its order
 *
 * A child's argument is its id, or a list that ends with it; it has that name, too, and traps exits. */
#ifndef CONFORMANCE_NURSERY_H
#define CONFORMANCE_NURSERY_H

#include <signal.h>
#include <unistd.h>

#include "conformance/puppet.h"

/* ---------------------------------------------------------------- the board */

enum { BOARD_MAX = 4096 };

struct board {
    struct tr_out events[BOARD_MAX], plans[BOARD_MAX]; /* plans: {Id, Plan}; a used one is empty */
    size_t event_count, plan_count;
};

static inline struct tr_step board_init(tr_term argument, void **ret_state)
{
    static struct board board;
    (void)argument;
    *ret_state = &board;
    return tr_ok();
}

static inline void board_write(struct board *board, tr_term event)
{
    CHECK(board->event_count < BOARD_MAX);
    CHECK(tr_out_copy(&board->events[board->event_count++], event) == 0);
}

/* Everything written, which is wiped then, or not. */
static inline struct tr_step board_show(struct board *board, bool is_wiped)
{
    struct tr_out all = {0};
    tr_put_list_of(&all, (uint32_t)board->event_count);
    for (size_t i = 0; i < board->event_count; i++)
        tr_put_term(&all, tr_out_term(&board->events[i]));
    tr_put_nil(&all);
    if (is_wiped)
        board->event_count = 0;
    struct tr_step step = tr_answer("All", tr_out_term(&all));
    tr_out_deinit(&all);
    return step;
}

/* A child begins: its plan. */
static inline struct tr_step board_begin(struct board *board, tr_term id)
{
    struct tr_out event = {0};
    tr_term whose, plan;
    tr_put(&event, "{init, Id}", id);
    board_write(board, tr_out_term(&event));
    tr_out_deinit(&event);
    for (size_t i = 0; i < board->plan_count; i++) {
        if (board->plans[i].size_bytes == 0)
            continue;
        CHECK(tr_match(tr_out_term(&board->plans[i]), "{Whose, Plan}", &whose, &plan) == 0);
        if (tr_equal(whose, id)) {
            struct tr_step step = tr_answer("Plan", plan);
            tr_out_reset(&board->plans[i]);
            return step;
        }
    }
    return tr_answer("ok");
}

static inline struct tr_step board_handle_call(tr_term request, const struct tr_from *from,
                                               void *state)
{
    struct board *board = state;
    tr_term one, other;
    (void)from;
    if (tr_match(request, "{begin, Id}", &one) == 0)
        return board_begin(board, one);
    if (tr_match(request, "{write, Event}", &one) == 0)
        board_write(board, one);
    else if (tr_match(request, "{plan, Id, Plan}", &one, &other) == 0)
        CHECK(board->plan_count < BOARD_MAX &&
              tr_put(&board->plans[board->plan_count++], "{Id, Plan}", one, other) == 0);
    else if (tr_match(request, "show") == 0)
        return board_show(board, true);
    else if (tr_match(request, "look") == 0)
        return board_show(board, false);
    return tr_answer("ok");
}

static const struct tr_server_callbacks board_callbacks = {.init = board_init,
                                                           .handle_call = board_handle_call};
TR_SERVER(board, &board_callbacks)

static inline void board_new(void)
{
    struct tr_start_options options = {.name = "board"};
    tr_pid pid;
    CHECK(tr_server_start(&pid, "board", &options, "[]") == 0);
}

#define BOARD(...) tr_call_or_exit("board", CHECK_DEADLINE_MS, NULL, __VA_ARGS__)

#define BOARD_EXPECT(...)                                                                          \
    do {                                                                                           \
        TR_REPLY board_shown = {0};                                                                \
        tr_call_or_exit("board", CHECK_DEADLINE_MS, &board_shown, "show");                         \
        if (tr_match(board_shown.term, __VA_ARGS__))                                               \
            check_failed(__FILE__, __LINE__, "on the board: " #__VA_ARGS__, board_shown.term);     \
    } while (0)

/* Waits until something stands on the board, somewhere. */
static inline bool board_has(tr_term event)
{
    TR_REPLY shown = {0};
    struct tr_iter iter;
    tr_term each;
    tr_call_or_exit("board", CHECK_DEADLINE_MS, &shown, "look");
    CHECK(tr_get_list(shown.term, &iter));
    while (tr_next(&iter, &each))
        if (tr_equal(each, event))
            return true;
    return false;
}

#define BOARD_AWAIT(...)                                                                           \
    do {                                                                                           \
        struct tr_out board_wanted = {0};                                                          \
        tr_put(&board_wanted, __VA_ARGS__);                                                        \
        int board_waited_ms = 0;                                                                   \
        while (!board_has(tr_out_term(&board_wanted))) {                                           \
            if (board_waited_ms++ > CHECK_DEADLINE_MS)                                             \
                check_failed(__FILE__, __LINE__, "comes to the board: " #__VA_ARGS__,              \
                             (tr_term){0});                                                        \
            usleep(1000);                                                                          \
        }                                                                                          \
        tr_out_deinit(&board_wanted);                                                              \
    } while (0)

/* ---------------------------------------------------------------- children */

struct infant {
    struct tr_out id;
    char name[256];
    long gathers_at_end; /* so many must be about to end before this one does; 0: it just ends */
};

/* Waits until so many have come to the same point. */
static inline void infant_gather(long wanted)
{
    long here = 0;
    BOARD("{write, here}");
    for (int waited_ms = 0; here < wanted; waited_ms++) {
        TR_REPLY shown = {0};
        struct tr_iter iter;
        tr_term each;
        CHECK(waited_ms < CHECK_DEADLINE_MS);
        usleep(1000);
        tr_call_or_exit("board", CHECK_DEADLINE_MS, &shown, "look");
        tr_get_list(shown.term, &iter);
        for (here = 0; tr_next(&iter, &each);)
            here += tr_is_atom(each, "here");
    }
}

static inline struct tr_step infant_obey(tr_term order, struct tr_step step)
{
    tr_term term;
    long count;
    if (tr_match(order, "{stop, Reason}", &term) == 0)
        return tr_stop("Reason", term);
    if (tr_match(order, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    if (tr_match(order, "ignore") == 0)
        return tr_ignore();
    if (tr_match(order, "sigkill") == 0)
        kill(getpid(), SIGKILL);
    if (tr_match(order, "unlink") == 0)
        tr_unlink(tr_parent());
    if (tr_match(order, "{gather, Count}", &count) == 0)
        infant_gather(count);
    if (tr_match(order, "hang") == 0) {
        BOARD("{write, hangs}");
        for (;;)
            pause();
    }
    return step;
}

static inline tr_term infant_id(tr_term argument)
{
    struct tr_iter iter;
    tr_term each;
    if (tr_get_list(argument, &iter))
        while (tr_next(&iter, &each))
            argument = each;
    return argument;
}

static inline struct tr_step infant_init(tr_term argument, void **ret_state)
{
    static struct infant infant;
    TR_REPLY plan = {0};
    tr_term reason;
    tr_atom name;
    tr_trap_exit(true);
    CHECK(tr_out_copy(&infant.id, infant_id(argument)) == 0);
    *ret_state = &infant;
    if (tr_get_atom(tr_out_term(&infant.id), &name)) {
        tr_atom_text(name, infant.name, sizeof infant.name);
        tr_register(infant.name, tr_self());
    }
    tr_call_or_exit("board", CHECK_DEADLINE_MS, &plan, "{begin, Id}", tr_out_term(&infant.id));
    if (tr_match(plan.term, "tell_last_exit") == 0)
        BOARD("{write, {last_exit, Reason}}",
              tr_last_exit(&reason) ? reason : tr_out_term(&infant.id));
    tr_match(plan.term, "{gather_at_end, Count}", &infant.gathers_at_end);
    return infant_obey(plan.term, tr_ok());
}

static inline struct tr_step infant_handle_cast(tr_term message, void *state)
{
    (void)state;
    return infant_obey(message, tr_noreply());
}

static inline struct tr_step infant_handle_call(tr_term request, const struct tr_from *from,
                                                void *state)
{
    (void)from;
    (void)state;
    return tr_answer("R", request);
}

static inline struct tr_step infant_handle_info(tr_term message, void *state)
{
    (void)message;
    (void)state;
    return tr_noreply();
}

static inline void infant_terminate(tr_term reason, void *state)
{
    struct infant *infant = state;
    TR_REPLY unwanted = {0};
    tr_call("board", CHECK_DEADLINE_MS, &unwanted, "{write, {stopped, Id, Reason}}",
            tr_out_term(&infant->id), reason);
    if (infant->gathers_at_end)
        infant_gather(infant->gathers_at_end);
}

static const struct tr_server_callbacks infant_callbacks = {.init = infant_init,
                                                            .handle_call = infant_handle_call,
                                                            .handle_cast = infant_handle_cast,
                                                            .handle_info = infant_handle_info,
                                                            .terminate = infant_terminate};
TR_SERVER(infant, &infant_callbacks)

/* ---------------------------------------------------------------- names that outlive those who gave them */

TR_ACTOR(leaves_somebody_behind)
{
    char name[256];
    tr_atom given;
    CHECK(tr_get_atom(argument, &given));
    tr_atom_text(given, name, sizeof name);
    const struct tr_spawn_options named = {.name = name};
    CHECK(tr_spawn_term("puppet", &named, no_argument(), NULL, NULL) == 0);
}

/* A puppet that is nobody's any more, and has that name. */
static inline tr_pid orphan_new(const char *name)
{
    tr_ref ref;
    CHECK(tr_spawn_monitor(NULL, &ref, "leaves_somebody_behind", "Name", atom(name)) == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
    return tr_whereis(name);
}

/* Waits until one is monitored by the other. */
static inline void await_watcher(tr_pid pid, tr_pid watcher)
{
    struct tr_out info = {0};
    struct tr_iter iter;
    tr_term watchers, each;
    tr_pid who;
    bool is_watched = false;
    for (int waited_ms = 0; !is_watched; waited_ms++) {
        CHECK(waited_ms < CHECK_DEADLINE_MS);
        usleep(1000);
        tr_out_reset(&info);
        CHECK(tr_process_info(pid, &info) == 0);
        CHECK(tr_map_get_atom(tr_out_term(&info), "monitored_by", &watchers));
        CHECK(tr_get_list(watchers, &iter));
        while (tr_next(&iter, &each))
            is_watched |= tr_get_pid(each, &who) && tr_pid_equal(who, watcher);
    }
    tr_out_deinit(&info);
}

/* Waits until somebody else has that name. */
static inline tr_pid await_name(const char *name, tr_pid old)
{
    tr_pid pid;
    for (int waited_ms = 0;; waited_ms++) {
        pid = tr_whereis(name);
        if (!tr_pid_is_none(pid) && !tr_pid_equal(pid, old))
            return pid;
        CHECK(waited_ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

/* ---------------------------------------------------------------- a supervisor whose argument is {Flags, [Spec]} */

/* `told`: what is planned for `tree`. */
static inline void nursery_tree(tr_term argument, struct tr_tree *tree)
{
    TR_REPLY told = {0};
    if (tr_match(argument, "told") == 0) {
        tr_call_or_exit("board", CHECK_DEADLINE_MS, &told, "{begin, tree}");
        argument = told.term;
    }
    if (tr_match(argument, "ignore") == 0)
        tr_tree_ignore(tree);
    else
        tr_tree_of_term(argument, tree);
}
TR_SUPERVISOR(nursery, nursery_tree)

#endif
