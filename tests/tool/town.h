/* Town: what the tests of configurations share: a file of the test's own, town.conf, and the node that runs it. */
#ifndef TESTS_TOWN_H
#define TESTS_TOWN_H

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static char town_folder[PATH_MAX];

static inline int town_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(town_folder, sizeof town_folder, "%s/troupe-config-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(town_folder) ? fixture_setup(state) : -1;
}

static inline const char *path_of(const char *name)
{
    static char path[2][PATH_MAX + 64];
    static int which;
    which = !which;
    snprintf(path[which], sizeof path[which], "%s/%s", town_folder, name);
    return path[which];
}

static inline int town_teardown(void **state)
{
    unlink(path_of("town.conf"));
    unlink(path_of("closed"));
    unlink(path_of("said"));
    rmdir(town_folder);
    return fixture_teardown(state);
}

#define config_test(body) cmocka_unit_test_setup_teardown(body, town_setup, town_teardown)

/* Writes town.conf; "STAFF" in it becomes the path of the binary, and "HERE" the folder. */
static inline void write_file(const char *text)
{
    char staff[PATH_MAX + 16];
    snprintf(staff, sizeof staff, "%s/tests/staff", program_folder());
    FILE *file = fopen(path_of("town.conf"), "w");
    assert_non_null(file);
    while (*text) {
        bool is_staff = strncmp(text, "STAFF", 5) == 0, is_here = strncmp(text, "HERE", 4) == 0;
        if (is_staff || is_here)
            fputs(is_staff ? staff : town_folder, file);
        else
            fputc(*text, file);
        text += is_staff ? 5 : is_here ? 4 : 1;
    }
    assert_int_equal(fclose(file), 0);
}

static inline void touch(const char *name) { close(open(path_of(name), O_WRONLY | O_CREAT, 0600)); }

/* Somebody else has the name now. */
static inline bool is_reborn(const char *name, pid_t before)
{
    pid_t os_pid = actor_os_pid_now(name);
    return os_pid && os_pid != before;
}

/* Runs it, and waits until the actor of that name lives: all that stand before it in the file have been started then. */
static inline struct program *run_file(const char *text, const char *name)
{
    write_file(text);
    const char *const argv[] = {"bin/troupe", "run", path_of("town.conf"), NULL};
    struct program *node = program_start(argv);
    wait_until(actor_os_pid_now(name) || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

#define CLERK(name) "actor " name " { entry = STAFF:clerk name = " name " }\n"

static const char two_and_one[] =
    CLERK("ann") CLERK("bob") "supervisor back { name = back\n" CLERK("cat") "}\n" CLERK("end");

/* Waits until somebody has written the file `said`: these words, and the test's folder. Removes it. */
static inline void expect_said(const char *words)
{
    char expected[PATH_MAX + 64], said[PATH_MAX + 64] = "";
    snprintf(expected, sizeof expected, "%s %s\n", words, town_folder);
    wait_until(({
        FILE *file = fopen(path_of("said"), "r");
        bool is_there = file && fgets(said, sizeof said, file) && strchr(said, '\n');
        if (file)
            fclose(file);
        is_there;
    }));
    assert_string_equal(said, expected);
    unlink(path_of("said"));
}

#define SCRIBE(colour)                                                                             \
    "actor scribe { entry = STAFF:scribe name = scribe argument = '<<\"said\">>'\n"                \
    "  directory = HERE environment = { 'COLOUR=" colour "', HOME } }\n"

#endif
