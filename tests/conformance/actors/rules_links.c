/* Rules 9 to 12 of SEMANTICS.md: links. Each case is a root actor. */
#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 9: one link per pair */

/* SEMANTICS 9 */
TR_ACTOR(linked_twice_and_unlinked_once_is_unlinked)
{
    tr_trap_exit(true);
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    CHECK(tr_link(puppet) == 0);
    CHECK(tr_link(puppet) == 0);
    CHECK(tr_unlink(puppet) == 0);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, puppet);
}

/* SEMANTICS 9 */
TR_ACTOR(linked_from_both_sides_is_one_link)
{
    tr_trap_exit(true);
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    CHECK(tr_link(puppet) == 0);
    TELL(puppet, "{link, Me}", tr_self());
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'EXIT', P, boom}", puppet);
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, puppet);
    EXPECT_NOTHING();
}

/* SEMANTICS 9 */
TR_ACTOR(either_side_can_unlink)
{
    tr_trap_exit(true);
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    CHECK(tr_link(puppet) == 0);
    TELL(puppet, "{unlink, Me}", tr_self());
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, puppet);
}

/* SEMANTICS 9 */
TR_ACTOR(linking_to_oneself_does_nothing)
{
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet);
    struct tr_out info = {0};
    TELL(puppet, "{link, Itself}", puppet);
    CHECK(tr_process_info(puppet, &info) == 0);
    CHECK(tr_match(tr_out_term(&info), "#{links => []}") == 0);
    tr_out_deinit(&info);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, puppet);
}

/* SEMANTICS 9 */
TR_ACTOR(a_link_works_in_both_directions)
{
    tr_pid a = puppet_new(), b = puppet_new();
    tr_ref ref = watch(a);
    TELL(a, "{link, B}", b);
    tr_send(b, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, A, boom}", ref, a);
    a = puppet_new(), b = puppet_new();
    ref = watch(b);
    TELL(a, "{link, B}", b);
    tr_send(a, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, B, boom}", ref, b);
}

/* ---------------------------------------------------------------- 10: links to the dead */

/* SEMANTICS 10 */
TR_ACTOR(a_trapping_caller_is_told_that_the_other_is_dead)
{
    tr_trap_exit(true);
    tr_pid dead = dead_process();
    CHECK(tr_link(dead) == 0);
    EXPECT_NEXT("{'EXIT', Dead, noproc}", dead);
    CHECK(tr_link(unborn_process()) == 0);
    EXPECT_NEXT("{'EXIT', Unborn, noproc}", unborn_process());
}

/* SEMANTICS 10 */
TR_ACTOR(a_caller_that_does_not_trap_dies_with_noproc)
{
    tr_pid dead = dead_process(), puppet = puppet_new();
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{link, Dead}", dead);
    EXPECT_NEXT("{'DOWN', Ref, process, P, noproc}", ref, puppet);
}

/* ---------------------------------------------------------------- 11: unlink */

/* SEMANTICS 11: whenever the other dies meanwhile, after unlink there is an EXIT in the mailbox already, or never. */
TR_ACTOR(after_unlink_no_EXIT_arrives)
{
    tr_trap_exit(true);
    for (int round = 0; round < 100; round++) {
        tr_pid puppet;
        CHECK(tr_spawn_link(&puppet, "puppet", "[]") == 0);
        tr_ref ref = watch(puppet);
        tr_send(puppet, "{exit, boom}");
        for (int i = 0; i < round; i++)
            tr_is_alive(puppet);
        CHECK(tr_unlink(puppet) == 0);
        tr_receive {
            tr_case("{'EXIT', P, boom}", puppet) {
            }
            tr_after(0) {
            }
        }
        EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, puppet);
        EXPECT_NOTHING();
    }
}

/* SEMANTICS 11 */
TR_ACTOR(an_EXIT_in_the_mailbox_survives_unlink)
{
    tr_trap_exit(true);
    tr_pid puppet;
    CHECK(tr_spawn_link(&puppet, "puppet", "[]") == 0);
    tr_ref ref = watch(puppet);
    tr_send(puppet, "{exit, boom}");
    EXPECT("{'DOWN', Ref, process, P, boom}", ref, puppet);
    CHECK(tr_unlink(puppet) == 0);
    EXPECT_NEXT("{'EXIT', P, boom}", puppet);
}

/* SEMANTICS 11 */
TR_ACTOR(unlink_of_a_stranger_does_nothing)
{
    CHECK(tr_unlink(puppet_new()) == 0);
    CHECK(tr_unlink(dead_process()) == 0);
    CHECK(tr_unlink(unborn_process()) == 0);
    CHECK(tr_unlink(tr_self()) == 0);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 12: atomic with the birth */

TR_ACTOR(stillborn) { _exit(7); }

/* SEMANTICS 12 */
TR_ACTOR(spawn_link_misses_no_death)
{
    tr_trap_exit(true);
    for (int round = 0; round < 100; round++) {
        tr_pid pid;
        CHECK(tr_spawn_link(&pid, "stillborn", "[]") == 0);
        EXPECT_NEXT("{'EXIT', P, {exit_status, 7}}", pid);
    }
}

/* SEMANTICS 12 */
TR_ACTOR(spawn_monitor_misses_no_death)
{
    for (int round = 0; round < 100; round++) {
        tr_pid pid;
        tr_ref ref;
        CHECK(tr_spawn_monitor(&pid, &ref, "stillborn", "[]") == 0);
        EXPECT_NEXT("{'DOWN', Ref, process, P, {exit_status, 7}}", ref, pid);
    }
}

/* Tells the one in its argument that it was born, and waits to be taken down by its link. */
TR_ACTOR(linked_child)
{
    tr_pid boss;
    CHECK(tr_get_pid(argument, &boss));
    tr_send(boss, "{born, Self}", tr_self());
    tr_receive {
        tr_case("never") {
        }
    }
}

TR_ACTOR(linking_parent)
{
    for (;;)
        tr_spawn_link(NULL, "linked_child", "Boss", tr_parent());
}

/* SEMANTICS 12: a parent is killed while it spawns; no child of its is left, however young it was. */
TR_ACTOR(a_child_never_lives_without_the_link_to_its_parent)
{
    for (int round = 0; round < 20; round++) {
        tr_pid parent, child;
        tr_ref ref;
        CHECK(tr_spawn_monitor(&parent, &ref, "linking_parent", "[]") == 0);
        for (int i = 0; i <= round % 3; i++)
            EXPECT("{born, Child}", &child);
        tr_exit_process(parent, "kill");
        EXPECT("{'DOWN', Ref, process, _, killed}", ref);
        for (bool is_more = true; is_more;) {
            tr_ref child_ref = watch(child);
            EXPECT("{'DOWN', Ref, process, _, _}", child_ref);
            tr_receive {
                tr_case("{born, Child}", &child) {
                }
                tr_after(0)
                    is_more = false;
            }
        }
    }
}
