/* hangs: actors that give no sign of life, and such as only seem so; and cases that are told. Each case is a root actor. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "process/care.h"
#include "support/ends.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* What the compiler must not see through. */
static volatile int zero;

#define HANG_MS 60

static void be_watched(void) { CHECK(tri_care_ask(tri_process_here(), HANG_MS, false) == 0); }

TR_ACTOR(loops_for_ever)
{
    be_watched();
    for (;;)
        zero = 0;
}

TR_ACTOR(sleeps_for_ever)
{
    be_watched();
    for (;;)
        pause();
}

TR_ACTOR(stops)
{
    be_watched();
    kill(getpid(), SIGSTOP);
}

/* Everything that a program can block is blocked. */
TR_ACTOR(is_deaf_and_loops)
{
    sigset_t all;
    be_watched();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;)
        zero = 0;
}

static void expect_hang(const char *entry)
{
    uint64_t ms = 0;
    EXPECT_REASON(end_of(entry), "{hang, #{ms => Ms}}", &ms);
    CHECK(ms >= HANG_MS);
}

TR_ACTOR(who_computes_for_ever_hangs) { expect_hang("loops_for_ever"); }
TR_ACTOR(who_is_stuck_in_a_system_call_hangs) { expect_hang("sleeps_for_ever"); }
TR_ACTOR(who_is_stopped_hangs) { expect_hang("stops"); }
TR_ACTOR(who_hears_no_signal_hangs) { expect_hang("is_deaf_and_loops"); }

/* Long on purpose, then waits long, then is done. */
TR_ACTOR(computes_with_a_heartbeat)
{
    be_watched();
    for (int i = 0; i < 8 * HANG_MS; i++) {
        usleep(1000);
        tr_heartbeat();
    }
    tr_receive {
        tr_after(4 * HANG_MS)
            tr_exit("done");
    }
}

TR_ACTOR(who_has_a_heartbeat_or_waits_does_not_hang)
{
    EXPECT_REASON(end_of("computes_with_a_heartbeat"), "done");
}

/* On one processor with others. */
static void share_a_processor(void)
{
    cpu_set_t all, first;
    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    CPU_ZERO(&first);
    for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&first); cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &first);
    CHECK(sched_setaffinity(0, sizeof first, &first) == 0);
}

TR_ACTOR(keeps_a_processor_busy)
{
    share_a_processor();
    for (;;)
        zero = 0;
}

static uint64_t now_ms(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#define PATIENT_MS 400

/* Half as long as it may, and twice as long as it may by the clock at the least. */
TR_ACTOR(computes_among_others)
{
    share_a_processor();
    CHECK(tri_care_ask(tri_process_here(), PATIENT_MS, false) == 0);
    uint64_t began_ms = now_ms(CLOCK_MONOTONIC), begun_ms = now_ms(CLOCK_THREAD_CPUTIME_ID);
    while (now_ms(CLOCK_THREAD_CPUTIME_ID) < begun_ms + PATIENT_MS / 2)
        ;
    tr_exit("{worked, N}", (long)(now_ms(CLOCK_MONOTONIC) - began_ms));
}

TR_ACTOR(who_waits_for_a_processor_does_not_hang)
{
    enum { OTHERS = 7 };
    tr_pid others[OTHERS];
    tr_ref refs[OTHERS];
    long took_ms;
    for (int i = 0; i < OTHERS; i++)
        others[i] = begin("keeps_a_processor_busy", &refs[i]);
    EXPECT_REASON(end_of("computes_among_others"), "{worked, N}", &took_ms);
    for (int i = 0; i < OTHERS; i++) {
        CHECK(tr_exit_process(others[i], "kill") == 0);
        EXPECT_REASON(await(others[i], refs[i]), "killed");
    }
    CHECK(took_ms > 2 * PATIENT_MS);
}

/* Stops itself and its node, as ^Z does, from a process that goes on. */
static void be_stopped_with_the_node(void)
{
    pid_t self = getpid(), node = getppid(), stopper = fork();
    CHECK(stopper >= 0);
    if (stopper > 0)
        return;
    kill(
        node,
        SIGSTOP); /* first: it must not see the other one stopped alone, however late this process is */
    kill(self, SIGSTOP);
    poll(NULL, 0, 3 * PATIENT_MS);
    kill(node, SIGCONT);
    poll(NULL, 0, PATIENT_MS / 4);
    kill(self, SIGCONT);
    _exit(0);
}

TR_ACTOR(computes_and_is_stopped)
{
    CHECK(tri_care_ask(tri_process_here(), PATIENT_MS, false) == 0);
    uint64_t began_ms = now_ms(CLOCK_MONOTONIC), begun_ms = now_ms(CLOCK_THREAD_CPUTIME_ID);
    be_stopped_with_the_node();
    while (now_ms(CLOCK_THREAD_CPUTIME_ID) < begun_ms + PATIENT_MS / 4 ||
           now_ms(CLOCK_MONOTONIC) <= began_ms + 3 * PATIENT_MS)
        ;
    tr_exit("{worked, N}", (long)(now_ms(CLOCK_MONOTONIC) - began_ms));
}

TR_ACTOR(who_was_stopped_with_its_node_does_not_hang)
{
    long took_ms;
    EXPECT_REASON(end_of("computes_and_is_stopped"), "{worked, N}", &took_ms);
    CHECK(took_ms > 3 * PATIENT_MS);
}

#define TIMES 100

/* All at once: one after the other would take long. */
TR_ACTOR(a_hundred_hangs)
{
    tr_pid pids[TIMES];
    tr_ref refs[TIMES];
    for (int i = 0; i < TIMES; i++)
        pids[i] = begin("sleeps_for_ever", &refs[i]);
    for (int i = 0; i < TIMES; i++)
        EXPECT_REASON(await(pids[i], refs[i]), "{hang, #{ms => Ms}}", &(uint64_t){0});
}
