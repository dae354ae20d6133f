/* Image: one channel per template; forks are asked for one by one, and answered with an os_pid or an errno. */
#include "node/image.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/death.h"
#include "node/fork.h"
#include "node/loop.h"
#include "node/notice.h"
#include "node/request.h"
#include "node/spawn.h"
#include "node/stop.h"

/* So many forks may be asked for before their answers have come: each holds a descriptor in the channel. */
#define FORKS_UNDER_WAY 64

static void channel_ready(struct tri_node *node, struct tri_source *source, uint32_t events);
static void exec_ready(struct tri_node *node, struct tri_source *source, uint32_t events);

static struct tri_image *image_of_exec(struct tri_source *source)
{
    return (struct tri_image *)((char *)source - offsetof(struct tri_image, exec));
}

/* The life of what waits for an image that will never be ready. */
static void fail_waiting(struct tri_node *node, struct tri_image *image, int result,
                         struct tri_body *reason, const char *why)
{
    struct tri_actor *actor;
    image->state = TRI_IMAGE_FAILED;
    while ((actor = TAILQ_FIRST(&image->waiting))) {
        tri_image_withdraw(actor);
        tri_actor_unborn(node, actor, result, reason, why);
    }
}

/* ---------------------------------------------------------------- a template's start */

static void let_go(struct tri_node *node, struct tri_image *image)
{
    tri_source_close(node, &image->channel);
    tri_source_close(node, &image->exec);
    free(image->entries);
    image->entries = NULL;
}

static int start_template(struct tri_node *node, struct tri_image *image)
{
    int pair[2];
    int r = tri_fd_socketpair(pair, 0, TRI_CONTROL_BUFFER_BYTES);
    if (r)
        return r;
    r = tri_fork_template(image->path, image->is_wary, pair[1], node->dir.node, &image->exec.fd);
    close(pair[1]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    image->os_pid = r;
    image->channel.fd = pair[0];
    tri_fd_set_nonblocking(pair[0], true);
    r = tri_source_add(node, &image->channel, EPOLLIN);
    if (r == 0)
        r = tri_source_add(node, &image->exec, EPOLLIN);
    if (r)
        let_go(node, image); /* it ends with its channel */
    return r;
}

/* A place for an image. One that failed and whose template is gone is used again, so that neither a supervisor which
 * retries a broken binary nor binaries that hang can use up all places. */
static int take_place(struct tri_node *node, struct tri_image **ret_image)
{
    size_t count = 0;
    for (struct tri_image *each = node->images; each; each = each->next, count++) {
        if (each->state != TRI_IMAGE_FAILED || each->os_pid)
            continue;
        let_go(node, each);
        *ret_image = each;
        return 0;
    }
    if (count >= TRI_IMAGES)
        return -ENFILE;
    struct tri_image *image = calloc(1, sizeof *image);
    if (!image)
        return -ENOMEM;
    image->channel = (struct tri_source){.fd = -1, .ready = channel_ready};
    image->exec = (struct tri_source){.fd = -1, .ready = exec_ready};
    TAILQ_INIT(&image->waiting);
    image->next = node->images;
    node->images = image;
    *ret_image = image;
    return 0;
}

int tri_image_get(struct tri_node *node, const char *path, bool is_wary,
                  struct tri_image **ret_image)
{
    for (struct tri_image *each = node->images; each; each = each->next) {
        /* Who is trusted does not wait for what may turn out to be executed for nobody else. */
        bool is_it = each->state == TRI_IMAGE_READY ||
                     (each->state == TRI_IMAGE_LOADING && each->is_wary == is_wary);
        if (is_it && strcmp(each->path, path) == 0) {
            *ret_image = each;
            return 0;
        }
    }
    struct tri_image *image;
    if (strlen(path) >= TRI_IMAGE_PATH_BYTES)
        return -ENAMETOOLONG;
    int r = take_place(node, &image);
    if (r)
        return r;
    snprintf(image->path, sizeof image->path, "%s", path);
    image->index = TRI_IMAGES;
    image->is_wary = is_wary;
    r = start_template(node, image);
    image->state = r ? TRI_IMAGE_FAILED : TRI_IMAGE_LOADING;
    if (r)
        return r;
    *ret_image = image;
    return 0;
}

/* exec has answered: end of file is good news, a report is the end of this image. */
static void exec_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_image *image = image_of_exec(source);
    struct tri_exec_report report;
    (void)events;
    ssize_t n = read(source->fd, &report, sizeof report);
    tri_source_close(node, source);
    if (n != sizeof report)
        return;
    struct tri_body *reason =
        report.result < 0 ? tri_body_of_exec(report.result, image->path) : NULL;
    tri_source_close(node, &image->channel);
    fail_waiting(node, image, report.result, reason, report.why);
    tri_body_unref(reason);
}

/* ---------------------------------------------------------------- entries */

bool tri_image_has_entry(const struct tri_image *image, const char *entry)
{
    if (entry[0] == TRI_OWN_ENTRY)
        return true;
    for (const char *each = image->entries; *each; each += strlen(each) + 1)
        if (strcmp(each, entry) == 0)
            return true;
    return false;
}

const char *tri_image_default_entry(const struct tri_image *image)
{
    const char *base = strrchr(image->path, '/');
    const char *wanted = base ? base + 1 : image->path;
    if (tri_image_has_entry(image, "main"))
        return "main";
    if (image->entries[0] && !image->entries[strlen(image->entries) + 1])
        return image->entries;
    return tri_image_has_entry(image, wanted) ? wanted : NULL;
}

/* ---------------------------------------------------------------- forks */

/* Asks the template for one actor. 0; -EAGAIN: ask later; another negative errno: it will not be. */
static int ask_template(struct tri_image *image, const struct tri_actor *actor, int actors_end)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_FORK);
    parcel.head.pid = actor->pid.id;
    parcel.name = actor->entry;
    parcel.name_bytes = strlen(actor->entry);
    parcel.passed_fd = actors_end;
    int r = tri_control_send(image->channel.fd, &parcel);
    image->asked += r == 0;
    return r;
}

/* Gives the actor its channel, with its birth certificate in it. The template has been asked before, because a fork takes
 * longer than all of this; when this fails, what has been forked finds its channel closed, and ends. */
static int open_control(struct tri_node *node, struct tri_actor *actor, int nodes_end)
{
    actor->control.fd = nodes_end;
    actor->control.ready = tri_actor_ready;
    int r = tri_actor_tell_birth(node, actor);
    if (r == 0 || r == -EPIPE) /* nobody is at the other end: the template's answer tells why */
        r = tri_source_add(node, &actor->control, EPOLLIN);
    if (r) {
        tri_fd_close(&actor->control.fd);
        return r == -EAGAIN ? -ENOBUFS : r;
    }
    tri_notices_drain(node, actor); /* what came for it before it had a channel */
    tri_body_unref(actor->argument);
    actor->argument = NULL;
    return 0;
}

/* 0; -EAGAIN: ask later; another negative errno: it will not be. */
static int ask_for(struct tri_node *node, struct tri_image *image, struct tri_actor *actor)
{
    int pair[2];
    int r = tri_fd_socketpair(pair, SOCK_NONBLOCK, TRI_CONTROL_BUFFER_BYTES);
    if (r)
        return r;
    r = ask_template(image, actor, pair[1]);
    close(pair[1]);
    if (r == 0)
        return open_control(node, actor, pair[0]);
    close(pair[0]);
    return r;
}

static void fork_waiting(struct tri_node *node, struct tri_image *image)
{
    struct tri_actor *actor;
    while ((actor = TAILQ_FIRST(&image->waiting)) &&
           image->asked - image->answered < FORKS_UNDER_WAY) {
        int r =
            tri_image_has_entry(image, actor->entry) ? ask_for(node, image, actor) : TR_NO_ENTRY;
        if (r == -EAGAIN && image->asked > image->answered)
            return;
        tri_image_withdraw(actor);
        if (r)
            tri_actor_unborn(node, actor, r, NULL, "");
    }
}

static void show_image(struct tri_node *node, const struct tri_actor *actor)
{
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->image = actor->image->index;
    tri_table_end(row);
}

void tri_image_fork(struct tri_node *node, struct tri_image *image, struct tri_actor *actor)
{
    actor->image = image;
    show_image(node, actor);
    actor->is_waiting = true;
    TAILQ_INSERT_TAIL(&image->waiting, actor, of_list);
    if (image->state == TRI_IMAGE_READY)
        fork_waiting(node, image);
}

bool tri_image_withdraw(struct tri_actor *actor)
{
    if (!actor->is_waiting)
        return false;
    actor->is_waiting = false;
    TAILQ_REMOVE(&actor->image->waiting, actor, of_list);
    return true;
}

static void forked(struct tri_node *node, struct tri_image *image, const struct tri_packet *packet)
{
    struct tri_actor *actor = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    if (image->answered < image->asked)
        image->answered++;
    if (!actor || actor->os_pid)
        return;
    if (packet->head.result) {
        tri_actor_unborn(node, actor, packet->head.result, NULL, "");
        return;
    }
    tri_actor_set_os_pid(node, actor, (int)packet->head.number);
    if (actor->reason) /* it was killed before it was born */
        kill(actor->os_pid, SIGKILL);
}

/* ---------------------------------------------------------------- what a template says */

/* Only what runs has a place in the table: those who wait for it show it from now on. */
static void enter_in_table(struct tri_node *node, struct tri_image *image)
{
    struct tri_table_header *header = node->table.header;
    struct tri_actor *actor;
    image->index = header->image_count;
    memcpy(header->images[image->index], image->path, sizeof image->path);
    header->image_count = image->index + 1;
    TAILQ_FOREACH(actor, &image->waiting, of_list)
        show_image(node, actor);
}

static void became_ready(struct tri_node *node, struct tri_image *image,
                         const struct tri_packet *packet)
{
    if (image->state != TRI_IMAGE_LOADING)
        return;
    image->entries = calloc(1, packet->head.name_bytes + 2);
    if (!image->entries) {
        fail_waiting(node, image, -ENOMEM, NULL, "out of memory");
        return;
    }
    memcpy(image->entries, packet->name, packet->head.name_bytes);
    image->state = TRI_IMAGE_READY;
    enter_in_table(node, image);
    tri_spawn_image_ready(node, image);
    fork_waiting(node, image);
}

/* Reads one packet. False when there is none. */
static bool read_packet(struct tri_node *node, struct tri_image *image)
{
    struct tri_packet packet;
    if (image->channel.fd < 0 || tri_control_receive(image->channel.fd, node->packet, &packet))
        return false;
    if (packet.head.kind == TRI_TEMPLATE)
        became_ready(node, image, &packet);
    else if (packet.head.kind == TRI_FORKED)
        forked(node, image, &packet);
    tri_packet_deinit(&packet);
    return true;
}

static void channel_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_image *image = (struct tri_image *)source;
    while (read_packet(node, image))
        ;
    if (events & EPOLLHUP && image->channel.fd >= 0)
        tri_source_close(node, &image->channel); /* what it means is said by waitid */
    else if (image->state == TRI_IMAGE_READY)
        fork_waiting(node, image);
    /* The child whom nobody knew may be known now. Otherwise nobody is looked for: to find that nobody has ended, the kernel
     * looks at each child. */
    if (node->unknown_os_pid)
        node->is_reaping_due = true;
}

bool tri_image_collect_forked(struct tri_node *node)
{
    bool has_read = false;
    for (struct tri_image *image = node->images; image; image = image->next)
        while (read_packet(node, image))
            has_read = true;
    return has_read;
}

bool tri_image_may_have_forked(struct tri_node *node, int os_pid)
{
    bool may_be_one = false;
    for (struct tri_image *image = node->images; image; image = image->next) {
        if (node->unknown_os_pid != os_pid)
            image->asked_then = image->asked;
        may_be_one |= image->answered < image->asked_then;
    }
    node->unknown_os_pid = may_be_one ? os_pid : 0;
    return may_be_one;
}

struct tri_image *tri_image_of_os_pid(const struct tri_node *node, int os_pid)
{
    for (struct tri_image *image = node->images; image; image = image->next)
        if (image->os_pid == os_pid)
            return image;
    return NULL;
}

void tri_image_ended(struct tri_node *node, struct tri_image *image, int code, int status)
{
    char why[TRI_IMAGE_PATH_BYTES + 100];
    bool was_ready = image->state == TRI_IMAGE_READY;
    image->os_pid = 0;
    image->answered = image->asked;
    if (code == CLD_EXITED)
        snprintf(why, sizeof why, "%s: exited with status %d %s", image->path, status,
                 was_ready ? "as a template" : "before it called tr_main");
    else
        snprintf(why, sizeof why, "%s: its template was killed by signal %d (%s)", image->path,
                 status, strsignal(status));
    fail_waiting(node, image, TR_NOT_AN_ACTOR, NULL, why);
    if (was_ready)
        tri_stop_failed(node, why);
}

void tri_images_close(struct tri_node *node)
{
    for (struct tri_image *image = node->images, *next; image; image = next) {
        next = image->next;
        let_go(node, image);
        free(image);
    }
    node->images = NULL;
}
