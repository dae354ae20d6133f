/* Guardian, node and template die at the same instant, so that none of them can clean up after the others. No actor is
 * left, because the kernel ends them with their parent, and the next start under that name clears what the dead left.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support/census.h"
#include "support/fixture.h"
#include "support/folder.h"
#include "support/node.h"

static size_t mailboxes(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/troupe/brood/m", fixture_run_dir());
    return folder_entries(path);
}

/* Stops them first: then none sees another die before it dies itself. */
static void kill_at_once(const pid_t *os_pids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(os_pids[i] > 1);
        assert_int_equal(kill(os_pids[i], SIGSTOP), 0);
    }
    for (size_t i = 0; i < count; i++)
        wait_until(process_state(os_pids[i]) == 'T');
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kill(os_pids[i], SIGKILL), 0);
}

/* The table of the dead may still be there, and names a brood too: the new one is its guardian's. */
static bool is_up(const struct program *node)
{
    return node_guardian_os_pid() == node->os_pid && actor_exists("brood");
}

static struct program *brood_start(const char *actors, const char *grandchildren)
{
    struct program *node = node_start("bin/tests/brood", actors, grandchildren, NULL);
    wait_until(is_up(node) || program_is_over(node));
    if (node->is_over)
        fail_msg("the node did not come up: %s", program_stderr(node));
    return node;
}

static void kill_all_three(struct program *node)
{
    const pid_t os_pids[] = {node_guardian_os_pid(), node_os_pid(),
                             census_child(node_os_pid(), "template")};
    kill_at_once(os_pids, 3);
    program_expect_exit(node, 128 + SIGKILL);
}

static void no_actor_survives_all_three(void **state)
{
    (void)state;
    struct census before;
    struct program *node = brood_start("100", "0");
    census_take(&before);
    kill_all_three(node);
    wait_until(census_living(&before) == 0);
    census_deinit(&before);
    node = brood_start("2", "0"); /* clears the disk, which the end of this test looks at */
    assert_int_equal(node_stop(node), 0);
}

static void the_next_start_clears_what_the_dead_left(void **state)
{
    (void)state;
    struct census before;
    struct program *node = brood_start("50", "0");
    census_take(&before);
    kill_all_three(node);
    wait_until(census_living(&before) == 0);
    census_deinit(&before);
    assert_true(mailboxes() >= 51); /* nobody was there to remove them */
    node = brood_start("2", "0");
    assert_int_equal(mailboxes(), 3);
    assert_int_equal(node_actors(), 3);
    assert_int_equal(node_stop(node), 0);
}

/* With nobody left who knows of them, grandchildren go to whoever adopts orphans here: they are out of our reach, and
 * must not keep the name from being used again. */
static void grandchildren_of_the_dead_do_not_hold_the_name(void **state)
{
    (void)state;
    struct census orphans;
    struct program *node = brood_start("8", "8");
    kill_all_three(node);
    wait_until(fixture_descendants() == 8);
    census_take(&orphans);
    node = brood_start("2", "0");
    assert_int_equal(node_stop(node), 0);
    assert_int_equal(census_living(&orphans), 8);
    census_signal(&orphans, SIGKILL);
    census_deinit(&orphans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(no_actor_survives_all_three),
        node_test(the_next_start_clears_what_the_dead_left),
        node_test(grandchildren_of_the_dead_do_not_hold_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
