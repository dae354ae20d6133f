/* Rule 16 of SEMANTICS.md, the actors' side: the root waits for a guest, watches it, and tells what it saw by its end. */
#include <string.h>

#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* The root: ends normally once the guest that reported to it has gone with the expected reason. */
TR_ACTOR(watches_a_guest_that_is_lost)
{
    tr_pid guest;
    CHECK(tr_register("watcher", tr_self()) == 0);
    tr_trap_exit(true);
    EXPECT("{guest, Pid}", &guest);
    tr_ref ref = watch(guest);
    CHECK(tr_link(guest) == 0);
    tr_send(guest, "you_are_watched");
    EXPECT_NEXT("{'EXIT', Pid, noconnection}", guest);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, noconnection}", ref, guest);
}

TR_ACTOR(watches_a_guest_that_leaves)
{
    tr_pid guest;
    CHECK(tr_register("watcher", tr_self()) == 0);
    EXPECT("{guest, Pid}", &guest);
    tr_ref ref = watch(guest);
    tr_send(guest, "you_are_watched");
    EXPECT_NEXT("last_words");
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, normal}", ref, guest);
}

/* The root: there to be watched. */
TR_ACTOR(is_watched)
{
    CHECK(tr_register("watched", tr_self()) == 0);
    EXPECT("never");
}
