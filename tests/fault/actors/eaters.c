/* eaters: actors and programs that take more memory than the control group of the whole node has, and others that are killed as
 * by a stranger. Each case is a root actor. */
#include <signal.h>
#include <unistd.h>

#include "support/ends.h"
#include "troupe/program.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { PIECE_BYTES = 1 << 20, PIECES = 1 << 10 };

/* There is an end to it, should the kernel let it. */
TR_ACTOR(eats)
{
    for (int i = 0; i < PIECES; i++) {
        char *piece = malloc(PIECE_BYTES);
        CHECK(piece);
        memset(piece, 1, PIECE_BYTES);
    }
    tr_exit("full");
}

TR_ACTOR(is_killed) { kill(getpid(), SIGKILL); }

static tr_term end_of_shell(const char *command)
{
    const char *const arguments[] = {"-c", command, NULL};
    const struct tr_program shell = {.path = "sh", .arguments = arguments};
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_program_start(&shell, TR_SPAWN_MONITOR, NULL, &pid, &ref) == 0);
    return await(pid, ref);
}

static void expect_choice(tr_term reason)
{
    EXPECT_REASON(reason, "{limit, memory, #{by => oom_killer}}");
}

static void expect_kill(tr_term reason)
{
    EXPECT_REASON(reason, "{signal, sigkill, #{core_dumped => false}}");
}

TR_ACTOR(an_actor_that_is_chosen_is_told_from_one_that_is_killed)
{
    expect_kill(end_of("is_killed"));
    for (int i = 0; i < 3; i++) {
        expect_choice(end_of("eats"));
        expect_kill(end_of("is_killed"));
    }
}

/* What tail reads has no line end, and it keeps it all. */
TR_ACTOR(a_program_that_is_chosen_is_told_from_one_that_is_killed)
{
    expect_kill(end_of_shell("kill -9 $$"));
    expect_choice(end_of_shell("exec tail /dev/zero"));
    expect_kill(end_of_shell("kill -9 $$"));
}
