/* Deaths: the round, and what is looked at after it. */
#include "support/deaths.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "support/census.h"
#include "support/fixture.h"
#include "support/folder.h"
#include "support/node.h"

#define ACTORS "100"
#define GRANDCHILDREN "25"
/* Root, actors, their grandchildren, guardian, node, template. */
#define PROCESSES (1 + 100 + 25 + 3)
#define MARK "TROUPE_TEST_MARK"
/* On a machine that has nothing else to do plain processes take some 8 ms, so that the second that is promised is as long as
 * this many of their deaths; on one that has, both take longer. */
#define PLAIN_DEATHS 100

static pid_t find(enum victim victim)
{
    return victim == VICTIM_GUARDIAN ? node_guardian_os_pid()
           : victim == VICTIM_NODE   ? node_os_pid()
                                     : census_child(node_os_pid(), "template");
}

/* How many files and directories are in the test's run directory, the empty base of all nodes not counted. */
static size_t files_left(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/troupe", fixture_run_dir());
    return folder_entries(path);
}

static size_t left(const struct census *before, const char *mark)
{
    return census_living(before) + census_marked(mark) + files_left();
}

/* How long as many plain processes take, from the kill to the end of the last: what the machine can do at this moment. */
static uint64_t plain_deaths_ns(void)
{
    pid_t os_pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        os_pids[i] = fork();
        assert_true(os_pids[i] >= 0);
        if (os_pids[i] > 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    uint64_t killed_ns = tri_clock_ns();
    for (int i = 0; i < PROCESSES; i++)
        kill(os_pids[i], SIGKILL);
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(waitpid(os_pids[i], NULL, 0), os_pids[i]);
    return tri_clock_ns() - killed_ns;
}

/* Waits until nothing is left. Returns when that was looked for: what is seen late by one who was not let run is not late. */
static uint64_t expect_nothing_left(const struct census *before, const char *mark,
                                    uint64_t killed_ns, uint64_t within_ms)
{
    uint64_t allowed_ns = within_ms * TRI_NS_PER_MS;
    for (bool is_late = false;;) {
        uint64_t now_ns = tri_clock_ns();
        size_t rest = left(before, mark);
        if (rest == 0)
            return now_ns;
        if (now_ns > killed_ns + allowed_ns && !is_late) {
            is_late = true;
            uint64_t busy_ns = PLAIN_DEATHS * plain_deaths_ns();
            allowed_ns = busy_ns > allowed_ns ? busy_ns : allowed_ns;
        }
        if (now_ns > killed_ns + allowed_ns) {
            census_report(before);
            fail_msg("%.0f ms after the kill %zu processes and files were left",
                     (double)(now_ns - killed_ns) / TRI_NS_PER_MS, rest);
        }
        usleep(2000);
    }
}

/* One death. Returns how long it took until nothing was left, in ms. */
static double die_once(enum victim victim, int round, uint64_t within_ms)
{
    struct census before;
    char mark[64] = MARK "=";
    snprintf(mark + strlen(mark), sizeof mark - strlen(mark), "%d.%d", (int)getpid(), round);
    setenv(MARK, mark + strlen(MARK "="), 1);
    struct program *node = node_start("bin/tests/brood", ACTORS, GRANDCHILDREN, NULL);
    wait_until(actor_exists("brood") || program_is_over(node));
    if (node->is_over)
        fail_msg("the node did not come up: %s", program_stderr(node));
    census_take(&before);
    assert_int_equal(before.count, PROCESSES);

    pid_t os_pid = find(victim);
    assert_true(os_pid > 1);
    uint64_t killed_ns = tri_clock_ns();
    assert_int_equal(kill(os_pid, SIGKILL), 0);
    uint64_t gone_ns = expect_nothing_left(&before, mark, killed_ns, within_ms);
    program_wait(node);
    if (fixture_descendants() > 0)
        fail_msg("somebody was born during the death, and lives");
    double ms = (double)(gone_ns - killed_ns) / TRI_NS_PER_MS;
    census_deinit(&before);
    unsetenv(MARK);
    program_forget_all();
    return ms;
}

void deaths_repeat(enum victim victim, int rounds, uint64_t within_ms)
{
    double longest_ms = 0, sum_ms = 0;
    for (int round = 0; round < rounds; round++) {
        double ms = die_once(victim, round, within_ms);
        sum_ms += ms;
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    print_message("%d deaths: nothing left after %.0f ms on average, %.0f ms at most\n", rounds,
                  sum_ms / rounds, longest_ms);
}
