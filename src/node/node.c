/* Node: start, loop, end. */
#include "node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/osproc.h"
#include "base/signals.h"
#include "base/sweep.h"
#include "base/title.h"
#include "node/actor.h"
#include "node/coroner.h"
#include "node/death.h"
#include "node/fork.h"
#include "node/group.h"
#include "node/guest.h"
#include "node/hang.h"
#include "node/hangup.h"
#include "node/image.h"
#include "node/inquest.h"
#include "node/loop.h"
#include "node/notice.h"
#include "node/parting.h"
#include "node/spawn.h"
#include "node/stop.h"
#include "node/timer.h"
#include "node/words.h"
#include "term/identity.h"

/* ---------------------------------------------------------------- what wakes it besides actors */

static void signals_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (read(source->fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            tri_stop(node, false);
    node->is_reaping_due = true;
}

/* The guardian speaks, or is gone; then nobody watches over us, and everything ends at once. */
static void guardian_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_packet packet;
    (void)events;
    int r = tri_control_receive(source->fd, node->packet, &packet);
    if (r == -EAGAIN)
        return;
    if (r) {
        tri_source_close(node, source);
        node->has_guardian = false;
        tri_stop(node, true);
        return;
    }
    if (packet.head.kind == TRI_STOP)
        tri_stop(node, packet.head.number == 1);
    else if (packet.head.kind == TRI_HANGUP)
        tri_hangup(node);
    tri_packet_deinit(&packet);
}

static int watch_signals(struct tri_node *node)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    node->signals = (struct tri_source){.fd = fd, .ready = signals_ready};
    return tri_source_add(node, &node->signals, EPOLLIN);
}

static int watch_guardian(struct tri_node *node, int fd)
{
    node->guardian = (struct tri_source){.fd = fd, .ready = guardian_ready};
    node->has_guardian = true;
    tri_fd_set_nonblocking(fd, true);
    return tri_source_add(node, &node->guardian, EPOLLIN);
}

/* ---------------------------------------------------------------- start */

static uint32_t fresh_creation(void)
{
    uint32_t creation = 0;
    /* Erlang keeps 0 … 3 for nodes that are not distributed, or old. */
    while (creation < 4)
        if (getrandom(&creation, sizeof creation, 0) != sizeof creation)
            creation = (uint32_t)tri_clock_wall_ns();
    return creation;
}

static void fill_header(struct tri_node *node, const struct tri_node_options *options)
{
    struct tri_table_header *header = node->table.header;
    char host[128] = "localhost";
    gethostname(host, sizeof host - 1);
    header->creation = fresh_creation();
    header->state = TRI_NODE_STARTING;
    header->guardian_os_pid = options->guardian_os_pid;
    header->guardian_start_ticks = tri_osproc_start_ticks(options->guardian_os_pid);
    header->node_os_pid = getpid();
    header->node_start_ticks = node->start_ticks;
    header->boot_ns = tri_clock_ns();
    header->boot_wall_ns = tri_clock_wall_ns();
    snprintf(header->node_name, sizeof header->node_name, "%s@%s", node->dir.node, host);
    tri_identity_set(header->node_name, header->creation);
}

static void fill_own_row(struct tri_node *node)
{
    struct tri_row *row = tri_table_begin(&node->table, 0);
    row->flags = TRI_ROW_NODE;
    row->tenancy = (uint64_t)1 << 32 | TRI_STATE_RUNNING;
    row->os_pid = getpid();
    row->os_start_ticks = node->start_ticks;
    row->started_ns = tri_clock_ns();
    snprintf(row->entry, sizeof row->entry, "node");
    tri_table_end(row);
}

static int open_shared(struct tri_node *node)
{
    char path[TRI_PATH_BYTES];
    int r = tri_table_create(&node->table, &node->dir, node->slots);
    if (r == 0)
        r = tri_table_reserve(&node->table, 0);
    if (r)
        return r;
    node->boxes_fd = open(tri_rundir_file(&node->dir, "boxes", path),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (node->boxes_fd < 0)
        return -errno;
    off_t size = tri_box_offset(node->slots, node->slots);
    return ftruncate(node->boxes_fd, size) < 0 ? -errno : 0;
}

static int open_all(struct tri_node *node, const struct tri_node_options *options)
{
    node->actors = calloc(node->slots, sizeof *node->actors);
    node->freed_slots = calloc(node->slots, sizeof *node->freed_slots);
    node->words = tri_words_new();
    node->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!node->actors || !node->freed_slots || !node->words || node->epoll_fd < 0)
        return node->epoll_fd < 0 ? -errno : -ENOMEM;
    int r = watch_signals(node);
    if (r == 0)
        r = watch_guardian(node, options->guardian_fd);
    if (r == 0)
        r = open_shared(node);
    if (r)
        return r;
    fill_header(node, options);
    fill_own_row(node);
    return tri_guest_listen(node);
}

/* ---------------------------------------------------------------- end */

static void close_all(struct tri_node *node)
{
    for (uint32_t slot = 1; node->actors && slot < node->slots; slot++)
        if (node->actors[slot])
            tri_source_close(node, &node->actors[slot]->control);
    tri_coroner_stop(node);
    tri_timers_free(node);
    tri_words_free(node->words);
    tri_images_close(node);
    tri_guest_close(node);
    tri_sweep(node->start_ticks, 5000);
    tri_groups_close(node);
    if (node->table.header)
        node->table.header->state = TRI_NODE_ENDED;
    /* A living guardian removes the directory itself, when nothing can come after it: a second removal might hit the
     * directory of the next node of that name. */
    if (!node->has_guardian)
        tri_rundir_remove(&node->dir);
}

static uint64_t next_deadline(const struct tri_node *node)
{
    /* Settling takes in events outside of the loop's own turn: what they made due must not wait for the next one. */
    if (node->is_reaping_due || !TAILQ_EMPTY(&node->doomed))
        return 0;
    uint64_t timer = tri_timer_next_ns(node);
    bool is_stopping = node->stop_phase != TRI_STOP_NONE;
    uint64_t next = is_stopping && node->stop_deadline_ns < timer ? node->stop_deadline_ns : timer;
    const uint64_t others[] = {node->listener_pause_ns,    node->notices_pause_ns,
                               node->reap_each_ns,         tri_parting_next_ns(node),
                               tri_inquests_next_ns(node), tri_hang_next_ns(node),
                               tri_groups_next_ns(node)};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(others); i++)
        if (others[i] && others[i] < next)
            next = others[i];
    return next;
}

static void run_loop(struct tri_node *node)
{
    while (node->stop_phase != TRI_STOP_DONE) {
        tri_loop_once(node, next_deadline(node));
        while (node->is_reaping_due)
            tri_reap(node);
        tri_reap_each(node);
        tri_timer_fire(node);
        tri_guest_listen_again(node);
        tri_notices_resume(node);
        tri_hang_look(node);
        tri_inquests_late(node);
        tri_parting_late(node);
        tri_groups_again(node);
        tri_end_doomed(node);
        tri_stop_step(node);
        tri_actor_bury(node);
    }
}

int tri_node_run(const struct tri_node_options *options)
{
    struct tri_node *node = calloc(1, sizeof *node);
    char why[1024], who[TRI_NODE_NAME_BYTES + 16];
    if (!node)
        return 2;
    snprintf(who, sizeof who, "node %s", options->dir.node);
    tri_log_init(who);
    tri_signals_default();
    tri_stdin_null();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    tri_title_set("node", "troupe: node %s", options->dir.node);
    tri_descriptors_raise();
    node->dir = options->dir;
    node->slots = options->slots;
    node->root_has_no_deadline = options->root_has_no_deadline;
    node->start_ticks = tri_osproc_start_ticks(getpid());
    node->boxes_fd = node->epoll_fd = -1;
    node->listener.fd = node->signals.fd = node->guardian.fd = node->coroner.fd = -1;
    node->fresh_slot = 1;
    TAILQ_INIT(&node->graveyard);
    TAILQ_INIT(&node->doomed);
    TAILQ_INIT(&node->parting);
    TAILQ_INIT(&node->inquests);
    TAILQ_INIT(&node->left_groups);
    tri_oom_init(&node->oom);

    int r = open_all(node, options);
    if (r)
        snprintf(why, sizeof why, "cannot start in %s: %s", node->dir.path, tr_strerror(r));
    else
        r = tri_spawn_root(node, options->binary, options->entry, options->argument, why,
                           sizeof why);
    if (r) {
        snprintf(node->failure, sizeof node->failure, "%s", why);
    } else {
        run_loop(node);
    }
    close_all(node);
    tri_stop_tell_end(node);
    return node->failure[0] ? 2 : 0;
}
