/* Rules 43 and 48 of SEMANTICS.md: supervisors under supervisors, and the end of one. Each case is a root actor. */
#include "base/clock.h"
#include "conformance/supervision.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 35, 43: trees */

/* SEMANTICS 35: one that every binary has. */
TR_ACTOR(a_supervisor_is_made_of_a_term)
{
    tr_pid pid;
    SUP("#{}", "[]");
    CHECK(tr_supervisor_start_child(
              "sup", TR_CHILD(TR_SUPERVISOR_ENTRY, .id = "inner", .is_supervisor = true), &pid,
              NULL, "{#{strategy => one_for_all}, [" SPEC(a) ", " SPEC(b) "]}") == 0);
    BOARD_EXPECT("[{init, a}, {init, b}]");
    CHECK(tr_supervisor_terminate_child("sup", NULL, "inner") == 0);
    BOARD_EXPECT("[{stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* A tree: sup over middle over a. */
static void plant_middle(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_add(tree, TR_CHILD("infant", .id = "a"), "a");
}
TR_SUPERVISOR(middle, plant_middle)

static void plant_top(tr_term argument, struct tr_tree *tree)
{
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 5});
    tr_tree_add(tree, TR_CHILD("middle", .name = "middle", .is_supervisor = true), "[]");
    tr_tree_add(tree, TR_CHILD("infant", .id = "b"), "b");
}
TR_SUPERVISOR(top, plant_top)

/* SEMANTICS 43: escalation. */
TR_ACTOR(a_supervisor_that_gives_up_is_started_again_by_its_own)
{
    struct tr_start_options options = {.name = "top"};
    tr_pid top;
    board_new();
    CHECK(tr_server_start(&top, "top", &options, "[]") == 0);
    tr_pid middle = pid_of("middle"), a = pid_of("a"), b = pid_of("b");
    tr_cast("a", "{stop, boom}");
    a = await_other("middle", "a", a);
    tr_cast("a", "{stop, boom}");
    CHECK(!tr_pid_equal(middle, await_other("top", "middle", middle)));
    CHECK(!tr_pid_is_none(child_of("middle", "a")));
    CHECK(tr_pid_equal(b, pid_of("b")));
    CHECK(tr_server_stop(top, LONG_MS, NULL, "shutdown") == 0);
    BOARD_EXPECT("[{init, a}, {init, b}, {stopped, a, boom}, {init, a}, {stopped, a, boom}, "
                 "{init, a}, {stopped, b, shutdown}, {stopped, a, shutdown}]");
}

/* ---------------------------------------------------------------- 48: its own end */

/* SEMANTICS 48: what the stranger asks then is answered, and comes behind its signals (1). */
TR_ACTOR(exit_from_a_stranger_is_ignored)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) "]"), stranger = puppet_new();
    TELL(stranger, "{exit, Sup, shutdown}", sup);
    TELL(stranger, "{exit, Sup, {because, 5}}", sup);
    TELL(stranger, "{send, Sup, {'$gen_call', {Self, answer}, count_children}}", sup, tr_self());
    EXPECT("{answer, [{specs, 1}, {active, 1} | _]}");
}

TR_ACTOR(boss)
{
    struct tr_start_options options = {.name = "sup"};
    tr_pid pid;
    tr_atom how;
    CHECK(tr_match(argument, "How", &how) == 0);
    CHECK(tr_server_start_link(&pid, "nursery", &options, "{#{}, [" SPEC(a) "]}") == 0);
    if (tr_atom_is(how, "normal"))
        return;
    tr_exit("boom");
}

static void expect_end_with_parent(const char *how)
{
    board_new();
    CHECK(tr_spawn(NULL, "boss", "How", atom(how)) == 0);
    BOARD_AWAIT("{stopped, a, shutdown}");
}

/* SEMANTICS 48 */
TR_ACTOR(a_supervisor_ends_with_its_parent) { expect_end_with_parent("boom"); }

/* SEMANTICS 48 */
TR_ACTOR(a_supervisor_ends_with_its_parent_also_normally) { expect_end_with_parent("normal"); }

/* SEMANTICS 48 */
TR_ACTOR(children_of_a_supervisor_that_exit_2_kills_get_killed)
{
    tr_pid sup = SUP("#{}", "[" SPEC(a) ", " SPEC(b) "]");
    tr_exit_process(sup, "kill");
    EXPECT("{'EXIT', Sup, killed}", sup);
    BOARD_AWAIT("{stopped, a, killed}");
    BOARD_AWAIT("{stopped, b, killed}");
}

/* SEMANTICS 48: kill -9 of the supervisor itself: nobody is left, and its own supervisor starts it again with its children. */
TR_ACTOR(a_supervisor_that_is_killed_is_started_again_with_its_children)
{
    struct tr_start_options options = {.name = "top"};
    tr_pid top;
    board_new();
    CHECK(tr_server_start(&top, "top", &options, "[]") == 0);
    for (int i = 0; i < 3; i++) {
        tr_pid middle = pid_of("middle"), a = child_of("middle", "a");
        tr_ref ref = watch(a);
        kill_9(middle);
        EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", ref);
        await_other("top", "middle", middle);
        await_other("middle", "a", a);
    }
}

/* ---------------------------------------------------------------- names that the dead leave behind */

/* A supervisor over one of a child that is named, and takes its time to end: until `here` stands on the board twice. */
#define TREE_WITH_A_NAME                                                                           \
    "[#{id => middle, name => middle, type => supervisor, "                                        \
    "start => {'$supervisor', start_link, [{#{}, [" SPEC_WITH(a, "name => kept") "]}]}}]"

static void expect_waiting_for_a_name(bool is_killed_by_signal)
{
    board_new();
    BOARD("{plan, a, {gather_at_end, 2}}");
    SUP("#{}", TREE_WITH_A_NAME);
    tr_pid middle = pid_of("middle"), orphan = pid_of("kept");
    if (is_killed_by_signal)
        kill_9(middle);
    else
        tr_exit_process(middle, "kill");
    await_watcher(orphan, await_name("middle", middle));
    CHECK(tr_pid_equal(orphan, pid_of("kept")));
    BOARD("{write, here}");
    tr_pid a = await_other("middle", "a", orphan);
    CHECK(tr_pid_equal(a, pid_of("kept")));
}

/* Beyond OTP: what is left of a killed supervisor is on its way out, and not in the way of the next. */
TR_ACTOR(a_name_that_an_orphan_still_has_is_waited_for) { expect_waiting_for_a_name(true); }

/* Beyond OTP */
TR_ACTOR(a_name_of_what_exit_2_has_orphaned_is_waited_for) { expect_waiting_for_a_name(false); }

/* Lets a child of the old tree go when the new one waits for its supervisor. */
TR_ACTOR(releaser)
{
    tr_pid old_middle, old_sup;
    CHECK(tr_match(argument, "{Middle, Sup}", &old_middle, &old_sup) == 0);
    await_watcher(old_middle, await_name("sup", old_sup));
    BOARD("{write, here}");
}

/* Beyond OTP: the whole tree, whose lower supervisors stop their children first. */
TR_ACTOR(a_killed_tree_is_out_of_the_way_of_the_next)
{
    board_new();
    BOARD("{plan, a, {gather_at_end, 2}}");
    tr_pid sup = SUP("#{}", TREE_WITH_A_NAME);
    tr_pid middle = pid_of("middle"), kept = pid_of("kept");
    kill_9(sup);
    EXPECT("{'EXIT', Sup, {signal, sigkill, _}}", sup);
    CHECK(tr_spawn(NULL, "releaser", "{Middle, Sup}", middle, sup) == 0);
    SUP("#{}", TREE_WITH_A_NAME);
    CHECK(!tr_pid_equal(middle, pid_of("middle")));
    CHECK(!tr_pid_equal(kept, pid_of("kept")));
}

/* SEMANTICS 36: when the time that the child would have to end is over. */
TR_ACTOR(a_name_that_an_orphan_keeps_is_told_with_its_owner)
{
    TR_REPLY why = {0};
    tr_pid owner, orphan = orphan_new("stays");
    const struct tr_child child = {.entry = "infant", .name = "stays", .shutdown_ms = 50};
    SUP("#{}", "[]");
    uint64_t before_ns = tri_clock_ns();
    CHECK(tr_supervisor_start_child("sup", &child, NULL, &why, "b") == TR_REFUSED);
    CHECK(tr_match(why.term, "{{already_started, Pid}, _}", &owner) == 0);
    CHECK(tr_pid_equal(owner, orphan));
    CHECK(tri_clock_ns() - before_ns >= 50 * TRI_NS_PER_MS);
}
