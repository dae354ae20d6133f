/* Rules 43 and 48 of SEMANTICS.md: supervisors under supervisors, and the end of one. Each case is a root actor. */
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

/* SEMANTICS 48 */
TR_ACTOR(exit_from_a_stranger_is_ignored)
{
    SUP("#{}", "[" SPEC(a) "]");
    tr_pid stranger = puppet_new();
    TELL(stranger, "{exit, Sup, shutdown}", pid_of("sup"));
    TELL(stranger, "{exit, Sup, {because, 5}}", pid_of("sup"));
    await_count("sup", 1, 1);
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
