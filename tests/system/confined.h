/* Confined: how the cases about limits and sandboxes are run: by root and by nobody, for whom other rules hold. */
#ifndef SYSTEM_CONFINED_H
#define SYSTEM_CONFINED_H

#include <unistd.h>

#include "conformance/rule.h"
#include "process/sandbox_landlock.h"
#include "process/sandbox_seccomp.h"
#include "support/copy.h"
#include "support/skip.h"

#define NOBODY "65534"

static inline bool has_sandbox(void)
{
    return tri_landlock_version() > 0 && tri_filter_of_actor(TR_SANDBOX_LIGHT);
}

/* The node and all its actors as nobody, who may be unable to reach the build tree. */
static inline void run_as_nobody(const char *binary, const char *entry)
{
    struct copies copies;
    char program[128], copy[COPY_PATH_BYTES], offender[COPY_PATH_BYTES];
    copies_begin(&copies);
    snprintf(program, sizeof program, "tests/%s", binary);
    copies_add(&copies, program, binary, copy);
    copies_add(&copies, "tests/offender", "offender", offender);
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
    copies_end(&copies);
    if (status != 0)
        fprintf(stderr, "%s%s", program_stdout(node), program_stderr(node));
    assert_int_equal(status, 0);
}

/* Of "bin/tests/BINARY :CASE". */
static inline void run_case_as_nobody(const char *place)
{
    char binary[64];
    const char *name = strrchr(place, '/') + 1, *space = strchr(name, ' ');
    snprintf(binary, sizeof binary, "%.*s", (int)(space - name), name);
    run_as_nobody(binary, space + 1);
}

static inline void run_here(void **state)
{
    if (!has_sandbox())
        skip_because("there is no sandbox: it needs libseccomp and Landlock");
    rule_run(state);
}

static inline void run_both(void **state)
{
    run_here(state);
    if (geteuid() == 0)
        run_case_as_nobody(*state);
}

/* Where nobody outside can be reached with a signal. */
static inline void run_both_without_signals(void **state)
{
    if (!tri_landlock_has_scopes())
        skip_because("this Landlock does not bound signals");
    run_both(state);
}

static inline void run_without_rights(void **state)
{
    if (geteuid() != 0)
        rule_run(state);
    else
        run_case_as_nobody(*state);
}

static inline void run_both_unsanitized(void **state)
{
    need_exact_memory();
    run_both(state);
}

static inline void run_as_root(void **state)
{
    need_root("root's own rules");
    rule_run(state);
}

#define case_of(actor, run) rule_by(run, "bin/tests/" BINARY, actor)

#endif
