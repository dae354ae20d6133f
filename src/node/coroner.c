/* Coroner: one packet for each death, one for each answer. */
#include "node/coroner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/title.h"
#include "coroner/coroner.h"
#include "node/fork.h"
#include "node/inquest.h"
#include "node/loop.h"
#include "wire/inquest.h"

/* One that dies again and again is not forked more often than this. */
#define PAUSE_MS 100
/* Some dozens of facts. */
#define CHANNEL_BYTES (256 * 1024)

/* ---------------------------------------------------------------- its life */

TR_NORETURN static void live(const struct tri_node *node, int channel_fd, int boxes_fd)
{
    const struct tri_coroner_options options = {.channel_fd = channel_fd,
                                                .boxes_fd = boxes_fd,
                                                .slots = node->slots,
                                                .node = node->dir.node};
    tri_title_set("coroner", "troupe: coroner %s", node->dir.node);
    tri_coroner_run(&options);
}

/* A descriptor of the boxes with which nothing can be written. */
static int open_boxes(const struct tri_node *node)
{
    char path[TRI_PATH_BYTES];
    int fd = open(tri_rundir_file(&node->dir, "boxes", path), O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static void hear(struct tri_node *node, struct tri_source *source, uint32_t events);

/* The next actor behind a slot of which standard error is kept; NULL: no more. */
static struct tri_actor *next_with_stderr(const struct tri_node *node, uint32_t slot)
{
    while (++slot < node->fresh_slot)
        if (node->actors[slot] && node->actors[slot]->keeps_stderr)
            return node->actors[slot];
    return NULL;
}

/* Gives the new one what its predecessor had. */
static void give_all_stderr(struct tri_node *node)
{
    const struct tri_actor *actor = NULL;
    while ((actor = next_with_stderr(node, actor ? tr_pid_slot(actor->pid) : 0)))
        tri_coroner_give_stderr(node, actor);
}

static int fork_coroner(struct tri_node *node, int pair[2], int boxes_fd)
{
    int os_pid = tri_fork_coroner(pair[1], boxes_fd, getpid());
    if (os_pid == 0)
        live(node, pair[1], boxes_fd);
    if (os_pid < 0)
        return os_pid;
    node->coroner_os_pid = os_pid;
    node->coroner = (struct tri_source){.fd = pair[0], .ready = hear};
    int r = tri_source_add(node, &node->coroner, EPOLLIN);
    if (r)
        tri_source_close(node, &node->coroner); /* which ends it */
    return r;
}

static int start(struct tri_node *node)
{
    int pair[2];
    int r = tri_fd_socketpair(pair, SOCK_NONBLOCK, CHANNEL_BYTES);
    if (r)
        return r;
    TRI_AUTO(tri_fd_close) int boxes_fd = open_boxes(node);
    r = boxes_fd < 0 ? boxes_fd : fork_coroner(node, pair, boxes_fd);
    close(pair[1]);
    if (node->coroner_os_pid == 0)
        close(pair[0]);
    return r;
}

/* Sees to it that it is there. False: it cannot be now, for instance while the last one has closed its channel and is still to be
 * reaped. */
static bool come_to_be(struct tri_node *node)
{
    if (node->coroner.fd >= 0)
        return true;
    if (node->coroner_os_pid || tri_clock_ns() < node->coroner_pause_ns ||
        node->stop_phase == TRI_STOP_DONE)
        return false;
    node->coroner_pause_ns = tri_deadline_ns(PAUSE_MS);
    int r = start(node);
    if (r)
        tri_warn("there will be no crash reports: %s", tr_strerror(r));
    else
        give_all_stderr(node);
    return node->coroner.fd >= 0;
}

bool tri_coroner_ended(struct tri_node *node, int os_pid)
{
    if (!os_pid || os_pid != node->coroner_os_pid)
        return false;
    tri_source_close(node, &node->coroner);
    node->coroner_os_pid = 0;
    tri_inquests_give_up(node);
    if (next_with_stderr(node, 0)) /* who else would read what they write? */
        come_to_be(node);
    return true;
}

/* ---------------------------------------------------------------- what it is asked */

static bool send_packet(struct tri_node *node, const struct tri_inquest *head, const void *body,
                        size_t body_bytes, int passed_fd)
{
    struct iovec parts[2] = {{(void *)head, sizeof *head}, {(void *)body, body_bytes}};
    return tri_fd_send(node->coroner.fd, parts, body_bytes ? 2 : 1, passed_fd) == 0;
}

bool tri_coroner_ask(struct tri_node *node, const struct tri_actor *actor,
                     const struct tr_out *facts, bool is_awaited)
{
    TRI_AUTO(tri_fd_close) int file = -1;
    struct tri_inquest head = {.serial = node->inquest_serial + 1,
                               .pid = actor->pid.id,
                               .kind = TRI_INQUEST_DEATH,
                               .flags = is_awaited ? TRI_INQUEST_IS_AWAITED : 0,
                               .body_bytes = facts->size_bytes};
    if (facts->fault || !come_to_be(node))
        return false;
    if (facts->size_bytes <= TRI_INQUEST_BODY_BYTES)
        return send_packet(node, &head, facts->data, facts->size_bytes, -1);
    head.flags |= TRI_INQUEST_IN_FILE;
    file = tri_body_to_file(facts->data, facts->size_bytes);
    return file >= 0 && send_packet(node, &head, NULL, 0, file);
}

void tri_coroner_give_stderr(struct tri_node *node, const struct tri_actor *actor)
{
    struct tri_inquest head = {.pid = actor->pid.id, .kind = TRI_INQUEST_STDERR};
    bool was_there = node->coroner.fd >= 0; /* a new one gets them all */
    if (come_to_be(node) && was_there && !send_packet(node, &head, NULL, 0, actor->stderr_fd))
        tri_warn("<0.%u.%u> %s: nobody reads its standard error", tr_pid_slot(actor->pid),
                 tr_pid_generation(actor->pid), actor->entry);
}

/* ---------------------------------------------------------------- what it answers */

/* The reason of {Reason, ReportId}; NULL: that is not what came. */
static struct tri_body *reason_of(const uint8_t *bytes, size_t size_bytes)
{
    tr_term term, reason, report;
    struct tr_out out = {0};
    if (tr_check(bytes, size_bytes, NULL, &term) ||
        tr_match(term, "{Reason, Report}", &reason, &report))
        return NULL;
    tr_put_term(&out, reason);
    struct tri_body *body = tri_body_of_out(&out);
    tr_out_deinit(&out);
    return body;
}

static void take_answer(struct tri_node *node, const char *packet, size_t size_bytes)
{
    struct tri_inquest head;
    if (size_bytes < sizeof head)
        return;
    memcpy(&head, packet, sizeof head);
    struct tri_body *reason =
        reason_of((const uint8_t *)packet + sizeof head, size_bytes - sizeof head);
    tri_inquest_answered(node, head.serial, (tr_pid){head.pid}, reason);
    tri_body_unref(reason);
}

static void hear(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    (void)events;
    for (;;) {
        ssize_t n = tri_fd_receive(source->fd, node->packet, sizeof node->packet, NULL);
        if (n == -EAGAIN)
            return;
        if (n == 0 || (n < 0 && n != -EMSGSIZE)) {
            tri_source_close(node, source); /* it has ended, or ends: waitid says so */
            tri_inquests_give_up(node);
            if (node->coroner_os_pid)
                kill(node->coroner_os_pid, SIGKILL);
            return;
        }
        if (n > 0)
            take_answer(node, node->packet, (size_t)n);
    }
}

void tri_coroner_stop(struct tri_node *node)
{
    siginfo_t info;
    uint64_t deadline_ns = tri_deadline_ns(TRI_CORONER_LAST_MS);
    if (!node->coroner_os_pid)
        return;
    tri_source_close(node, &node->coroner);
    do {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)node->coroner_os_pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid)
            return;
        usleep(1000);
    } while (tri_clock_ns() < deadline_ns);
    kill(node->coroner_os_pid, SIGKILL);
    waitid(P_PID, (id_t)node->coroner_os_pid, &info, WEXITED);
}
