/* Confined: actors with limits and in sandboxes. The cases are actors, in actors/confined.c; most are run twice, by root and by
 * nobody, for whom other rules hold. */
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/rule.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_seccomp.h"
#include "support/skip.h"

#define BINARY "bin/tests/confined"
#define NOBODY "65534"

static bool has_sandbox(void)
{
    return tri_landlock_version() > 0 && tri_filter_of_actor(TR_SANDBOX_LIGHT);
}

/* The node and all its actors as nobody, who may be unable to reach the build tree: so the binary is copied. */
static void run_as_nobody(const char *entry)
{
    char folder[] = "/tmp/troupe-confined.XXXXXX", copy[64], command[512];
    assert_non_null(mkdtemp(folder));
    snprintf(copy, sizeof copy, "%s/confined", folder);
    snprintf(command, sizeof command, "cp %s/tests/confined %s && chmod 755 %s %s",
             program_folder(), copy, copy, folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(chown(fixture_run_dir(), (uid_t)atoi(NOBODY), (gid_t)atoi(NOBODY)), 0);
    const char *const argv[] = {"/usr/bin/setpriv",
                                "--reuid=" NOBODY,
                                "--regid=" NOBODY,
                                "--clear-groups",
                                copy,
                                entry,
                                NULL};
    struct program *node = program_start(argv);
    int status = program_wait(node);
    unlink(copy);
    rmdir(folder);
    if (status != 0)
        fprintf(stderr, "%s%s", program_stdout(node), program_stderr(node));
    assert_int_equal(status, 0);
}

static void run_here(void **state)
{
    if (!has_sandbox())
        skip();
    rule_run(state);
}

static void run_both(void **state)
{
    run_here(state);
    if (geteuid() == 0)
        run_as_nobody(strchr(*state, ' ') + 1);
}

static void run_without_rights(void **state)
{
    if (geteuid() != 0)
        rule_run(state);
    else
        run_as_nobody(strchr(*state, ' ') + 1);
}

static void run_as_root(void **state)
{
    need_root("root's own rules");
    rule_run(state);
}

#define case_of(name, how)                                                                         \
    {                                                                                              \
#name, how, fixture_setup, fixture_teardown, (void *)BINARY " :" #name                     \
    }

static const struct CMUnitTest tests[] = {
    case_of(an_actor_can_allocate_as_much_as_it_may_and_no_more, run_both),
    case_of(who_computes_too_long_dies_of_the_cpu_limit, run_here),
    case_of(who_writes_too_long_a_file_dies_of_that, run_here),
    case_of(descriptors_nice_umask_and_core_are_as_asked, run_both),
    case_of(who_has_as_many_processes_as_it_may_cannot_fork, run_without_rights),
    case_of(what_cannot_be_enforced_is_told_and_refused_if_asked, run_as_root),
    case_of(an_actor_in_a_light_sandbox_lives_a_normal_life, run_both),
    case_of(an_actor_in_a_full_sandbox_lives_a_normal_life, run_both),
    case_of(an_actor_that_may_read_almost_nothing_lives_a_normal_life, run_both),
    case_of(a_sandboxed_actor_writes_where_it_may, run_both),
    case_of(a_call_that_a_sandbox_denies_is_told_by_its_name, run_both),
    case_of(a_full_sandbox_has_no_network_and_kills_nobody, run_both),
    case_of(a_light_sandbox_signals_nobody_outside, run_both),
    case_of(whom_a_sandboxed_actor_spawns_is_in_its_sandbox, run_both),
    case_of(a_sandboxed_actor_has_only_roots_binaries_executed, run_both),
    case_of(who_comes_from_a_sandbox_cannot_join_the_node, run_both),
    case_of(a_path_that_is_not_there_is_told, run_both),
    case_of(a_child_that_is_started_again_is_confined_again, run_both),
    case_of(a_strict_full_sandbox_is_had_or_refused, run_both),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
