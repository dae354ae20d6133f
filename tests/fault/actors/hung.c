/* hung: spawns an actor from a binary that cannot be opened yet, and shows that nobody else has to wait for it.
 *
 *     hung PATH WAY
 *
 * When the node has taken the wish and has served everything else meanwhile, "served" is registered. Then, by WAY:
 *
 *     opens    PATH can be opened at last: the actor lives
 *     killed   the process that hangs is killed: the spawner is told
 *     exit     this actor sends an exit signal to what waits to be born: it is dead, though PATH still hangs
 *     stop     nothing: the node is to be stopped meanwhile
 */
#include <string.h>

#include "support/arguments.h"
#include "support/check.h"

TR_ACTOR(late)
{
    tr_receive {
        tr_case("stop") {
        }
    }
}

/* Spawns, which takes as long as it takes, and tells the outcome. */
TR_ACTOR(asker)
{
    tr_pid root, pid = TR_NO_PID;
    tr_bin entry;
    char text[512];
    CHECK(tr_match(argument, "{Root, Entry}", &root, &entry) == 0);
    snprintf(text, sizeof text, "%.*s", (int)entry.size_bytes, (const char *)entry.data);
    struct tr_spawn_options options = {.name = "late_one"};
    struct tr_out nothing = {0};
    tr_put_nil(&nothing);
    int r = tr_spawn_term(text, &options, tr_out_term(&nothing), &pid, NULL);
    tr_out_deinit(&nothing);
    tr_send(root, "{asked, R, Pid}", r, pid);
}

/* Births, deaths, names, refusals: all that the node does for others goes on. */
static void expect_service(void)
{
    tr_pid pid;
    tr_ref monitor;
    CHECK(tr_spawn_monitor(&pid, &monitor, "late", "[]") == 0);
    CHECK(tr_register("other", pid) == 0);
    CHECK(tr_exit_process(pid, "kill") == 0);
    EXPECT("{'DOWN', Ref, process, _, killed}", monitor);
    CHECK(tr_pid_is_none(tr_whereis("other")));
    CHECK(tr_spawn(&pid, "/bin/ls:late", "[]") == TR_NOT_AN_ACTOR);
}

static void await_name(const char *name)
{
    while (tr_pid_is_none(tr_whereis(name)))
        tr_receive {
            tr_after(1) {
            }
        }
}

TR_ACTOR(main)
{
    char path[400], entry[512], way[16];
    tr_pid pid;
    tr_ref monitor;
    argument_word(argument, 0, path, sizeof path);
    argument_word(argument, 1, way, sizeof way);
    snprintf(entry, sizeof entry, "%s:late", path);
    CHECK(tr_spawn(NULL, "asker", "{Root, Entry}", tr_self(), entry) == 0);
    await_name("late_one");
    CHECK(tr_monitor(tr_whereis("late_one"), &monitor) == 0);
    expect_service();
    EXPECT_NOTHING();
    CHECK(tr_register("served", tr_self()) == 0);
    if (strcmp(way, "opens") == 0) {
        EXPECT("{asked, 0, Pid}", &pid);
        CHECK(tr_is_alive(pid));
    } else if (strcmp(way, "killed") == 0) {
        EXPECT("{asked, R, _}", TR_NOT_AN_ACTOR);
        EXPECT("{'DOWN', Ref, process, _, noproc}", monitor);
        expect_service();
    } else if (strcmp(way, "exit") == 0) {
        CHECK(tr_exit_process(tr_whereis("late_one"), "kill") == 0);
        EXPECT("{asked, 0, Pid}", &pid);
        EXPECT("{'DOWN', Ref, process, Pid, killed}", monitor, pid);
    } else {
        EXPECT("stop");
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
