/* Rules 32 to 34 of SEMANTICS.md: the start handshake. Each case is a root actor. */
#include "conformance/clerk.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- 32: what start tells */

/* SEMANTICS 32 */
TR_ACTOR(start_link_blocks_until_init_has_returned)
{
    tr_pid pid;
    tr_ref timer;
    /* The flag is raised from elsewhere, after a time that init must have waited. */
    tr_pid raiser;
    CHECK(tr_spawn(&raiser, "raiser", "[]") == 0);
    CHECK(tr_start_timer(100, raiser, &timer, "raise") == 0);
    CHECK(tr_server_start_link(&pid, "clerk", NULL, "{Boss, {wait, ok}}", tr_self()) == 0);
    CHECK(!tr_pid_is_none(tr_whereis("go")));
    CHECK(tr_is_alive(pid));
}

TR_ACTOR(raiser)
{
    tr_receive {
        tr_case("{timeout, _, raise}")
            tr_register("go", tr_self());
    }
    tr_receive {
    }
}

/* SEMANTICS 32 */
TR_ACTOR(an_init_that_ignores_is_told_as_ignore)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "foo", .ret_reason = &why};
    tr_pid pid;
    tr_trap_exit(true);
    CHECK(tr_server_start_link(&pid, "clerk", &options, "{Boss, ignore}", tr_self()) == TR_IGNORED);
    CHECK(tr_is_atom(why.term, "ignore"));
    CHECK(tr_pid_is_none(tr_whereis("foo")));
    EXPECT_NEXT("{saw, init, ignore}");
    EXPECT_NOTHING();
}

/* SEMANTICS 32: it stopped, it failed, it returned nonsense, it crashed. */
TR_ACTOR(an_init_that_fails_is_told_with_its_reason)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "foo", .ret_reason = &why};
    tr_pid pid;
    CHECK(tr_server_start(&pid, "clerk", &options, "{Boss, {stop, {no, 1}}}", tr_self()) ==
          TR_DOWN);
    CHECK(tr_match(why.term, "{no, 1}") == 0);
    CHECK(tr_server_start(&pid, "clerk", &options, "{Boss, {stop, normal}}", tr_self()) == TR_DOWN);
    CHECK(tr_is_atom(why.term, "normal"));
    CHECK(tr_server_start(&pid, "clerk", &options, "{Boss, {exit, {no, 2}}}", tr_self()) ==
          TR_DOWN);
    CHECK(tr_match(why.term, "{no, 2}") == 0);
    CHECK(tr_server_start(&pid, "clerk", &options, "{Boss, {reply, 3}}", tr_self()) == TR_DOWN);
    CHECK(tr_match(why.term, "{bad_return_value, {reply, 3}}") == 0);
    CHECK(tr_server_start(&pid, "clerk", &options, "{Boss, sigkill}", tr_self()) == TR_DOWN);
    CHECK(tr_match(why.term, "{signal, sigkill, _}") == 0);
    CHECK(tr_server_start(&pid, "nobody", &options, "[]") == TR_NO_ENTRY);
    for (int i = 0; i < 5; i++)
        EXPECT_NEXT("{saw, init, _}");
    EXPECT_NOTHING(); /* terminate has not run */
}

/* SEMANTICS 32 */
TR_ACTOR(a_name_that_is_taken_is_told_with_its_owner)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "foo", .ret_reason = &why};
    tr_pid first, second = TR_NO_PID;
    CHECK(tr_server_start(&first, "clerk", &options, "{Boss, ok}", tr_self()) == 0);
    CHECK(tr_server_start(&second, "clerk", &options, "{Boss, ok}", tr_self()) == TR_TAKEN);
    CHECK(tr_pid_equal(first, second));
    CHECK(tr_match(why.term, "{already_started, First}", first) == 0);
    EXPECT_NEXT("{saw, init, ok}");
    EXPECT_NOTHING();
}

/* SEMANTICS 32 */
TR_ACTOR(a_start_that_takes_too_long_kills_the_child)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.name = "foo", .timeout_ms = 50, .ret_reason = &why};
    tr_pid pid;
    CHECK(tr_server_start_link(&pid, "clerk", &options, "{Boss, {trap, {wait, ok}}}", tr_self()) ==
          TR_TIMEOUT);
    CHECK(tr_is_atom(why.term, "timeout"));
    CHECK(tr_pid_is_none(tr_whereis("foo")));
    EXPECT_NEXT("{saw, init, _}");
    EXPECT_NOTHING();
}

/* SEMANTICS 32 */
TR_ACTOR(start_monitor_gives_a_monitor)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_server_start_monitor(&pid, &ref, "clerk", NULL, "{Boss, ok}", tr_self()) == 0);
    tr_cast(pid, "{stop, boom}");
    EXPECT("{'DOWN', Ref, process, Pid, boom}", ref, pid);
    CHECK(tr_server_start_monitor(&pid, &ref, "clerk", NULL, "{Boss, {stop, boom}}", tr_self()) ==
          TR_DOWN);
    CHECK(tr_flush() == 4); /* init, handle_cast, terminate; init: and no DOWN */
}

/* SEMANTICS 32: an entry that is a server is also an actor. */
TR_ACTOR(a_server_that_was_spawned_runs_too)
{
    tr_pid pid;
    CHECK(tr_spawn(&pid, "clerk", "{Boss, ok}", tr_self()) == 0);
    clerk_await(pid);
}

static struct tr_step talker_init(tr_term argument, void **ret_state)
{
    static tr_pid boss;
    int count;
    CHECK(tr_match(argument, "{Boss, Count}", &boss, &count) == 0);
    for (int i = 0; i < count; i++)
        tr_send(boss, "early");
    *ret_state = &boss;
    return tr_with_continue(tr_ok(), "speak");
}

static struct tr_step talker_continue(tr_term argument, void *state)
{
    (void)argument;
    tr_send(*(tr_pid *)state, "late");
    return tr_stop("normal");
}

static const struct tr_server_callbacks talker_callbacks = {.init = talker_init,
                                                            .handle_continue = talker_continue};
TR_SERVER(talker, &talker_callbacks)

/* SEMANTICS 1, 32: with how many messages before it. The word goes another way when it is the child's first. */
static void expect_word_in_its_place(int count)
{
    tr_pid pid;
    tr_ref alias = tr_alias(TR_ALIAS_REPLY);
    CHECK(tr_spawn(&pid, "talker", "{'$start', none, Alias, {Boss, Count}}", alias, tr_self(),
                   count) == 0);
    for (int i = 0; i < count; i++)
        EXPECT_NEXT("early");
    EXPECT_NEXT("{ack, Alias, ok}", alias);
    EXPECT_NEXT("late");
}

/* Again and again, because what overtakes does so now and then. */
TR_ACTOR(the_word_of_a_child_keeps_its_place_among_its_messages)
{
    for (int i = 0; i < 20; i++) {
        expect_word_in_its_place(0);
        expect_word_in_its_place(2);
    }
}

/* ---------------------------------------------------------------- 33: nothing is left behind */

/* SEMANTICS 33: each time, so that no race is left. */
TR_ACTOR(a_failed_start_leaves_neither_name_nor_EXIT)
{
    struct tr_start_options options = {.name = "foo"};
    tr_pid pid;
    tr_trap_exit(true);
    for (int i = 0; i < 30; i++) {
        CHECK(tr_server_start_link(&pid, "clerk", &options, "{Boss, {stop, no}}", tr_self()) ==
              TR_DOWN);
        CHECK(tr_pid_is_none(tr_whereis("foo")));
        EXPECT_NEXT("{saw, init, _}");
        EXPECT_NOTHING();
    }
}

/* SEMANTICS 33: a start that succeeded leaves nothing either, and its link holds. */
TR_ACTOR(a_successful_start_leaves_nothing_but_its_link)
{
    tr_trap_exit(true);
    tr_pid clerk = clerk_new_with(NULL, TR_SPAWN_LINK, "ok");
    EXPECT_NOTHING();
    tr_cast(clerk, "{stop, boom}");
    EXPECT("{'EXIT', Clerk, boom}", clerk);
}

/* ---------------------------------------------------------------- 34: linked and not trapping */

TR_ACTOR(linked_starter)
{
    tr_pid pid;
    tr_server_start_link(&pid, "clerk", NULL, "Argument", argument);
}

/* SEMANTICS 34 */
TR_ACTOR(a_linked_caller_that_does_not_trap_dies_with_the_reason_of_init)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "linked_starter", "{Boss, {stop, {no, 1}}}", tr_self()) ==
          0);
    EXPECT("{'DOWN', Ref, process, _, {no, 1}}", ref);
    CHECK(tr_spawn_monitor(&pid, &ref, "linked_starter", "{Boss, ignore}", tr_self()) == 0);
    EXPECT("{'DOWN', Ref, process, _, normal}", ref);
}
