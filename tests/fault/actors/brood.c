/* brood: many actors, some with a process that has left home: forked twice, in a session of its own, so that nobody
 * but a subreaper can find it. Half of those have become another program besides.
 *
 *     brood ACTORS GRANDCHILDREN
 *
 * The root registers `brood` when all of them are up, and waits.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"

/* The grandchild. It must not touch anything of the runtime: nanomsg's sockets are its father's. */
static _Noreturn void lead_another_life(bool becomes_sleep, int ready_fd)
{
    sigset_t none;
    char byte = 1;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (write(ready_fd, &byte, 1) != 1)
        _exit(1);
    if (becomes_sleep)
        execlp("sleep", "sleep", "1000", NULL);
    for (;;)
        pause();
}

/* Forks twice; returns when the grandchild lives and its father does not. */
static bool leave_a_grandchild(bool becomes_sleep)
{
    int fds[2], status = 0;
    char byte;
    if (pipe(fds) < 0)
        return false;
    pid_t os_pid = fork();
    if (os_pid == 0) {
        setsid();
        if (fork() == 0)
            lead_another_life(becomes_sleep, fds[1]);
        _exit(0);
    }
    close(fds[1]);
    bool is_up = os_pid > 0 && read(fds[0], &byte, 1) == 1;
    close(fds[0]);
    return is_up && waitpid(os_pid, &status, 0) == os_pid && status == 0;
}

TR_ACTOR(child)
{
    tr_pid root;
    bool has_grandchild, becomes_sleep;
    CHECK(tr_match(argument, "{Root, HasGrandchild, BecomesSleep}", &root, &has_grandchild,
                   &becomes_sleep) == 0);
    if (has_grandchild)
        CHECK(leave_a_grandchild(becomes_sleep));
    tr_send(root, "up");
    tr_receive {
        tr_case("stop") {
        }
    }
}

TR_ACTOR(main)
{
    long actors = argument_number(argument, 0, 100);
    long grandchildren = argument_number(argument, 1, 25);
    for (long i = 0; i < actors; i++) {
        bool has_grandchild = i < grandchildren, becomes_sleep = i % 2 == 0;
        CHECK(tr_spawn_link(NULL, "child", "{Root, HasGrandchild, BecomesSleep}", tr_self(),
                            has_grandchild, becomes_sleep) == 0);
    }
    for (long i = 0; i < actors; i++)
        EXPECT("up");
    CHECK(tr_register("brood", tr_self()) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
