/* requests: spawns that are not waited for. Each case is a root actor. */
#include <stdlib.h>

#include "support/check.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

TR_ACTOR(echo)
{
    tr_pid from;
    for (;;)
        tr_receive {
            tr_case("{From, ping}", &from)
                tr_send(from, "{pong, Self}", tr_self());
        }
}

TR_ACTOR(mortal) { (void)argument; }

static tr_term nothing(void)
{
    static const uint8_t nil_ext = 106;
    return (tr_term){.data = &nil_ext, .size_bytes = 1};
}

TR_ACTOR(many_births_are_under_way_at_once)
{
    enum { COUNT = 300 };
    static tr_ref refs[COUNT];
    static tr_pid pids[COUNT];
    for (int i = 0; i < COUNT; i++)
        CHECK(tr_spawn_request(&refs[i], "echo", "[]") == 0);
    for (int i = COUNT; i-- > 0;)
        EXPECT("{spawn_reply, Ref, ok, Pid}", refs[i], &pids[i]);
    for (int i = 0; i < COUNT; i++)
        CHECK(tr_send(pids[i], "{From, ping}", tr_self()) == 0);
    for (int i = 0; i < COUNT; i++)
        EXPECT("{pong, Pid}", pids[i]);
    EXPECT_NOTHING();
}

TR_ACTOR(what_cannot_be_born_is_said_with_its_reason)
{
    struct tr_spawn_options named = {.name = "taken", .flags = TR_SPAWN_MONITOR | TR_SPAWN_LINK};
    struct tr_spawn_options plain = {.flags = TR_SPAWN_MONITOR | TR_SPAWN_LINK};
    struct tr_spawn_options bad = {.name = "undefined"};
    tr_ref taken, entry, binary;
    tr_pid pid;
    tr_trap_exit(true);
    CHECK(tr_register("taken", tr_self()) == 0);
    CHECK(tr_spawn_request_term("echo", &named, nothing(), &taken) == 0);
    CHECK(tr_spawn_request_term("nobody", &plain, nothing(), &entry) == 0);
    CHECK(tr_spawn_request_term("/bin/ls:echo", &plain, nothing(), &binary) == 0);
    CHECK(tr_spawn_request_term("echo", &bad, nothing(), NULL) == TR_BAD_NAME);
    EXPECT("{spawn_reply, Ref, error, R}", taken, TR_TAKEN);
    EXPECT("{spawn_reply, Ref, error, R}", entry, TR_NO_ENTRY);
    EXPECT("{spawn_reply, Ref, error, R}", binary, TR_NOT_AN_ACTOR);
    CHECK(tr_spawn(&pid, "echo", "[]") == 0);
    EXPECT_NOTHING();
}

/* The monitor that a spawn makes vanishes with the spawn; one that its spawner has made by name is answered. The node reads
 * both in one go, so that nothing can have come of the spawn when it reads the second. */
TR_ACTOR(who_watches_by_name_what_is_never_born_is_told)
{
    struct tr_spawn_options named = {.name = "late", .flags = TR_SPAWN_MONITOR | TR_SPAWN_LINK};
    tr_ref request, watch;
    pid_t node = getppid();
    CHECK(process_stop(node));
    int r = tr_spawn_request_term("/bin/ls:echo", &named, nothing(), &request);
    if (r == 0)
        r = tr_monitor("late", &watch);
    CHECK(kill(node, SIGCONT) == 0);
    CHECK(r == 0);
    EXPECT("{spawn_reply, Ref, error, R}", request, TR_NOT_AN_ACTOR);
    EXPECT("{'DOWN', Ref, process, {late, _}, noproc}", watch);
    EXPECT_NOTHING();
}

TR_ACTOR(the_answer_comes_before_the_death)
{
    struct tr_spawn_options both = {.flags = TR_SPAWN_MONITOR | TR_SPAWN_LINK};
    tr_ref ref;
    tr_pid pid;
    tr_trap_exit(true);
    for (int i = 0; i < 20; i++) {
        CHECK(tr_spawn_request_term("mortal", &both, nothing(), &ref) == 0);
        EXPECT_NEXT("{spawn_reply, Ref, ok, Pid}", ref, &pid);
        EXPECT_NEXT("{'EXIT', Pid, normal}", pid);
        EXPECT_NEXT("{'DOWN', Ref, process, Pid, normal}", ref, pid);
    }
}

TR_ACTOR(a_spawn_that_waits_does_not_mind_those_that_do_not)
{
    tr_ref refs[20];
    tr_pid pid, waited;
    for (int i = 0; i < 20; i++) {
        CHECK(tr_spawn_request(&refs[i], "echo", "[]") == 0);
        CHECK(tr_spawn(&waited, "echo", "[]") == 0);
        CHECK(tr_is_alive(waited));
    }
    for (int i = 0; i < 20; i++)
        EXPECT("{spawn_reply, Ref, ok, Pid}", refs[i], &pid);
    EXPECT_NOTHING();
}
