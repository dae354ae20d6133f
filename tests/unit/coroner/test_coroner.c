/* Coroner: the process, forked as a node does it, asked over a channel as a node asks. */
#include "coroner/coroner.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "coroner/report.h"
#include "coroner/store.h"
#include "support/fixture.h"
#include "support/process_state.h"
#include "wire/control.h"
#include "wire/inquest.h"

enum { SLOTS = 8 };

static int channel_fd = -1, errors_fd = -1, boxes_fd = -1;
static pid_t coroner_os_pid;
static struct tr_out facts;

/* ---------------------------------------------------------------- the coroner's life */

static _Noreturn void become_coroner(int fd, int stderr_fd)
{
    const struct tri_coroner_options options = {
        .channel_fd = fd, .boxes_fd = boxes_fd, .slots = SLOTS, .node = "bank"};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(stderr_fd, STDERR_FILENO);
    tri_coroner_run(&options);
}

/* Begins one whose standard error is the file or pipe stderr_fd. */
static void coroner_start(int stderr_fd)
{
    int pair[2];
    assert_int_equal(tri_fd_socketpair(pair, 0, 0), 0);
    fflush(NULL);
    coroner_os_pid = fork();
    assert_true(coroner_os_pid >= 0);
    if (coroner_os_pid == 0) {
        close(pair[0]);
        become_coroner(pair[1], stderr_fd);
    }
    close(pair[1]);
    channel_fd = pair[0];
    const struct timeval patience = {.tv_sec = TEST_DEADLINE_MS / 1000};
    setsockopt(channel_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

/* Closes the channel and waits: its exit status. */
static int coroner_end(void)
{
    int status = 0;
    tri_fd_close(&channel_fd);
    wait_until(waitpid(coroner_os_pid, &status, WNOHANG) == coroner_os_pid);
    coroner_os_pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int coroner_setup(void **state)
{
    tr_out_reset(&facts);
    errors_fd = memfd_create("errors", MFD_CLOEXEC);
    boxes_fd = memfd_create("boxes", MFD_CLOEXEC);
    if (errors_fd < 0 || boxes_fd < 0 ||
        ftruncate(boxes_fd, (off_t)(SLOTS * tri_box_window_bytes(SLOTS))) < 0)
        return -1;
    return fixture_setup(state);
}

static int coroner_teardown(void **state)
{
    tri_fd_close(&channel_fd);
    if (coroner_os_pid > 0) {
        kill(coroner_os_pid, SIGKILL);
        waitpid(coroner_os_pid, NULL, 0);
    }
    tri_fd_close(&errors_fd);
    tri_fd_close(&boxes_fd);
    tr_out_deinit(&facts);
    return fixture_teardown(state);
}

#define coroner_test(body) cmocka_unit_test_setup_teardown(body, coroner_setup, coroner_teardown)

/* ---------------------------------------------------------------- questions and answers */

static const uint64_t pid_5 = (uint64_t)1 << 32 | 5;

static void ask_with(uint64_t serial, uint32_t flags, const char *text)
{
    tr_out_reset(&facts);
    assert_int_equal(tr_parse(text, &facts, NULL, NULL), 0);
    struct tri_inquest head = {.serial = serial,
                               .pid = pid_5,
                               .kind = TRI_INQUEST_DEATH,
                               .flags = flags,
                               .body_bytes = facts.size_bytes};
    struct iovec parts[] = {{&head, sizeof head}, {facts.data, facts.size_bytes}};
    assert_int_equal(tri_fd_send(channel_fd, parts, 2, -1), 0);
}

#define REASON "reason => {signal, sigsegv, #{address => 16}}, is_given => false"
#define ASKED "#{" REASON ", pid => <0.5.1>, node => bank@vm, ended_ns => 1795383000000000000}"

static void ask(uint64_t serial) { ask_with(serial, TRI_INQUEST_IS_AWAITED, ASKED); }

/* Waits for an answer: its serial, and its text. */
static uint64_t answered(char *text, size_t size_bytes)
{
    static uint8_t packet[sizeof(struct tri_inquest) + TRI_INQUEST_BODY_BYTES];
    struct tri_inquest head;
    tr_term term;
    ssize_t n = tri_fd_receive(channel_fd, packet, sizeof packet, NULL);
    assert_true(n > (ssize_t)sizeof head);
    memcpy(&head, packet, sizeof head);
    assert_int_equal(head.pid, pid_5);
    assert_int_equal(head.body_bytes, (size_t)n - sizeof head);
    assert_int_equal(tr_check(packet + sizeof head, head.body_bytes, NULL, &term), 0);
    tr_print(term, text, size_bytes);
    return head.serial;
}

/* The only report that there is; the caller frees it. */
static char *only_report(void)
{
    static char *text; /* gcc takes what is found in it for a pointer to a local variable */
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count, size;
    assert_int_equal(tri_store_list(&entries, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(tri_store_read(entries[0].id, &text, &size), 0);
    return text;
}

static size_t report_count(void)
{
    TRI_AUTO(tri_freep) struct tri_keepsake *entries = NULL;
    size_t count;
    assert_int_equal(tri_store_list(&entries, &count), 0);
    return count;
}

static void expect_in(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in: %s", part, text);
}

static void a_question_is_answered_and_a_report_kept(void **state)
{
    (void)state;
    char text[1024];
    coroner_start(errors_fd);
    ask(17);
    assert_int_equal(answered(text, sizeof text), 17);
    assert_string_equal(text, "{{signal,sigsegv,#{address => 16,"
                              "report => <<\"20261122T213000Z-bank-0.5.1\">>}},"
                              "<<\"20261122T213000Z-bank-0.5.1\">>}");
    assert_int_equal(coroner_end(), 0);
    TRI_AUTO(tri_freep) char *report = only_report();
    expect_in(report, "<<\"20261122T213000Z-bank-0.5.1\">>");
    expect_in(report, "pid => <<\"<0.5.1>\">>");
}

/* A stack of this process, as a signal handler would have written it into the window of 0.5.1. */
static __attribute__((noinline)) void leave_crash(void)
{
    struct tri_crash crash = {.magic = TRI_CRASH_MAGIC,
                              .version = TRI_CRASH_VERSION,
                              .pid = pid_5,
                              .cause = TRI_CRASH_SIGNAL,
                              .stage = TRI_CRASH_HAS_MAPS,
                              .signal = SIGSEGV};
    static char maps[TRI_CRASH_MAPS_BYTES];
    void *addresses[16];
    crash.frame_count = (uint32_t)backtrace(addresses, 16);
    for (uint32_t i = 0; i < crash.frame_count; i++)
        crash.frames[i] = (uintptr_t)addresses[i];
    TRI_AUTO(tri_fd_close) int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t length = tri_fd_read_at(fd, maps, sizeof maps, 0);
    assert_true(length > 0);
    crash.maps_bytes = (uint32_t)length;
    off_t at = tri_box_crash_offset(SLOTS, 5);
    assert_int_equal(pwrite(boxes_fd, &crash, sizeof crash, at), sizeof crash);
    assert_int_equal(pwrite(boxes_fd, maps, (size_t)length, at + TRI_CRASH_MAPS_AT), length);
}

static void the_answer_says_where_it_was(void **state)
{
    (void)state;
    char text[1024];
    leave_crash();
    coroner_start(errors_fd);
    ask(1);
    answered(text, sizeof text);
    expect_in(text, "at => <<\"leave_crash");
    expect_in(text, "report => <<\"20261122T213000Z-bank-0.5.1\">>");
    assert_int_equal(coroner_end(), 0);
    TRI_AUTO(tri_freep) char *report = only_report();
    expect_in(report, "function => <<\"the_answer_says_where_it_was\">>");
}

static void the_crash_of_another_tenant_is_not_believed(void **state)
{
    (void)state;
    char text[1024];
    uint64_t other = (uint64_t)2 << 32 | 5;
    off_t at = tri_box_crash_offset(SLOTS, 5) + (off_t)offsetof(struct tri_crash, pid);
    leave_crash();
    assert_int_equal(pwrite(boxes_fd, &other, sizeof other, at), sizeof other);
    coroner_start(errors_fd);
    ask(1);
    answered(text, sizeof text);
    assert_null(strstr(text, "at =>"));
}

static void facts_may_come_in_a_file(void **state)
{
    (void)state;
    char text[1024];
    coroner_start(errors_fd);
    tr_out_reset(&facts);
    assert_int_equal(tr_parse(ASKED, &facts, NULL, NULL), 0);
    TRI_AUTO(tri_fd_close) int file = tri_body_to_file(facts.data, facts.size_bytes);
    struct tri_inquest head = {.serial = 3,
                               .pid = pid_5,
                               .kind = TRI_INQUEST_DEATH,
                               .flags = TRI_INQUEST_IN_FILE,
                               .body_bytes = facts.size_bytes};
    struct iovec part = {&head, sizeof head};
    assert_int_equal(tri_fd_send(channel_fd, &part, 1, file), 0);
    assert_int_equal(answered(text, sizeof text), 3);
}

static void those_for_whom_somebody_waits_come_first(void **state)
{
    (void)state;
    char text[1024];
    coroner_start(errors_fd);
    assert_true(process_stop(coroner_os_pid));
    for (uint64_t serial = 1; serial <= 20; serial++)
        ask_with(serial, serial > 10 ? TRI_INQUEST_IS_AWAITED : 0, ASKED);
    assert_int_equal(kill(coroner_os_pid, SIGCONT), 0);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(answered(text, sizeof text), i < 10 ? 11 + i : i - 9);
}

static void all_that_was_asked_is_kept_before_it_ends(void **state)
{
    (void)state;
    coroner_start(errors_fd);
    for (uint64_t serial = 1; serial <= 30; serial++)
        ask_with(serial, 0, ASKED);
    assert_int_equal(coroner_end(), 0);
    assert_int_equal(report_count(), 30);
}

static void packets_that_are_none_are_passed_over(void **state)
{
    (void)state;
    char text[1024];
    struct tri_inquest bad[] = {
        {.kind = TRI_INQUEST_DEATH, .body_bytes = 5},
        {.kind = TRI_INQUEST_DEATH, .flags = TRI_INQUEST_IN_FILE, .body_bytes = 5},
        {.kind = TRI_INQUEST_STDERR},
        {.kind = 77},
    };
    coroner_start(errors_fd);
    assert_int_equal(send(channel_fd, "x", 1, 0), 1);
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(bad); i++)
        assert_int_equal(send(channel_fd, &bad[i], sizeof bad[i], 0), sizeof bad[i]);
    ask_with(1, 0, "[no, map]");
    ask(2);
    assert_int_equal(answered(text, sizeof text), 2);
}

static void without_a_place_there_is_an_answer_and_one_line_for_the_operator(void **state)
{
    (void)state;
    char text[1024];
    setenv("TROUPE_STATE", "/proc/no/place", 1);
    coroner_start(errors_fd);
    for (uint64_t serial = 1; serial <= 3; serial++) {
        ask(serial);
        answered(text, sizeof text);
        assert_string_equal(text, "{{signal,sigsegv,#{address => 16}},undefined}");
    }
    assert_int_equal(coroner_end(), 0);
    ssize_t n = tri_fd_read_at(errors_fd, text, sizeof text - 1, 0);
    text[n] = '\0';
    expect_in(text, "coroner of bank: reports of crashes are not kept in /proc/no/place/crashes");
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
}

/* ---------------------------------------------------------------- standard error */

/* What an actor would have as standard error; its other end is the coroner's. */
static int give_pipe(uint64_t pid)
{
    int pair[2];
    struct tri_inquest head = {.pid = pid, .kind = TRI_INQUEST_STDERR};
    struct iovec part = {&head, sizeof head};
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_int_equal(tri_fd_send(channel_fd, &part, 1, pair[0]), 0);
    close(pair[0]);
    return pair[1];
}

static void say(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static const char *errors_so_far(void)
{
    static char text[65536];
    ssize_t n = tri_fd_read_at(errors_fd, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

static void lines_are_copied_behind_the_pid_and_kept_for_the_report(void **state)
{
    (void)state;
    char text[1024];
    coroner_start(errors_fd);
    int fd = give_pipe(pid_5);
    say(fd, "one\ntw");
    wait_until(strcmp(errors_so_far(), "<0.5.1> one\n") == 0);
    say(fd, "o\nlast words");
    wait_until(strcmp(errors_so_far(), "<0.5.1> one\n<0.5.1> two\n") == 0);
    close(fd);
    wait_until(strcmp(errors_so_far(), "<0.5.1> one\n<0.5.1> two\n<0.5.1> last words\n") == 0);
    ask(1);
    answered(text, sizeof text);
    assert_int_equal(coroner_end(), 0);
    TRI_AUTO(tri_freep) char *report = only_report();
    expect_in(report, "stderr => [<<\"one\">>,<<\"two\">>,<<\"last words\">>]");
}

static void of_much_that_was_written_whole_lines_of_the_end_are_kept(void **state)
{
    (void)state;
    char text[1024], line[64];
    coroner_start(errors_fd);
    int fd = give_pipe(pid_5);
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "line %06d\n", i);
        say(fd, line);
    }
    ask(1);
    answered(text, sizeof text);
    close(fd);
    assert_int_equal(coroner_end(), 0);
    TRI_AUTO(tri_freep) char *report = only_report();
    expect_in(report, "<<\"line 000999\">>]");
    const char *first = strstr(report, "stderr => [<<\"line 000");
    assert_non_null(first);
    int number = atoi(first + strlen("stderr => [<<\"line "));
    assert_in_range(1000 - number, 300, 4096 / 12);
}

static void a_line_without_end_is_copied_in_parts(void **state)
{
    (void)state;
    static char much[20000];
    coroner_start(errors_fd);
    int fd = give_pipe(pid_5);
    memset(much, 'x', sizeof much - 1);
    say(fd, much);
    close(fd);
    wait_until(strlen(errors_so_far()) >= sizeof much + 7 * strlen("<0.5.1> \n") - 1);
    for (const char *at = errors_so_far(); *at; at = strchr(at, '\n') + 1)
        assert_int_equal(strncmp(at, "<0.5.1> x", 9), 0);
}

/* Whoever was to read has stopped: the coroner does not stop with it. */
static void a_reader_who_does_not_read_stops_no_answer(void **state)
{
    (void)state;
    static char much[60000];
    char text[1024];
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    coroner_start(pair[1]);
    int fd = give_pipe(pid_5);
    memset(much, '\n', sizeof much - 1); /* each a line behind a pid: more than a pipe holds */
    say(fd, much);
    ask(1);
    answered(text, sizeof text);
    ask(2);
    answered(text, sizeof text);
    size_t lines = 0;
    close(pair[1]);
    while (lines < sizeof much - 1) {
        ssize_t n = read(pair[0], text, sizeof text);
        assert_true(n > 0);
        for (ssize_t i = 0; i < n; i++)
            lines += text[i] == '\n';
    }
    close(fd);
    assert_int_equal(coroner_end(), 0);
    close(pair[0]);
}

static void a_reader_who_is_gone_ends_nobody(void **state)
{
    (void)state;
    char text[1024];
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    coroner_start(pair[1]);
    close(pair[0]);
    close(pair[1]);
    int fd = give_pipe(pid_5);
    say(fd, "hello\n");
    ask(1);
    answered(text, sizeof text);
    close(fd);
    assert_int_equal(coroner_end(), 0);
    TRI_AUTO(tri_freep) char *report = only_report();
    expect_in(report, "stderr => [<<\"hello\">>]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        coroner_test(a_question_is_answered_and_a_report_kept),
        coroner_test(the_answer_says_where_it_was),
        coroner_test(the_crash_of_another_tenant_is_not_believed),
        coroner_test(facts_may_come_in_a_file),
        coroner_test(those_for_whom_somebody_waits_come_first),
        coroner_test(all_that_was_asked_is_kept_before_it_ends),
        coroner_test(packets_that_are_none_are_passed_over),
        coroner_test(without_a_place_there_is_an_answer_and_one_line_for_the_operator),
        coroner_test(lines_are_copied_behind_the_pid_and_kept_for_the_report),
        coroner_test(of_much_that_was_written_whole_lines_of_the_end_are_kept),
        coroner_test(a_line_without_end_is_copied_in_parts),
        coroner_test(a_reader_who_does_not_read_stops_no_answer),
        coroner_test(a_reader_who_is_gone_ends_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
