/* Crashy: workers that end in every way that native code knows, and a watcher that is told how each of them did. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troupe.h>
#include <unistd.h>

/* The undefined behaviour sanitizer must not be quicker than the crash. */
#define CRASHES __attribute__((no_sanitize("undefined")))

/* What the compiler must not see through. */
static int *volatile nowhere;
static volatile int zero;

CRASHES TR_ACTOR(segfaults) { *(volatile int *)nowhere = 42; }

TR_ACTOR(aborts) { abort(); }

CRASHES TR_ACTOR(divides_by_zero) { zero = 42 / zero; }

static int sum_without_end(int n)
{
    volatile int numbers[1000];

    numbers[n % 1000] = n;
    return zero ? 0 : sum_without_end(n + 1) + numbers[n % 1000];
}

TR_ACTOR(overflows_its_stack) { sum_without_end(0); }

TR_ACTOR(exits_with_3) { exit(3); }

TR_ACTOR(is_killed_by_a_stranger) { kill(getpid(), SIGKILL); }

TR_ACTOR(gives_a_reason) { tr_exit("{out_of, [coffee, time]}"); }

TR_ACTOR(returns) {}

TR_ACTOR(loops_for_ever)
{
    for (;;)
        ;
}

static void watch(const char *worker)
{
    tr_pid pid;
    tr_ref ref;
    tr_term reason;

    if (tr_spawn_monitor(&pid, &ref, worker, "[]") != 0)
        tr_exit("spawn_failed");
    if (strcmp(worker, "loops_for_ever") == 0)
        tr_exit_process(pid, "kill");
    tr_receive {
        tr_case("{'DOWN', Ref, process, Pid, Reason}", ref, pid, &reason) {
            char *text = tr_print_new(reason);
            printf("%-24s %s\n", worker, text ? text : "?");
            free(text);
        }
    }
}

TR_ACTOR(main)
{
    static const char *const workers[] = {
        "segfaults",           "aborts",       "divides_by_zero",
        "overflows_its_stack", "exits_with_3", "is_killed_by_a_stranger",
        "gives_a_reason",      "returns",      "loops_for_ever",
    };

    for (size_t i = 0; i < sizeof workers / sizeof workers[0]; i++)
        watch(workers[i]);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
