/* No more slots, processes or descriptors: spawn answers with the reason, nobody dies of it, and when there is room
 * again, spawn works again.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/complaint.h"
#include "support/copy.h"
#include "support/fixture.h"
#include "support/node.h"
#include "support/skip.h"

/* A user who has no other processes than those of one test program. */
static unsigned lonely_user(void) { return 1000000 + (unsigned)getpid(); }

/* Some of the tests run it as another user. */
static struct copies copies;
static char copy_path[COPY_PATH_BYTES];

static const char *spawner(void) { return copy_path; }

static int copy_spawner(void **state)
{
    (void)state;
    copies_begin(&copies);
    copies_add(&copies, "tests/spawner", "spawner", copy_path);
    return 0;
}

static int remove_copy(void **state)
{
    (void)state;
    copies_end(&copies);
    return 0;
}

static void expect_refusal(struct program *node, const char *reason)
{
    program_expect_exit(node, 0);
    const char *text = program_stdout(node);
    if (!strstr(text, reason))
        fail_msg("the reason is not \"%s\": %s", reason, text);
    assert_non_null(strstr(text, "the others live"));
    assert_non_null(strstr(text, "there is room again"));
}

static void without_a_free_slot_spawn_says_so(void **state)
{
    (void)state;
    struct program *node = run_tool("run", "--slots", "6", spawner(), "100", NULL);
    expect_refusal(node, "after 4: ");
}

static void need_lonely_user(void)
{
    need_root("another user's limit of processes");
    if (access("/usr/bin/setpriv", X_OK) < 0 || access("/usr/bin/prlimit", X_OK) < 0)
        skip_because("setpriv and prlimit are needed");
}

static void without_more_processes_spawn_says_so(void **state)
{
    (void)state;
    char user[32], group[32];
    need_lonely_user();
    snprintf(user, sizeof user, "--reuid=%u", lonely_user());
    snprintf(group, sizeof group, "--regid=%u", lonely_user());
    assert_int_equal(chown(fixture_run_dir(), lonely_user(), lonely_user()), 0);
    const char *argv[] = {
        "/usr/bin/setpriv", user,   group, "--clear-groups", "/usr/bin/prlimit", "--nproc=40",
        spawner(),          "1000", NULL};
    expect_refusal(program_start(argv), "Resource temporarily unavailable");
}

static void without_more_descriptors_the_node_says_so(void **state)
{
    (void)state;
    expect_refusal(node_start(spawner(), "1000", "40", NULL), "Too many open files");
}

static void a_node_without_enough_processes_to_start_is_refused(void **state)
{
    (void)state;
    char user[32];
    need_lonely_user();
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* the search for leaks needs a process itself */
    for (int processes = 1; processes <= 3; processes++) {
        char limit[32];
        snprintf(user, sizeof user, "--reuid=%u", lonely_user());
        snprintf(limit, sizeof limit, "--nproc=%d", processes);
        assert_int_equal(chown(fixture_run_dir(), lonely_user(), (gid_t)-1), 0);
        const char *argv[] = {"/usr/bin/setpriv",
                              user,
                              "--clear-groups",
                              "/usr/bin/prlimit",
                              limit,
                              spawner(),
                              "1000",
                              NULL};
        expect_complaint(program_start(argv), 2, "Resource temporarily unavailable", NULL);
    }
    unsetenv("LSAN_OPTIONS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(without_a_free_slot_spawn_says_so),
        node_test(without_more_processes_spawn_says_so),
        node_test(without_more_descriptors_the_node_says_so),
        node_test(a_node_without_enough_processes_to_start_is_refused),
    };
    return cmocka_run_group_tests(tests, copy_spawner, remove_copy);
}
