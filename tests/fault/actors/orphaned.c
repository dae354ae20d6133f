/* orphaned: an actor dies while the template is stopped with a fork under way, and while a grandchild that nobody knows
 * is a zombie of the node's. Its death is told all the same.
 *
 * The test stops the template when "ready" is registered, sends template_is_stopped, and lets the template go on when
 * "told" is registered.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/process_state.h"

TR_ACTOR(idle)
{
    tr_receive {
        tr_case("stop") {
        }
    }
}

/* Spawns when it is told to, which takes as long as it takes, and tells the outcome. */
TR_ACTOR(asker)
{
    tr_pid root, pid = TR_NO_PID;
    struct tr_spawn_options options = {.name = "late_one"};
    CHECK(tr_match(argument, "Root", &root) == 0);
    EXPECT("go");
    int r = tr_spawn_term("idle", &options, argument, &pid, NULL);
    tr_send(root, "{asked, R, Pid}", r, pid);
}

/* A grandchild whose parent has gone: the node's. It lives until the pipe is closed. */
static pid_t orphan_start(int *ret_pipe_fd)
{
    int life[2], tell[2];
    char byte;
    pid_t orphan = 0;
    CHECK(pipe(life) == 0 && pipe(tell) == 0);
    pid_t between = fork();
    if (between == 0) {
        orphan = fork();
        if (orphan == 0) {
            close(life[1]);
            while (read(life[0], &byte, 1) < 0 && errno == EINTR)
                ;
            _exit(0);
        }
        _exit(write(tell[1], &orphan, sizeof orphan) != sizeof orphan);
    }
    CHECK(between > 0 && waitpid(between, NULL, 0) == between &&
          read(tell[0], &orphan, sizeof orphan) == sizeof orphan && orphan > 1);
    close(life[0]);
    close(tell[0]);
    close(tell[1]);
    *ret_pipe_fd = life[1];
    return orphan;
}

static void pause_ms(int64_t time_ms)
{
    tr_receive {
        tr_after(time_ms) {
        }
    }
}

TR_ACTOR(main)
{
    tr_pid victim, pid;
    tr_ref monitor;
    int pipe_fd;
    pid_t orphan = orphan_start(&pipe_fd); /* older than the victim: it comes before it */
    CHECK(tr_spawn_monitor(&victim, &monitor, "idle", "[]") == 0);
    int os_pid = actor_os_pid(victim);
    CHECK(tr_spawn(&pid, "asker", "Root", tr_self()) == 0);
    CHECK(tr_register("ready", tr_self()) == 0);

    EXPECT("template_is_stopped");
    tr_send(pid, "go");
    while (tr_pid_is_none(tr_whereis("late_one")))
        pause_ms(1);
    close(pipe_fd);
    while (process_state(orphan) != 'Z')
        pause_ms(1);
    CHECK(kill(os_pid, SIGKILL) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
    CHECK(process_state(orphan) == 'Z');
    CHECK(tr_register("told", pid) == 0);

    EXPECT("{asked, 0, Pid}", &pid);
    CHECK(tr_is_alive(pid));
    while (process_state(orphan) != 0)
        pause_ms(1);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
