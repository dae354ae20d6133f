/* spawner: spawns until that is refused, tells why, and shows that it did no harm.
 *
 *     spawner MAXIMUM [DESCRIPTORS]
 *
 * With DESCRIPTORS the node, which runs by then, may have no more than those; its actors are not limited.
 * It prints "after N: REASON". Then every actor born before must live ("the others live"), and when some of them have
 * ended, one more must be born ("there is room again").
 */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"

#define CROWD_MAX 4096

static tr_pid crowd[CROWD_MAX];
static long crowd_count;

TR_ACTOR(one)
{
    tr_pid from;
    bool is_done = false;
    while (!is_done)
        tr_receive {
            tr_case("{ping, From}", &from)
                CHECK(tr_send(from, "{pong, Me}", tr_self()) == 0);
            tr_case("stop")
                is_done = true;
        }
}

/* Every one lives, and answers. On a full disk an answer may find no room for itself, which tr_send says. */
static void expect_life(bool is_disk_full)
{
    for (long i = 0; i < crowd_count; i++) {
        CHECK(tr_is_alive(crowd[i]));
        if (is_disk_full)
            continue;
        CHECK(tr_send(crowd[i], "{ping, Me}", tr_self()) == 0);
        EXPECT("{pong, Who}", crowd[i]);
    }
}

/* Ends the youngest, wholly. */
static void end_one(void)
{
    tr_ref monitor;
    tr_pid pid = crowd[--crowd_count];
    CHECK(tr_monitor(pid, &monitor) == 0);
    CHECK(tr_exit_process(pid, "shutdown") == 0);
    EXPECT("{'DOWN', Ref, process, _, shutdown}", monitor);
}

static void limit_node(long descriptors)
{
    const struct rlimit limit = {(rlim_t)descriptors, (rlim_t)descriptors};
    CHECK(prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL) == 0);
}

TR_ACTOR(main)
{
    long maximum = argument_number(argument, 0, 100);
    long descriptors = argument_number(argument, 1, 0);
    int r = 0;
    CHECK(maximum <= CROWD_MAX);
    if (descriptors > 0)
        limit_node(descriptors);
    while (crowd_count < maximum && (r = tr_spawn(&crowd[crowd_count], "one", "[]")) == 0)
        crowd_count++;
    printf("after %ld: %s\n", crowd_count, tr_strerror(r));
    CHECK(r != 0 && crowd_count > 0);
    expect_life(r == -ENOSPC);
    printf("the others live\n");
    for (long i = 0; i < 3 && crowd_count > 1; i++)
        end_one();
    CHECK(tr_spawn(&crowd[crowd_count++], "one", "[]") == 0);
    expect_life(r == -ENOSPC);
    printf("there is room again\n");
    fflush(stdout);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
