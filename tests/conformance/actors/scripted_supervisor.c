/* Scripted supervisor: the troupe side of test_erl_supervisor.c: plays a script with a supervisor and prints what
 * erl_supervisor.erl prints. */
#include "conformance/nursery.h"
#include "conformance/script.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- acts: each appends its result */

static void start(tr_term argument, struct tr_out *result)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "sup", .ret_reason = &why};
    tr_pid pid;
    int r = tr_server_start_term("nursery", TR_SPAWN_LINK, &options, argument, &pid, NULL);
    if (r == 0)
        tr_put_atom(result, "ok");
    else if (r == TR_IGNORED)
        tr_put_atom(result, "ignore");
    else
        tr_put(result, "{error, Why}", why.term);
}

static void request(tr_term what, struct tr_out *result)
{
    TR_REPLY reply = {0};
    tr_call_or_exit("sup", -1, &reply, "R", what);
    tr_put_term(result, reply.term);
}

/* The tree is planned anew, and read by the supervisor. */
static void change(tr_term tree, struct tr_out *result)
{
    TR_REPLY why = {0};
    static const tr_atom extra = {.text = "extra", .length_bytes = 5};
    BOARD("{plan, tree, Tree}", tree);
    CHECK(tr_sys_suspend("sup", CHECK_DEADLINE_MS) == 0);
    int r = tr_sys_change_code("sup", CHECK_DEADLINE_MS, &why, 1, extra);
    CHECK(r == 0 || r == TR_REFUSED);
    if (r)
        tr_put(result, "{error, Why}", why.term);
    else
        tr_put_term(result, why.term);
    CHECK(tr_sys_resume("sup", CHECK_DEADLINE_MS) == 0);
}

static void show_status(struct tr_out *result)
{
    TR_REPLY reply = {0};
    tr_term key, callback;
    CHECK(tr_sys_get_status("sup", CHECK_DEADLINE_MS, &reply) == 0);
    CHECK(tr_match(reply.term,
                   "{status, _, _, [_, _, _, _, [_, _, _, {supervisor, [{Key, Callback}]}]]}", &key,
                   &callback) == 0);
    bool is_atom = tr_kind_of(callback) == TR_KIND_ATOM;
    tr_put(result, "{supervisor, Key, IsAtom}", key, is_atom);
}

/* Text of an atom. */
static const char *word(tr_atom atom, char buffer[256])
{
    tr_atom_text(atom, buffer, 256);
    return buffer;
}

/* How the supervisor shows a child: the second element of its tuple in which_children. */
static bool is_shown_as(tr_term id, tr_atom shown)
{
    TR_REPLY reply = {0};
    struct tr_iter iter;
    tr_term each, whose, child;
    tr_call_or_exit("sup", -1, &reply, "which_children");
    CHECK(tr_get_list(reply.term, &iter));
    while (tr_next(&iter, &each))
        if (tr_match(each, "{Whose, Child, _, _}", &whose, &child) == 0 && tr_equal(whose, id))
            return tr_match(child, "Shown", shown) == 0;
    return tr_atom_is(shown, "none");
}

static void await_shown(tr_term id, tr_atom shown, struct tr_out *result)
{
    int waited_ms = 0;
    while (!is_shown_as(id, shown)) {
        CHECK(waited_ms++ < CHECK_DEADLINE_MS);
        usleep(1000);
    }
    tr_put_atom(result, "ok");
}

static void await_specs(long wanted, struct tr_out *result)
{
    TR_REPLY reply = {0};
    struct tr_iter iter;
    int waited_ms = 0;
    do {
        usleep(1000);
        CHECK(waited_ms++ < CHECK_DEADLINE_MS);
        tr_call_or_exit("sup", -1, &reply, "which_children");
        CHECK(tr_get_list(reply.term, &iter));
    } while ((long)iter.left != wanted);
    tr_put_atom(result, "ok");
}

/* So many beginnings of a child stand on the board. */
static long count_inits(tr_term id)
{
    TR_REPLY shown = {0};
    struct tr_iter iter;
    tr_term each;
    long count = 0;
    tr_call_or_exit("board", -1, &shown, "look");
    CHECK(tr_get_list(shown.term, &iter));
    while (tr_next(&iter, &each))
        count += tr_match(each, "{init, Id}", id) == 0;
    return count;
}

static void await_inits(tr_term id, long wanted)
{
    for (int waited_ms = 0; count_inits(id) != wanted; waited_ms++) {
        CHECK(waited_ms < CHECK_DEADLINE_MS);
        usleep(1000);
    }
}

static void send_exit(tr_atom whom, tr_term reason)
{
    char name[256];
    tr_exit_process_term(tr_whereis(word(whom, name)), reason);
}

static void await_end(struct tr_out *result)
{
    tr_term reason;
    tr_receive {
        tr_case("{'EXIT', _, Reason}", &reason)
            tr_put(result, "{'EXIT', Reason}", reason);
    }
}

static void play(tr_term act, struct tr_out *result)
{
    tr_term one, other;
    tr_atom name;
    long count;
    char text[256];
    if (tr_match(act, "{start, Argument}", &one) == 0)
        start(one, result);
    else if (tr_match(act, "{request, What}", &one) == 0)
        request(one, result);
    else if (tr_match(act, "{change, Tree}", &one) == 0)
        change(one, result);
    else if (tr_match(act, "status") == 0)
        show_status(result);
    else if (tr_match(act, "{pid_request, What, Name}", &one, &name) == 0) {
        struct tr_out whole = {0};
        tr_put(&whole, "{What, Pid}", one, tr_whereis(word(name, text)));
        request(tr_out_term(&whole), result);
        tr_out_deinit(&whole);
    } else if (tr_match(act, "{shown, Id, What}", &one, &name) == 0)
        await_shown(one, name, result);
    else if (tr_match(act, "{specs, Count}", &count) == 0)
        await_specs(count, result);
    else if (tr_match(act, "gone") == 0 || tr_match(act, "killed") == 0)
        await_end(result);
    else {
        if (tr_match(act, "{plan, Id, Plan}", &one, &other) == 0)
            BOARD("{plan, Id, Plan}", one, other);
        else if (tr_match(act, "{tell, Name, Message}", &name, &one) == 0)
            tr_cast((const char *)word(name, text), "M", one);
        else if (tr_match(act, "{exit, Name, Reason}", &name, &one) == 0)
            send_exit(name, one);
        else if (tr_match(act, "{await, Event}", &one) == 0)
            BOARD_AWAIT("Event", one);
        else if (tr_match(act, "{inits, Id, Count}", &one, &count) == 0)
            await_inits(one, count);
        else
            CHECK(!"this act is known");
        tr_put_atom(result, "ok");
    }
}

/* ---------------------------------------------------------------- the script */

/* What follows from a message comes when it comes: the board is shown after the act that waits for it. */
static bool is_awaited(tr_term act)
{
    return tr_match(act, "{tell, _, _}") && tr_match(act, "{exit, _, _}") &&
           tr_match(act, "killed");
}

static void show_board(void)
{
    TR_REPLY shown = {0};
    struct tr_iter iter;
    tr_term event;
    tr_call_or_exit("board", -1, &shown, "show");
    CHECK(tr_get_list(shown.term, &iter));
    while (tr_next(&iter, &event)) {
        char *text = tr_print_new(event);
        printf("    %s\n", text);
        free(text);
    }
}

static void play_and_show(tr_term act)
{
    struct tr_out result = {0};
    play(act, &result);
    script_print(act, tr_out_term(&result));
    if (is_awaited(act))
        show_board();
    tr_out_deinit(&result);
}

TR_ACTOR(main)
{
    tr_trap_exit(true);
    board_new();
    script_play(argument, play_and_show);
}
