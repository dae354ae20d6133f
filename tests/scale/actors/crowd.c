/* crowd: so many actors at once. All are started, each answers a ping, all are killed; nothing may fail.
 *
 *     crowd COUNT
 *
 * It prints what each step took, and what the whole machine had less of, for people: nothing here depends on it.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "support/arguments.h"
#include "support/check.h"

/* Births under way at once: enough that nobody waits for anybody. */
#define BIRTHS_AT_ONCE 64
/* Answers under way at once: the mailbox of one is not meant for all at the same moment. */
#define PINGS_AT_ONCE 256

struct crowd {
    long count;
    tr_pid *pids;
    tr_ref *monitors;
};

TR_ACTOR(member)
{
    tr_pid from;
    for (;;)
        tr_receive {
            tr_case("{From, ping}", &from)
                tr_send(from, "{pong, Self}", tr_self());
        }
}

static double used_kb(void)
{
    double total = 0, available = 0;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "MemTotal: %lf", &total);
        sscanf(line, "MemAvailable: %lf", &available);
    }
    if (file)
        fclose(file);
    return total - available;
}

static void say(const struct crowd *crowd, const char *what, uint64_t since_ns)
{
    double seconds = (double)(tri_clock_ns() - since_ns) / 1e9;
    printf("%ld %s in %.1f s: %.0f a second\n", crowd->count, what, seconds,
           (double)crowd->count / seconds);
    fflush(stdout);
}

static void request_one(struct crowd *crowd, long i)
{
    static const uint8_t nil_ext = 106;
    struct tr_spawn_options options = {.flags = TR_SPAWN_MONITOR};
    CHECK(tr_spawn_request_term("member", &options, (tr_term){&nil_ext, 1}, &crowd->monitors[i]) ==
          0);
}

static void start(struct crowd *crowd)
{
    long asked = 0;
    for (long i = 0; i < crowd->count; i++) {
        while (asked < crowd->count && asked - i < BIRTHS_AT_ONCE)
            request_one(crowd, asked++);
        EXPECT("{spawn_reply, Ref, ok, Pid}", crowd->monitors[i], &crowd->pids[i]);
    }
}

static void ping(struct crowd *crowd)
{
    long asked = 0;
    for (long i = 0; i < crowd->count; i++) {
        while (asked < crowd->count && asked - i < PINGS_AT_ONCE)
            CHECK(tr_send(crowd->pids[asked++], "{From, ping}", tr_self()) == 0);
        EXPECT("{pong, Pid}", crowd->pids[i]);
    }
}

static void end(struct crowd *crowd)
{
    for (long i = 0; i < crowd->count; i++)
        CHECK(tr_exit_process(crowd->pids[i], "kill") == 0);
    for (long i = 0; i < crowd->count; i++)
        EXPECT("{'DOWN', Ref, process, Pid, killed}", crowd->monitors[i], crowd->pids[i]);
}

/* Each member connects to this actor, and takes a descriptor of it. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TR_ACTOR(main)
{
    raise_descriptors();
    struct crowd crowd = {.count = argument_number(argument, 0, 1000)};
    crowd.pids = calloc((size_t)crowd.count, sizeof *crowd.pids);
    crowd.monitors = calloc((size_t)crowd.count, sizeof *crowd.monitors);
    CHECK(crowd.pids && crowd.monitors);
    double before_kb = used_kb();
    uint64_t since_ns = tri_clock_ns();
    start(&crowd);
    say(&crowd, "started", since_ns);
    printf("%.0f kB of the machine's memory each\n", (used_kb() - before_kb) / (double)crowd.count);
    since_ns = tri_clock_ns();
    ping(&crowd);
    say(&crowd, "answered", since_ns);
    printf("%.0f kB of the machine's memory each\n", (used_kb() - before_kb) / (double)crowd.count);
    since_ns = tri_clock_ns();
    end(&crowd);
    say(&crowd, "ended", since_ns);
    free(crowd.pids);
    free(crowd.monitors);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
