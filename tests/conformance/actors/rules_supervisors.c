/* Rules 35 to 42 and 50 of SEMANTICS.md: supervisors: who is started, and started again, and when. Each case is a root
 * actor. */
#include <sys/resource.h>

#include "conformance/supervision.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 35, 36, 37: beginning and end */

/* SEMANTICS 35 */
TR_ACTOR(children_start_first_to_last_and_stop_last_to_first)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) "]");
    BOARD_EXPECT("[{init, a}, {init, b}, {init, c}]");
    tr_exit_process(sup, "shutdown");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    BOARD_EXPECT("[{stopped, c, shutdown}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* SEMANTICS 36 */
TR_ACTOR(a_child_that_fails_at_first_ends_its_supervisor)
{
    TR_REPLY why = {0};
    struct tr_start_options options = {.ret_reason = &why};
    tr_pid pid;
    board_new();
    tr_trap_exit(true);
    BOARD("{plan, c, {stop, no}}");
    CHECK(tr_server_start_link(&pid, "nursery", &options,
                               "{#{}, [" SPEC(a) ", " SPEC(b) ", " SPEC(c) ", " SPEC(d) "]}") ==
          TR_DOWN);
    CHECK(tr_match(why.term, "{shutdown, {failed_to_start_child, c, no}}") == 0);
    BOARD_EXPECT(
        "[{init, a}, {init, b}, {init, c}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
    EXPECT_NOTHING();
}

/* SEMANTICS 36: also by a signal, for want of an entry, and for want of a file. */
TR_ACTOR(a_start_that_fails_leaves_no_spec_and_the_supervisor)
{
    TR_REPLY why = {0};
    tr_pid pid, sup = SUP("#{}", "[" SPEC(a) "]");
    BOARD("{plan, b, {stop, no}}");
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .id = "b"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{no, {child, undefined, b, {infant, start_link, [b]}, permanent, "
                             "false, 5000, worker, [infant]}}") == 0);
    BOARD("{plan, b, sigkill}");
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .id = "b"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{{signal, sigkill, _}, _}") == 0);
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("nobody"), &pid, &why, "b") == TR_REFUSED);
    CHECK(tr_match(why.term, "{{cannot_spawn, _}, _}") == 0);
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("/no/such:b"), &pid, &why, "b") == TR_REFUSED);
    CHECK(tr_match(why.term, "{{exec, enoent, _}, _}") == 0);
    await_count("sup", 1, 1);
}

/* SEMANTICS 36 */
TR_ACTOR(a_name_that_is_taken_is_told_with_its_owner)
{
    TR_REPLY why = {0};
    tr_pid pid, sup = SUP("#{}", "[]");
    tr_pid board = pid_of("board"), owner;
    CHECK(tr_supervisor_start_child(sup, TR_CHILD("infant", .name = "board"), &pid, &why, "b") ==
          TR_REFUSED);
    CHECK(tr_match(why.term, "{{already_started, Pid}, _}", &owner) == 0);
    CHECK(tr_pid_equal(owner, board));
}

/* SEMANTICS 37 */
TR_ACTOR(a_child_that_ignores_is_kept_unless_it_is_temporary)
{
    tr_pid pid = tr_self();
    board_new();
    BOARD("{plan, a, ignore}");
    BOARD("{plan, b, ignore}");
    SUP("#{}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => temporary") "]");
    await_count("sup", 1, 0);
    BOARD("{plan, a, ignore}");
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
    CHECK(tr_pid_is_none(pid));
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
    CHECK(tr_pid_equal(pid, pid_of("a")));
}

/* SEMANTICS 37 */
TR_ACTOR(a_supervisor_may_ignore)
{
    tr_pid pid;
    tr_trap_exit(true);
    CHECK(tr_server_start_link(&pid, "nursery", NULL, "ignore") == TR_IGNORED);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 38, 39, 40: who is started again */

static void expect_restarts(const char *strategy)
{
    SUP("#{strategy => Strategy, intensity => 9}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) "]",
        atom(strategy));
    BOARD_EXPECT("[{init, a}, {init, b}, {init, c}]");
    tr_pid b = pid_of("b");
    tr_cast("b", "{stop, boom}");
    await_other("sup", "b", b);
}

/* SEMANTICS 38 */
TR_ACTOR(one_for_one_starts_that_one)
{
    expect_restarts("one_for_one");
    BOARD_EXPECT("[{stopped, b, boom}, {init, b}]");
}

/* SEMANTICS 38 */
TR_ACTOR(rest_for_one_starts_it_and_those_behind_it)
{
    expect_restarts("rest_for_one");
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, c, shutdown}, {init, b}, {init, c}]");
}

/* SEMANTICS 38 */
TR_ACTOR(one_for_all_starts_all)
{
    expect_restarts("one_for_all");
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, c, shutdown}, {stopped, a, shutdown}, "
                 "{init, a}, {init, b}, {init, c}]");
}

/* SEMANTICS 38: whatever ends it, also its process. */
TR_ACTOR(a_child_that_is_killed_is_started_again)
{
    SUP("#{intensity => 100}", "[" SPEC(a) "]");
    for (int i = 0; i < 20; i++) {
        tr_pid old = child_of("sup", "a");
        kill_9(old);
        tr_pid new = await_other("sup", "a", old);
        TR_REPLY reply = {0};
        CHECK(tr_call(new, LONG_MS, &reply, "{hello, N}", i) == 0);
        CHECK(tr_match(reply.term, "{hello, N}", i) == 0);
    }
}

/* SEMANTICS 38: a child that has undone its link is watched all the same. */
TR_ACTOR(a_child_that_unlinks_is_started_again)
{
    SUP("#{}", "[" SPEC(a) "]");
    tr_pid old = child_of("sup", "a");
    tr_cast("a", "unlink");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
}

/* SEMANTICS 39 */
TR_ACTOR(permanent_transient_and_temporary_differ)
{
    SUP("#{intensity => 9}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient") ", " SPEC_WITH(
                                 c, "restart => temporary") "]");
    tr_pid a = pid_of("a"), b = pid_of("b");
    tr_cast("a", "{stop, normal}");
    await_other("sup", "a", a);
    tr_cast("b", "{stop, boom}");
    b = await_other("sup", "b", b);
    tr_cast(b, "{stop, {shutdown, 1}}");
    await_count("sup", 3, 2);
    tr_cast("c", "{stop, boom}");
    await_count("sup", 2, 1);
}

/* SEMANTICS 40 */
TR_ACTOR(one_for_all_revives_one_that_had_ended)
{
    SUP("#{strategy => one_for_all}", "[" SPEC(a) ", " SPEC_WITH(b, "restart => transient") "]");
    tr_pid a = pid_of("a");
    tr_cast("b", "{stop, normal}");
    await_count("sup", 2, 1);
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", a);
    CHECK(!tr_pid_is_none(child_of("sup", "b")));
}

/* ---------------------------------------------------------------- 41, 42, 43: enough */

/* SEMANTICS 41, 43 */
TR_ACTOR(too_many_restarts_end_the_supervisor)
{
    tr_pid sup = SUP("#{intensity => 2, period => 3600}", "[" SPEC(a) ", " SPEC(b) "]");
    for (int i = 0; i < 2; i++) {
        tr_pid old = child_of("sup", "b");
        tr_cast("b", "{stop, boom}");
        await_other("sup", "b", old);
    }
    BOARD_EXPECT("[{init, a}, {init, b} | _]");
    tr_cast("b", "{stop, boom}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
    BOARD_EXPECT("[{stopped, b, boom}, {stopped, a, shutdown}]");
}

/* SEMANTICS 41: the defaults are one restart in five seconds, and a permanent child's normal end counts. */
TR_ACTOR(the_second_restart_within_five_seconds_is_too_much)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) "]");
    tr_pid old = pid_of("a");
    tr_cast("a", "{stop, normal}");
    await_other("sup", "a", old);
    tr_cast("a", "{stop, normal}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* SEMANTICS 41: one death is one restart, however many it takes down. */
TR_ACTOR(a_death_counts_once_however_many_restart)
{
    SUP("#{strategy => one_for_all}", "[" SPEC(a) ", " SPEC(b) ", " SPEC(c) ", " SPEC(d) "]");
    tr_pid old = pid_of("d");
    tr_cast("b", "{stop, boom}");
    await_other("sup", "d", old);
    await_count("sup", 4, 4);
}

/* SEMANTICS 42 */
TR_ACTOR(a_restart_that_fails_in_init_is_tried_again_and_counts)
{
    tr_pid sup = SUP("#{intensity => 3, period => 3600}", "[" SPEC(a) "]");
    BOARD_EXPECT("[{init, a}]");
    for (int i = 0; i < 2; i++)
        BOARD("{plan, a, {stop, no}}");
    tr_pid old = pid_of("a");
    tr_cast("a", "{stop, boom}");
    await_other("sup", "a", old);
    BOARD_EXPECT("[{stopped, a, boom}, {init, a}, {init, a}, {init, a}]");
    tr_cast("a", "{stop, boom}");
    EXPECT("{'EXIT', Sup, shutdown}", sup);
}

/* ---------------------------------------------------------------- 50: back-off */

/* SEMANTICS 50 */
TR_ACTOR(a_restart_waits_when_its_spec_asks_for_it)
{
    TR_REPLY why = {0};
    tr_pid pid;
    SUP("#{}", "[" SPEC_WITH(a, "backoff_min_ms => 3600000, backoff_max_ms => 3600000") "]");
    kill_9(pid_of("a"));
    int waited_ms = 0;
    while (tr_supervisor_delete_child("sup", &why, "a") != TR_REFUSED ||
           !tr_is_atom(why.term, "restarting")) {
        CHECK(waited_ms++ < LONG_MS);
        usleep(1000);
    }
    CHECK(tr_supervisor_restart_child("sup", &pid, &why, "a") == TR_REFUSED);
    CHECK(tr_is_atom(why.term, "restarting"));
    CHECK(tr_supervisor_terminate_child("sup", NULL, "a") == 0);
    CHECK(tr_supervisor_restart_child("sup", &pid, NULL, "a") == 0);
}

/* SEMANTICS 50 */
TR_ACTOR(waits_end_and_the_child_runs)
{
    SUP("#{intensity => 9}", "[" SPEC_WITH(a, "backoff_min_ms => 1, backoff_max_ms => 8") "]");
    for (int i = 0; i < 6; i++) {
        tr_pid old = child_of("sup", "a");
        kill_9(old);
        await_other("sup", "a", old);
    }
}

/* SEMANTICS 50 */
TR_ACTOR(a_new_incarnation_is_told_why_the_last_one_died)
{
    board_new();
    BOARD("{plan, a, tell_last_exit}");
    BOARD("{plan, a, tell_last_exit}");
    SUP("#{}", "[" SPEC(a) "]");
    BOARD_EXPECT("[{init, a}, {last_exit, a}]"); /* its argument: there was none before it */
    tr_cast("a", "{stop, {boom, 7}}");
    BOARD_AWAIT("{last_exit, {boom, 7}}");
}

/* SEMANTICS 50: also one that was taken down with another, whatever it had died of before. */
TR_ACTOR(an_incarnation_whose_predecessor_was_stopped_is_told_so)
{
    board_new();
    for (int i = 0; i < 3; i++)
        BOARD("{plan, b, tell_last_exit}");
    SUP("#{strategy => one_for_all, intensity => 9}", "[" SPEC(a) ", " SPEC(b) "]");
    tr_cast("b", "{stop, boom}");
    BOARD_AWAIT("{last_exit, boom}");
    tr_cast("a", "{stop, bang}");
    BOARD_AWAIT("{last_exit, shutdown}");
}

/* A node without descriptors bears nobody. */
static struct rlimit take_room(void)
{
    struct rlimit before, none = {0, 0};
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, NULL, &before) == 0);
    none.rlim_max = before.rlim_max;
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, &none, NULL) == 0);
    return before;
}

static void give_room(struct rlimit before)
{
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, &before, NULL) == 0);
}

/* Waits until the supervisor's only child has ended, or failed to start, for such a reason. */
#define await_last_exit(pattern)                                                                   \
    do {                                                                                           \
        TR_REPLY last_exit_state = {0};                                                            \
        int last_exit_ms = 0;                                                                      \
        do {                                                                                       \
            usleep(1000);                                                                          \
            CHECK(last_exit_ms++ < LONG_MS);                                                       \
            CHECK(tr_sys_get_state("sup", LONG_MS, &last_exit_state) == 0);                        \
        } while (tr_match(last_exit_state.term, "#{children => [#{last_exit => " pattern "}]}"));  \
    } while (0)

/* Beyond OTP: the death is all that the intensity allows, and it lives. */
TR_ACTOR(a_fork_that_fails_is_tried_again_and_does_not_count)
{
    SUP("#{intensity => 1, period => 3600}", "[" SPEC(a) "]");
    tr_pid old = pid_of("a");
    struct rlimit room = take_room();
    kill_9(old);
    await_last_exit("{cannot_spawn, _}");
    await_count("sup", 1, 0);
    give_room(room);
    await_other("sup", "a", old);
}

TR_ACTOR(starter)
{
    struct tr_start_options options = {.name = "sup"};
    tr_pid pid;
    CHECK(tr_server_start_link(&pid, "late_nursery", &options, "[]") == 0);
    tr_receive {
    }
}

static void plant_late(tr_term argument, struct tr_tree *tree)
{
    struct tr_child child = {.id = "a", .entry = "infant"};
    (void)argument;
    while (tr_pid_is_none(tr_whereis("go")))
        usleep(1000);
    tr_tree_add(tree, &child, "a");
}
TR_SUPERVISOR(late_nursery, plant_late)

/* Beyond OTP */
TR_ACTOR(a_supervisor_waits_for_room_for_its_first_children)
{
    board_new();
    CHECK(tr_spawn(NULL, "starter", "[]") == 0);
    await_name("sup", TR_NO_PID);
    struct rlimit room = take_room();
    CHECK(tr_register("go", tr_self()) == 0);
    usleep(50 * 1000);
    CHECK(tr_pid_is_none(tr_whereis("a")));
    give_room(room);
    await_name("a", TR_NO_PID);
    await_count("sup", 1, 1);
}

/* Beyond OTP: and ends with its parent meanwhile. */
TR_ACTOR(a_supervisor_that_waits_for_room_ends_with_its_parent)
{
    tr_pid pid;
    board_new();
    CHECK(tr_spawn(&pid, "starter", "[]") == 0);
    await_name("sup", TR_NO_PID);
    tr_ref ref = watch(pid_of("sup"));
    struct rlimit room = take_room();
    CHECK(tr_register("go", tr_self()) == 0);
    usleep(20 * 1000);
    tr_exit_process(pid, "kill");
    EXPECT("{'DOWN', Ref, process, _, _}", ref);
    give_room(room);
    CHECK(tr_pid_is_none(tr_whereis("a")));
}

/* Beyond OTP: the death of one that runs already is heard when all have begun. */
TR_ACTOR(one_that_dies_while_the_next_waits_for_room_is_started_again)
{
    struct tr_out tree = {0};
    const struct tr_spawn_options options = {.name = "sup", .flags = TR_SPAWN_LINK};
    board_new();
    BOARD("{plan, a, {gather, 2}}");
    CHECK(tr_parse("{#{}, [" SPEC(a) ", " SPEC(b) "]}", &tree, NULL, NULL) == 0);
    CHECK(tr_spawn_term("nursery", &options, tr_out_term(&tree), NULL, NULL) == 0);
    tr_out_deinit(&tree);
    BOARD_AWAIT("here");
    tr_pid old = pid_of("a");
    tr_ref ref = watch(old);
    struct rlimit room = take_room();
    BOARD("{write, here}");
    usleep(50 * 1000);
    kill_9(old);
    EXPECT("{'DOWN', Ref, process, _, _}", ref);
    usleep(20 * 1000);
    give_room(room);
    await_name("b", TR_NO_PID);
    await_name("a", old);
    await_count("sup", 2, 2);
}

/* Beyond OTP: a time for init. */
TR_ACTOR(a_child_whose_init_hangs_is_killed_when_its_time_is_over)
{
    TR_REPLY why = {0};
    const struct tr_child child = {.id = "a", .entry = "infant", .start_timeout_ms = 50};
    SUP("#{}", "[]");
    BOARD("{plan, a, hang}");
    CHECK(tr_supervisor_start_child("sup", &child, NULL, &why, "a") == TR_REFUSED);
    CHECK(tr_match(why.term, "{timeout, _}") == 0);
    CHECK(tr_supervisor_start_child("sup", &child, NULL, NULL, "a") == 0);
}
