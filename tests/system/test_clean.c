/* Actors start clean, whatever state the launcher was started in: ignored and blocked signals, open files, all of which
 * a program passes on to what it executes.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/fixture.h"
#include "support/node.h"

/* What the kernel keeps of a short name, which top and pstree show. */
#define COMM_LENGTH 15

static const int soiled_signals[] = {SIGINT, SIGPIPE, SIGCHLD, SIGTERM, SIGHUP, SIGUSR1};

static void soil_signals(void (*disposition)(int), int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof soiled_signals / sizeof soiled_signals[0]; i++) {
        signal(soiled_signals[i], disposition);
        sigaddset(&set, soiled_signals[i]);
    }
    sigaddset(&set, SIGSEGV);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(how, &set, NULL);
}

/* Starts the mirror in bad company and returns what it saw. */
static const char *look_into_the_mirror(void)
{
    int stray_fd = memfd_create("stray", 0);
    assert_int_equal(dup2(stray_fd, 77), 77);
    soil_signals(SIG_IGN, SIG_BLOCK);
    struct program *node = node_start("bin/tests/mirror", NULL);
    soil_signals(SIG_DFL, SIG_UNBLOCK);
    close(stray_fd);
    close(77);
    program_expect_exit(node, 0);
    return program_stdout(node);
}

/* The rest of the line that begins with a word; the test fails when there is none. */
static char *line_of(const char *text, const char *word, char buffer[512])
{
    char key[64];
    snprintf(key, sizeof key, "%s: ", word);
    for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at != NULL)
        if (strncmp(at, key, strlen(key)) == 0) {
            at += strlen(key);
            snprintf(buffer, 512, "%.*s", (int)strcspn(at, "\n"), at);
            return buffer;
        }
    fail_msg("no line \"%s\" in: %s", word, text);
    return buffer;
}

static void no_descriptor_is_inherited(void **state)
{
    (void)state;
    const char *seen = look_into_the_mirror();
    if (strstr(seen, "stray"))
        fail_msg("a stray descriptor: %s", seen);
}

/* What an actor executes in its turn gets only 0, 1 and 2. */
static void every_descriptor_is_closed_on_exec(void **state)
{
    (void)state;
    const char *seen = look_into_the_mirror();
    for (const char *at = strstr(seen, "fd: "); at; at = strstr(at + 1, "fd: ")) {
        int fd = atoi(at + 4);
        size_t length = strcspn(at, "\n");
        if (fd > 2 && !memmem(at, length, " cloexec ", 9))
            fail_msg("stays open: %.*s", (int)length, at);
    }
}

static void no_signal_is_ignored_or_blocked(void **state)
{
    (void)state;
    char line[512];
    const char *seen = look_into_the_mirror();
    assert_string_equal(line_of(seen, "SigBlk", line), "0000000000000000");
    assert_string_equal(line_of(seen, "SigIgn", line), "0000000000000000");
    assert_null(strstr(seen, "ignored: "));
}

static void an_actor_leads_its_session_and_dies_with_its_parent(void **state)
{
    (void)state;
    char line[512];
    const char *seen = look_into_the_mirror();
    assert_string_equal(line_of(seen, "leads its session", line), "yes");
    assert_int_equal(atoi(line_of(seen, "pdeathsig", line)), SIGKILL);
}

static void titles_say_who_an_actor_is(void **state)
{
    (void)state;
    char line[512], pid[512], expected[600];
    const char *seen = look_into_the_mirror();
    line_of(seen, "pid", pid);
    snprintf(expected, sizeof expected, "mirror: %s glass", pid);
    assert_string_equal(line_of(seen, "cmdline", line), expected);
    snprintf(expected, sizeof expected, "%.*s", COMM_LENGTH, strchr(line, '<'));
    assert_string_equal(line_of(seen, "comm", line), expected);
}

/* Where a descriptor of another process leads. */
static char *descriptor_of(pid_t os_pid, int fd, char buffer[512])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", os_pid, fd);
    ssize_t length = readlink(path, buffer, 511);
    buffer[length < 0 ? 0 : length] = '\0';
    return buffer;
}

static void closed_streams_lead_nowhere_instead_of_into_shared_memory(void **state)
{
    char command[512], where[512];
    (void)state;
    snprintf(command, sizeof command, "exec %s/counter serve <&- >&- 2>&-", program_folder());
    program_start((const char *const[]){"/bin/sh", "-c", command, NULL});
    wait_until(actor_exists("counter"));
    const pid_t os_pids[] = {node_guardian_os_pid(), node_os_pid(), actor_os_pid("counter")};
    for (size_t i = 0; i < sizeof os_pids / sizeof os_pids[0]; i++)
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
            assert_string_equal(descriptor_of(os_pids[i], fd, where), "/dev/null");
    program_expect_exit(run_tool("shutdown", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(no_descriptor_is_inherited),
        node_test(every_descriptor_is_closed_on_exec),
        node_test(no_signal_is_ignored_or_blocked),
        node_test(an_actor_leads_its_session_and_dies_with_its_parent),
        node_test(titles_say_who_an_actor_is),
        node_test(closed_streams_lead_nowhere_instead_of_into_shared_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
