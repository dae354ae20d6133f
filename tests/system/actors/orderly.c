/* orderly: a root that is told to stop, says so, and ends as its command line wants: `orderly shutdown`, `orderly
 * status 7`, `orderly crash`. Its worker does not trap exits and goes with it. */
#include <signal.h>
#include <string.h>

#include "support/arguments.h"
#include "support/check.h"

TR_ACTOR(worker)
{
    tr_receive {
        tr_case("stop") {
        }
    }
}

static _Noreturn void end_as(const char *way, int status)
{
    if (strcmp(way, "status") == 0)
        tr_exit("{exit_status, N}", status);
    if (strcmp(way, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(way, "nonsense") == 0)
        tr_exit("{nonsense, 42}");
    tr_exit("shutdown");
}

TR_ACTOR(main)
{
    char way[32];
    int status = (int)argument_number(argument, 1, 0);
    argument_word(argument, 0, way, sizeof way);
    tr_trap_exit(true);
    CHECK(tr_spawn(NULL, "worker", "[]") == 0);
    CHECK(tr_register("orderly", tr_self()) == 0);
    tr_receive {
        tr_case("{'EXIT', _, shutdown}") {
        }
    }
    printf("told to stop\n");
    fflush(stdout);
    end_as(way, status);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
