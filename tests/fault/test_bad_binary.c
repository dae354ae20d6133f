/* What is no actor binary is refused in one line, before anything is started, and nothing is left behind. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/complaint.h"
#include "support/fixture.h"
#include "support/node.h"

static void a_binary_without_actors_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("run", "/bin/ls", NULL), 2, "/bin/ls", "not an actor binary", NULL);
}

static void a_missing_file_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("run", "/nowhere/bank", NULL), 2, "/nowhere/bank", "No such file",
                     NULL);
}

static void a_directory_is_refused(void **state)
{
    (void)state;
    expect_complaint(run_tool("run", "/usr", NULL), 2, "/usr", "directory", NULL);
}

/* Writes a file of that mode into the run directory. The caller removes it. */
static void file_write(char path[128], const char *text, mode_t mode)
{
    snprintf(path, 128, "%s/file", fixture_run_dir());
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_script_is_refused(void **state)
{
    (void)state;
    char path[128];
    file_write(path, "#!/bin/sh\nexit 0\n", 0755);
    expect_complaint(run_tool("run", path, NULL), 2, path, "not an actor binary", NULL);
    assert_int_equal(remove(path), 0);
}

static void an_empty_file_is_refused(void **state)
{
    (void)state;
    char path[128];
    file_write(path, "", 0755);
    expect_complaint(run_tool("run", path, NULL), 2, path, "not an actor binary", NULL);
    assert_int_equal(remove(path), 0);
}

static void a_fifo_is_refused_and_not_waited_for(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/fifo", fixture_run_dir());
    assert_int_equal(mkfifo(path, 0700), 0);
    expect_complaint(run_tool("run", path, NULL), 2, path, "not an actor binary", NULL);
    assert_int_equal(remove(path), 0);
}

static void an_unknown_entry_is_refused(void **state)
{
    (void)state;
    expect_complaint(node_start("bin/tests/brood", ":nobody", NULL), 2, "nobody", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_binary_without_actors_is_refused),
        node_test(a_missing_file_is_refused),
        node_test(a_directory_is_refused),
        node_test(a_script_is_refused),
        node_test(an_empty_file_is_refused),
        node_test(a_fifo_is_refused_and_not_waited_for),
        node_test(an_unknown_entry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
