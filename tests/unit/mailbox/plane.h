/* Plane: mailboxes of several real processes without a node: a run directory, a table and boxes as the node would make
 * them, and processes forked by the test, each with the mailbox that it opens.
 *
 * The test's own process never touches nanomsg, because it forks. A claim that fails in a child ends the child with
 * status 1, and plane_expect_end fails the test.
 */
#ifndef UNIT_MAILBOX_PLANE_H
#define UNIT_MAILBOX_PLANE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fd.h"
#include "mailbox/door.h"
#include "mailbox/mailbox.h"
#include "support/folder.h"

#define PLANE_SLOTS 1024u
#define PLANE_DEADLINE_MS 60000

/* What the processes of a test tell each other besides mail. */
struct board {
    _Atomic uint64_t steps, counts[8];
};

struct plane {
    char base[64];
    struct tri_rundir dir;
    struct tri_table table;
    int lock_fd, boxes_fd;
    struct board *board;
};

/* The plane of the running test. */
static struct plane plane;

/* Do its mailboxes connect as soon as they have something to say? Else they knock, as most do. */
static bool plane_connects;

/* ---------------------------------------------------------------- setting up */

static inline void plane_open_in(const char *base)
{
    char why[256], path[TRI_PATH_BYTES];
    snprintf(plane.base, sizeof plane.base, "%s", base);
    setenv("XDG_RUNTIME_DIR", plane.base, 1);
    assert_int_equal(tri_rundir_name("plane", &plane.dir, why, sizeof why), 0);
    assert_int_equal(tri_rundir_create(&plane.dir, &plane.lock_fd, why, sizeof why), 0);
    assert_int_equal(tri_table_create(&plane.table, &plane.dir, PLANE_SLOTS), 0);
    assert_int_equal(tri_table_reserve(&plane.table, PLANE_SLOTS - 1), 0);
    plane.boxes_fd = open(tri_rundir_file(&plane.dir, "boxes", path),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(plane.boxes_fd >= 0);
    assert_int_equal(
        ftruncate(plane.boxes_fd, (off_t)tri_box_window_bytes(PLANE_SLOTS) * PLANE_SLOTS), 0);
    plane.board =
        mmap(NULL, sizeof *plane.board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(plane.board, MAP_FAILED);
}

static inline int plane_setup(void **state)
{
    char base[] = "/dev/shm/plane-XXXXXX";
    plane_connects = false;
    (void)state;
    assert_non_null(mkdtemp(base));
    plane_open_in(base);
    return 0;
}

static inline int plane_teardown(void **state)
{
    (void)state;
    munmap(plane.board, sizeof *plane.board);
    tri_table_close(&plane.table);
    tri_fd_close(&plane.boxes_fd);
    tri_fd_close(&plane.lock_fd);
    int r = tri_rundir_remove(&plane.dir);
    return rmdir(plane.base) < 0 ? -1 : r;
}

static inline int plane_setup_connecting(void **state)
{
    int r = plane_setup(state);
    plane_connects = true;
    return r;
}

#define plane_test_connecting(body)                                                                \
    cmocka_unit_test_setup_teardown(body, plane_setup_connecting, plane_teardown)
#define plane_test(body) cmocka_unit_test_setup_teardown(body, plane_setup, plane_teardown)

/* Makes a pid live, as the node does when an actor is ready. */
static inline tr_pid plane_add(uint32_t slot, uint32_t generation)
{
    tr_pid pid = tr_pid_make(slot, generation);
    tri_table_set_state(&plane.table, pid, TRI_STATE_RUNNING);
    return pid;
}

/* How many files lie in somebody's folder. */
static inline size_t plane_blobs_of(tr_pid pid)
{
    char path[TRI_PATH_BYTES];
    return folder_entries(tri_rundir_blobs(&plane.dir, pid, path));
}

static inline void plane_end(tr_pid pid) { tri_table_set_state(&plane.table, pid, TRI_STATE_DEAD); }

/* ---------------------------------------------------------------- processes */

#define must(claim)                                                                                \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim);             \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

typedef void plane_fn(tr_pid self, uint64_t argument);

static inline pid_t plane_start(plane_fn *body, tr_pid self, uint64_t argument)
{
    pid_t test = getpid(), os_pid = fork();
    if (os_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == test)
            body(self, argument);
        _exit(0);
    }
    assert_true(os_pid > 0);
    return os_pid;
}

/* Waits for a process's end: its exit status, or 128 + signal. Fails the test when it does not end. */
static inline int plane_wait(pid_t os_pid)
{
    int status;
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (waitpid(os_pid, &status, WNOHANG) == 0) {
        if (tri_clock_ns() > deadline_ns) {
            kill(os_pid, SIGKILL);
            waitpid(os_pid, &status, 0);
            fail_msg("a process of the test does not end");
        }
        usleep(500);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define plane_expect_end(os_pid) assert_int_equal(plane_wait(os_pid), 0)

static inline void step(void) { atomic_fetch_add(&plane.board->steps, 1); }

/* Until the processes of the test have taken so many steps together. */
static inline bool steps_reach(uint64_t steps)
{
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (atomic_load(&plane.board->steps) < steps) {
        if (tri_clock_ns() > deadline_ns)
            return false;
        usleep(200);
    }
    return true;
}

/* ---------------------------------------------------------------- verbs of a process */

static inline void plane_let_connect(struct tri_mailbox *mailbox)
{
    if (!plane_connects)
        return;
    must(tri_door_bind(mailbox) == 0);
    mailbox->outbox.rapid_knocks = 0;
}

/* Options live as long as the process. */
static inline struct tri_mailbox *open_mailbox_with(tr_pid self, bool (*accepts)(uint64_t, void *))
{
    struct tri_mailbox_options *options = malloc(sizeof *options);
    struct tri_mailbox *mailbox = NULL;
    *options = (struct tri_mailbox_options){
        .dir = &plane.dir, .table = &plane.table, .self = self, .accepts_alias = accepts};
    must(tri_mailbox_open(&mailbox, options) == 0);
    plane_let_connect(mailbox);
    return mailbox;
}

static inline struct tri_peer *peer_of(struct tri_mailbox *mailbox, tr_pid to)
{
    return tri_outbox_find(&mailbox->outbox, to);
}

/* Until nanomsg leads to that receiver, to whom something was sent: what follows goes that way. */
static inline void await_connection(struct tri_mailbox *mailbox, tr_pid to)
{
    TRI_IN_TURN(mailbox);
    struct tri_peer *peer = peer_of(mailbox, to);
    uint64_t deadline_ns = tri_deadline_ns(PLANE_DEADLINE_MS);
    while (!peer->is_connected) {
        must(tri_clock_ns() < deadline_ns);
        tri_outbox_refresh(&mailbox->outbox, peer); /* what has come is not sent again */
        tri_outbox_resend(&mailbox->outbox, peer);
        usleep(100);
    }
    peer->leaves = 0;
    peer->framed_in = 0; /* nothing is held, and no helper needed, because of this */
}

static inline struct tri_mailbox *open_mailbox(tr_pid self)
{
    return open_mailbox_with(self, NULL);
}

static inline void show_activity(struct tri_mailbox *mailbox, enum tri_activity activity)
{
    struct tri_box *box = tri_mailbox_box(mailbox);
    if (box->activity == activity)
        return;
    box->activity_since_ns = tri_clock_ns();
    box->activity = activity;
}

static inline void wait_for_mail(struct tri_mailbox *mailbox, uint64_t deadline_ns)
{
    bool other;
    show_activity(mailbox, TRI_ACTIVITY_WAITING);
    must(tri_mailbox_wait(mailbox, -1, deadline_ns, &other) == 0);
    show_activity(mailbox, TRI_ACTIVITY_RUNNING);
    must(tri_mailbox_take_in(mailbox) >= 0);
}

/* The oldest message, or NULL when none has come before the deadline. The caller frees it. */
static inline struct tr_message *receive_until(struct tri_mailbox *mailbox, uint64_t deadline_ns)
{
    struct tr_message *message;
    must(tri_mailbox_take_in(mailbox) >= 0);
    while (!(message = tri_mailbox_next(mailbox, 0))) {
        if (tri_clock_ns() >= deadline_ns)
            return NULL;
        wait_for_mail(mailbox, deadline_ns);
    }
    tri_mailbox_remove(mailbox, message);
    return message;
}

static inline struct tr_message *receive_one(struct tri_mailbox *mailbox)
{
    struct tr_message *message = receive_until(mailbox, tri_deadline_ns(PLANE_DEADLINE_MS));
    must(message);
    return message;
}

/* Receives an integer and tells from whom. */
static inline uint64_t receive_number(struct tri_mailbox *mailbox, tr_pid *ret_from)
{
    uint64_t value;
    struct tr_message *message = receive_one(mailbox);
    must(tr_get_unsigned(message->term, &value));
    if (ret_from)
        *ret_from = message->from;
    tri_mailbox_free(mailbox, message);
    return value;
}

static inline void send_term(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias, tr_term term)
{
    int r;
    while ((r = tri_mailbox_send(mailbox, to, alias, term)) == TR_BUSY)
        wait_for_mail(mailbox, tri_deadline_ns(PLANE_DEADLINE_MS));
    must(r == 0);
}

static inline void send_number(struct tri_mailbox *mailbox, tr_pid to, uint64_t value)
{
    struct tr_out out = {0};
    tr_put_unsigned(&out, value);
    send_term(mailbox, to, 0, tr_out_term(&out));
    tr_out_deinit(&out);
}

/* Ends as an actor ends: everything has arrived. */
static inline void linger(struct tri_mailbox *mailbox)
{
    tri_mailbox_linger(mailbox, tri_deadline_ns(PLANE_DEADLINE_MS));
}

#endif
