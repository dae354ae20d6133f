/* Idle: reads what the scheduler counts for each thread of the actors: nanoseconds on a processor, and how often. */
#include "support/idle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/census.h"
#include "support/node.h"
#include "support/skip.h"

struct processor_use {
    unsigned long long ns, turns;
    size_t threads;
};

static void add_thread(struct processor_use *use, pid_t os_pid, const char *thread)
{
    char path[300];
    unsigned long long ns, waited_ns, turns;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)os_pid, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fscanf(file, "%llu %llu %llu", &ns, &waited_ns, &turns) == 3) {
        use->ns += ns;
        use->turns += turns;
        use->threads++;
    }
    fclose(file);
}

static void add_process(struct processor_use *use, pid_t os_pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)os_pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));)
        if (entry->d_name[0] != '.')
            add_thread(use, os_pid, entry->d_name);
    if (threads)
        closedir(threads);
}

/* Of all actors: the node's children but the template, whose job is another. */
static struct processor_use use_of(const struct census *census)
{
    struct processor_use use = {0};
    for (size_t i = 0; i < census->count; i++)
        if (census->at[i].parent == node_os_pid() && strcmp(census->at[i].comm, "template") != 0)
            add_process(&use, census->at[i].os_pid);
    return use;
}

/* Waits until nobody has run for a while: they have just answered, and their senders are being told. */
static struct processor_use settle(const struct census *census)
{
    struct processor_use before, after = use_of(census);
    uint64_t deadline_ns = tri_deadline_ns(TEST_DEADLINE_MS);
    do {
        before = after;
        usleep(300000);
        after = use_of(census);
        if (tri_clock_ns() > deadline_ns)
            fail_msg("actors that have nothing to do do not come to rest");
    } while (after.turns > before.turns);
    return after;
}

void idle_run(int actors, int seconds, double most_ms)
{
    char count[16];
    struct census census;
    snprintf(count, sizeof count, "%d", actors);
#ifdef __SANITIZE_THREAD__
    skip_because("the thread sanitizer has a thread of its own, which wakes up");
#endif
    if (access("/proc/self/schedstat", R_OK) < 0)
        skip_because("the kernel does not count what a thread uses");
    struct program *node = node_start("bin/tests/thousand", count, NULL);
    wait_until_ms(60000, program_is_over(node) || actor_exists("all_have_answered"));
    census_take(&census);
    struct processor_use before = settle(&census);
    assert_true(before.threads >= (size_t)actors);
    sleep((unsigned)seconds);
    struct processor_use after = use_of(&census);
    census_deinit(&census);
    double ms = (double)(after.ns - before.ns) / TRI_NS_PER_MS;
    print_message("%d idle actors, %d s: %.3f ms of processor, %llu turns of %zu threads\n", actors,
                  seconds, ms, after.turns - before.turns, after.threads);
    assert_int_equal(after.threads, before.threads);
    if (ms >= most_ms)
        fail_msg("that is not less than %.1f ms", most_ms);
    node_stop(node);
}
