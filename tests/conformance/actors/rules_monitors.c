/* Rules 13 to 18 of SEMANTICS.md: monitors and aliases. Each case is a root actor. */
#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- 13: monitors of the dead, and of names */

/* SEMANTICS 13 */
TR_ACTOR(monitoring_a_dead_pid_gives_DOWN_with_noproc)
{
    tr_pid dead = dead_process();
    tr_ref ref = watch(dead);
    EXPECT_NEXT("{'DOWN', Ref, process, Dead, noproc}", ref, dead);
    ref = watch(unborn_process());
    EXPECT_NEXT("{'DOWN', Ref, process, Unborn, noproc}", ref, unborn_process());
}

/* SEMANTICS 13 */
TR_ACTOR(monitoring_an_unregistered_name_gives_DOWN_with_noproc)
{
    tr_ref ref;
    CHECK(tr_monitor("nobody", &ref) == 0);
    EXPECT_NEXT("{'DOWN', Ref, process, {nobody, Node}, noproc}", ref, atom(tr_node()));
}

/* SEMANTICS 13 */
TR_ACTOR(the_DOWN_of_a_monitored_name_tells_name_and_node)
{
    tr_pid puppet = puppet_new();
    tr_ref ref;
    CHECK(tr_register("named", puppet) == 0);
    CHECK(tr_monitor("named", &ref) == 0);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, {named, Node}, boom}", ref, atom(tr_node()));
}

/* SEMANTICS 13: the monitor is of the process that had the name then. */
TR_ACTOR(a_monitored_name_means_the_process_that_had_it)
{
    tr_pid first = puppet_new(), second = puppet_new();
    tr_ref ref;
    CHECK(tr_register("named", first) == 0);
    CHECK(tr_monitor("named", &ref) == 0);
    CHECK(tr_unregister("named") == 0);
    CHECK(tr_register("named", second) == 0);
    tr_ref second_ref = watch(second);
    tr_send(second, "{exit, normal}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, normal}", second_ref, second);
    EXPECT_NOTHING();
    tr_send(first, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, {named, Node}, boom}", ref, atom(tr_node()));
}

/* ---------------------------------------------------------------- 14: monitors stack */

/* SEMANTICS 14 */
TR_ACTOR(three_monitors_give_three_DOWNs)
{
    tr_pid puppet = puppet_new();
    tr_ref first = watch(puppet), second = watch(puppet), third = watch(puppet);
    CHECK(!tr_ref_equal(first, second) && !tr_ref_equal(second, third));
    tr_send(puppet, "{exit, boom}");
    EXPECT("{'DOWN', Ref, process, P, boom}", third, puppet);
    EXPECT("{'DOWN', Ref, process, P, boom}", first, puppet);
    EXPECT("{'DOWN', Ref, process, P, boom}", second, puppet);
    EXPECT_NOTHING();
}

/* SEMANTICS 14 */
TR_ACTOR(demonitor_ends_one_of_several_monitors)
{
    tr_pid puppet = puppet_new();
    tr_ref first = watch(puppet), second = watch(puppet);
    CHECK(tr_demonitor(first, 0, NULL) == 0);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", second, puppet);
    EXPECT_NOTHING();
}

/* SEMANTICS 14: monitors have one direction. */
TR_ACTOR(the_watched_one_learns_nothing_of_its_watcher)
{
    tr_pid watcher = puppet_new(), watched = puppet_new();
    tr_ref ref = watch(watcher);
    TELL(watcher, "{monitor, P}", watched);
    tr_send(watcher, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, watcher);
    puppet_await(watched);
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 15: demonitor */

/* SEMANTICS 15 */
TR_ACTOR(demonitor_of_the_living_tells_that_it_was_active)
{
    tr_pid puppet = puppet_new();
    tr_ref ref = watch(puppet), last = watch(puppet);
    bool was_active = false;
    CHECK(tr_demonitor(ref, 0, &was_active) == 0 && was_active);
    CHECK(tr_demonitor(ref, 0, &was_active) == 0 && !was_active);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", last, puppet);
    EXPECT_NOTHING();
}

/* SEMANTICS 15 */
TR_ACTOR(demonitor_leaves_a_delivered_DOWN)
{
    tr_pid puppet = puppet_new();
    tr_ref first = watch(puppet), last = watch(puppet);
    bool was_active = true;
    tr_send(puppet, "{exit, boom}");
    EXPECT("{'DOWN', Ref, process, P, boom}", last, puppet);
    CHECK(tr_demonitor(first, 0, &was_active) == 0 && !was_active);
    EXPECT("{'DOWN', Ref, process, P, boom}", first, puppet);
}

/* SEMANTICS 15 */
TR_ACTOR(demonitor_with_flush_removes_a_delivered_DOWN)
{
    tr_pid puppet = puppet_new();
    tr_ref first = watch(puppet), last = watch(puppet);
    bool was_active = true;
    tr_send(puppet, "{exit, boom}");
    EXPECT("{'DOWN', Ref, process, P, boom}", last, puppet);
    CHECK(tr_demonitor(first, TR_DEMONITOR_FLUSH, &was_active) == 0 && !was_active);
    EXPECT_NOTHING();
}

/* SEMANTICS 15: whatever the race, after a flushing demonitor there is no DOWN. */
TR_ACTOR(after_demonitor_with_flush_no_DOWN_arrives)
{
    for (int round = 0; round < 50; round++) {
        tr_pid pid;
        tr_ref ref;
        CHECK(tr_spawn_monitor(&pid, &ref, "puppet", "[]") == 0);
        tr_ref last = watch(pid);
        tr_send(pid, "{exit, boom}");
        CHECK(tr_demonitor(ref, TR_DEMONITOR_FLUSH, NULL) == 0);
        EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", last, pid);
        EXPECT_NOTHING();
    }
}

/* ---------------------------------------------------------------- 17: aliases */

/* SEMANTICS 17 */
TR_ACTOR(an_alias_is_an_address_until_it_is_withdrawn)
{
    tr_pid puppet = puppet_new();
    tr_ref alias = tr_alias(TR_ALIAS);
    TELL(puppet, "{reply, Alias, first}", alias);
    TELL(puppet, "{reply, Alias, second}", alias);
    EXPECT_NEXT("first");
    EXPECT_NEXT("second");
    CHECK(tr_unalias(alias));
    CHECK(!tr_unalias(alias));
    TELL(puppet, "{reply, Alias, third}", alias);
    EXPECT_NOTHING();
}

/* SEMANTICS 17: dropped before the mailbox: what was already in it stays. */
TR_ACTOR(unalias_keeps_what_has_arrived)
{
    tr_pid puppet = puppet_new();
    tr_ref alias = tr_alias(TR_ALIAS);
    TELL(puppet, "{reply, Alias, early}", alias);
    CHECK(tr_unalias(alias));
    TELL(puppet, "{reply, Alias, late}", alias);
    EXPECT_NEXT("early");
    EXPECT_NOTHING();
}

/* SEMANTICS 17: a call's reply goes to an alias that is good for one reply. */
TR_ACTOR(a_reply_alias_is_good_for_one_message)
{
    tr_pid puppet = puppet_new();
    tr_ref alias = tr_alias(TR_ALIAS_REPLY);
    TELL(puppet, "{reply, Alias, first}", alias);
    TELL(puppet, "{reply, Alias, second}", alias);
    EXPECT_NEXT("first");
    EXPECT_NOTHING();
    CHECK(!tr_unalias(alias));
}

/* SEMANTICS 17: the reply ends the monitor that made the alias. */
TR_ACTOR(a_reply_ends_the_monitor_of_its_alias)
{
    tr_pid puppet = puppet_new();
    tr_ref ref, last = watch(puppet);
    CHECK(tr_monitor_alias(puppet, TR_ALIAS_REPLY, &ref) == 0);
    TELL(puppet, "{reply, Alias, {Alias, ok}}", ref, ref);
    EXPECT_NEXT("{Ref, ok}", ref);
    tr_send(puppet, "{exit, boom}");
    EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", last, puppet);
    EXPECT_NOTHING();
}

/* SEMANTICS 17: without a reply the DOWN comes, and the alias is withdrawn with it. */
TR_ACTOR(DOWN_withdraws_a_monitors_alias)
{
    static const unsigned kinds[] = {TR_ALIAS_DEMONITOR, TR_ALIAS_REPLY};
    for (int i = 0; i < 2; i++) {
        tr_pid server = puppet_new(), late = puppet_new();
        tr_ref ref;
        CHECK(tr_monitor_alias(server, kinds[i], &ref) == 0);
        tr_send(server, "{exit, boom}");
        EXPECT_NEXT("{'DOWN', Ref, process, P, boom}", ref, server);
        TELL(late, "{reply, Alias, {Alias, ok}}", ref, ref);
        EXPECT_NOTHING();
    }
}

/* SEMANTICS 17 */
TR_ACTOR(demonitor_withdraws_a_monitors_alias)
{
    tr_pid puppet = puppet_new();
    tr_ref ref, kept;
    CHECK(tr_monitor_alias(puppet, TR_ALIAS_DEMONITOR, &ref) == 0);
    CHECK(tr_monitor_alias(puppet, TR_ALIAS, &kept) == 0);
    CHECK(tr_demonitor(ref, TR_DEMONITOR_FLUSH, NULL) == 0);
    CHECK(tr_demonitor(kept, TR_DEMONITOR_FLUSH, NULL) == 0);
    TELL(puppet, "{reply, Alias, withdrawn}", ref);
    TELL(puppet, "{reply, Alias, kept}", kept);
    EXPECT_NEXT("kept");
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- 18: EXIT before DOWN */

/* SEMANTICS 18 */
TR_ACTOR(EXIT_comes_before_DOWN)
{
    tr_trap_exit(true);
    for (int round = 0; round < 30; round++) {
        tr_pid puppet = puppet_new();
        tr_ref early = watch(puppet);
        CHECK(tr_link(puppet) == 0);
        tr_ref late = watch(puppet);
        if (round % 2)
            tr_send(puppet, "{exit, boom}");
        else
            tr_exit_process(puppet, "boom");
        EXPECT_NEXT("{'EXIT', P, boom}", puppet);
        EXPECT("{'DOWN', Ref, process, P, boom}", early, puppet);
        EXPECT("{'DOWN', Ref, process, P, boom}", late, puppet);
    }
}
