/* Image: one channel per template; forks are asked for one by one, and answered with an os_pid or an errno. */
#include "node/image.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "base/log.h"
#include "node/actor.h"
#include "node/binary.h"
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
                         const char *why)
{
    struct tri_actor *actor;
    image->state = TRI_IMAGE_FAILED;
    while ((actor = TAILQ_FIRST(&image->waiting))) {
        TAILQ_REMOVE(&image->waiting, actor, of_list);
        tri_actor_unborn(node, actor, result, why);
    }
}

/* ---------------------------------------------------------------- a template's start */

static int start_template(struct tri_node *node, struct tri_image *image)
{
    int pair[2];
    int r = tri_fd_socketpair(pair, TRI_CONTROL_BUFFER_BYTES);
    if (r)
        return r;
    r = tri_fork_template(image->path, pair[1], node->dir.node, &image->exec.fd);
    close(pair[1]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    image->os_pid = r;
    image->channel.fd = pair[0];
    tri_fd_set_nonblocking(pair[0], true);
    r = tri_source_add(node, &image->channel, EPOLLIN);
    return r ? r : tri_source_add(node, &image->exec, EPOLLIN);
}

static void enter_in_table(struct tri_node *node, struct tri_image *image)
{
    image->index = node->table.header->image_count;
    memcpy(node->table.header->images[image->index], image->path, sizeof image->path);
    node->table.header->image_count = image->index + 1;
}

/* An image that failed and whose template is gone: its place is used again, so that a supervisor which retries a broken
 * binary does not use up all places. */
static struct tri_image *find_failed(const struct tri_node *node, const char *path)
{
    for (struct tri_image *each = node->images; each; each = each->next)
        if (each->state == TRI_IMAGE_FAILED && each->os_pid == 0 && strcmp(each->path, path) == 0)
            return each;
    return NULL;
}

static int start_again(struct tri_node *node, struct tri_image *image, struct tri_image **ret_image,
                       char *why, size_t why_bytes)
{
    tri_source_close(node, &image->channel);
    tri_source_close(node, &image->exec);
    free(image->entries);
    image->entries = NULL;
    int r = start_template(node, image);
    if (r) {
        snprintf(why, why_bytes, "%.200s: %s", image->path, tr_strerror(r));
        return r;
    }
    image->state = TRI_IMAGE_LOADING;
    *ret_image = image;
    return 0;
}

int tri_image_get(struct tri_node *node, const char *path, struct tri_image **ret_image, char *why,
                  size_t why_bytes)
{
    for (struct tri_image *each = node->images; each; each = each->next) {
        if (strcmp(each->path, path) == 0 && each->state != TRI_IMAGE_FAILED) {
            *ret_image = each;
            return 0;
        }
    }
    int r = tri_binary_check(path, why, why_bytes);
    if (r)
        return r;
    struct tri_image *failed = find_failed(node, path);
    if (failed)
        return start_again(node, failed, ret_image, why, why_bytes);
    if (node->table.header->image_count >= TRI_IMAGES || strlen(path) >= TRI_IMAGE_PATH_BYTES)
        return -ENFILE;
    struct tri_image *image = calloc(1, sizeof *image);
    if (!image)
        return -ENOMEM;
    image->channel = (struct tri_source){.fd = -1, .ready = channel_ready};
    image->exec = (struct tri_source){.fd = -1, .ready = exec_ready};
    TAILQ_INIT(&image->waiting);
    memcpy(image->path, path, strlen(path) + 1);
    r = start_template(node, image);
    if (r) {
        snprintf(why, why_bytes, "%.200s: %s", path, tr_strerror(r));
        tri_source_close(node, &image->channel);
        tri_source_close(node, &image->exec);
        free(image);
        return r;
    }
    enter_in_table(node, image);
    image->next = node->images;
    node->images = image;
    *ret_image = image;
    return 0;
}

/* exec has answered: end of file is good news, an errno is the end of this image. */
static void exec_ready(struct tri_node *node, struct tri_source *source, uint32_t events)
{
    struct tri_image *image = image_of_exec(source);
    char why[TRI_IMAGE_PATH_BYTES + 100];
    int error = 0;
    (void)events;
    ssize_t n = read(source->fd, &error, sizeof error);
    tri_source_close(node, source);
    if (n != sizeof error)
        return;
    snprintf(why, sizeof why, "%s: cannot be executed: %s", image->path, strerror(error));
    tri_source_close(node, &image->channel);
    fail_waiting(node, image, -error, why);
}

/* ---------------------------------------------------------------- entries */

bool tri_image_has_entry(const struct tri_image *image, const char *entry)
{
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

void tri_image_answer_spawner(struct tri_node *node, struct tri_actor *actor, int result)
{
    struct tri_actor *spawner = tri_actor_find_living(node, actor->spawner);
    struct tri_control head = {
        .kind = TRI_REPLY, .request = actor->spawn_request, .result = result, .pid = actor->pid.id};
    if (spawner && actor->spawn_request)
        tri_tell(node, spawner, &head, NULL, 0, NULL);
    actor->spawn_request = 0;
}

/* The actor's own channel, with its birth certificate in it before there is a process to read it. */
static int open_control(struct tri_node *node, struct tri_actor *actor, int *ret_fd)
{
    int pair[2];
    int r = tri_fd_socketpair(pair, TRI_CONTROL_BUFFER_BYTES);
    if (r)
        return r;
    tri_fd_set_nonblocking(pair[0], true);
    actor->control.fd = pair[0];
    actor->control.ready = tri_actor_ready;
    r = tri_actor_tell_birth(node, actor);
    if (r == 0)
        r = tri_source_add(node, &actor->control, EPOLLIN);
    if (r) {
        tri_fd_close(&actor->control.fd);
        close(pair[1]);
        return r;
    }
    tri_notices_drain(node, actor); /* what came for it before it had a channel */
    *ret_fd = pair[1];
    return 0;
}

/* Asks the template for one actor. 0; -EAGAIN: ask later; another negative errno: it will not be. */
static int ask_for(struct tri_node *node, struct tri_image *image, struct tri_actor *actor)
{
    TRI_AUTO(tri_fd_close) int actors_end = -1;
    int r = open_control(node, actor, &actors_end);
    if (r)
        return r;
    struct tri_parcel parcel = tri_parcel_of(TRI_FORK);
    parcel.head.pid = actor->pid.id;
    parcel.name = actor->entry;
    parcel.name_bytes = strlen(actor->entry);
    parcel.passed_fd = actors_end;
    r = tri_control_send(image->channel.fd, &parcel);
    if (r) {
        tri_source_close(node, &actor->control);
        return r;
    }
    image->forks_under_way++;
    tri_body_unref(actor->argument);
    actor->argument = NULL;
    return 0;
}

static void fork_waiting(struct tri_node *node, struct tri_image *image)
{
    struct tri_actor *actor;
    while (!node->has_unknown_child && (actor = TAILQ_FIRST(&image->waiting)) &&
           image->forks_under_way < FORKS_UNDER_WAY) {
        int r =
            tri_image_has_entry(image, actor->entry) ? ask_for(node, image, actor) : TR_NO_ENTRY;
        if (r == -EAGAIN && image->forks_under_way > 0)
            return;
        TAILQ_REMOVE(&image->waiting, actor, of_list);
        if (r)
            tri_actor_unborn(node, actor, r, "");
    }
}

void tri_image_fork(struct tri_node *node, struct tri_image *image, struct tri_actor *actor)
{
    actor->image = image;
    struct tri_row *row = tri_table_begin(&node->table, tr_pid_slot(actor->pid));
    row->image = image->index;
    tri_table_end(row);
    TAILQ_INSERT_TAIL(&image->waiting, actor, of_list);
    if (image->state == TRI_IMAGE_READY)
        fork_waiting(node, image);
}

static void forked(struct tri_node *node, struct tri_image *image, const struct tri_packet *packet)
{
    struct tri_actor *actor = tri_actor_find_living(node, (tr_pid){packet->head.pid});
    if (image->forks_under_way > 0)
        image->forks_under_way--;
    if (node->has_unknown_child && !tri_image_has_forks_under_way(node))
        node->has_unknown_child = false;
    if (!actor || actor->os_pid)
        return;
    if (packet->head.result) {
        tri_actor_unborn(node, actor, packet->head.result, "");
        return;
    }
    tri_actor_set_os_pid(node, actor, (int)packet->head.number);
    if (actor->reason) /* it was killed before it was born */
        kill(actor->os_pid, SIGKILL);
}

/* ---------------------------------------------------------------- what a template says */

static void became_ready(struct tri_node *node, struct tri_image *image,
                         const struct tri_packet *packet)
{
    if (image->state != TRI_IMAGE_LOADING)
        return;
    image->entries = calloc(1, packet->head.name_bytes + 2);
    if (!image->entries) {
        fail_waiting(node, image, -ENOMEM, "out of memory");
        return;
    }
    memcpy(image->entries, packet->name, packet->head.name_bytes);
    image->state = TRI_IMAGE_READY;
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
    node->is_reaping_due = true; /* a child may have died before its os_pid was known */
}

bool tri_image_collect_forked(struct tri_node *node)
{
    bool has_read = false;
    for (struct tri_image *image = node->images; image; image = image->next)
        while (read_packet(node, image))
            has_read = true;
    return has_read;
}

bool tri_image_has_forks_under_way(const struct tri_node *node)
{
    for (const struct tri_image *image = node->images; image; image = image->next)
        if (image->forks_under_way > 0)
            return true;
    return false;
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
    image->forks_under_way = 0;
    if (code == CLD_EXITED)
        snprintf(why, sizeof why, "%s: exited with status %d %s", image->path, status,
                 was_ready ? "as a template" : "before it called tr_main");
    else
        snprintf(why, sizeof why, "%s: its template was killed by %s", image->path,
                 strsignal(status));
    fail_waiting(node, image, TR_NOT_AN_ACTOR, why);
    if (was_ready)
        tri_stop_failed(node, why);
}

void tri_images_close(struct tri_node *node)
{
    for (struct tri_image *image = node->images, *next; image; image = next) {
        next = image->next;
        tri_source_close(node, &image->channel);
        tri_source_close(node, &image->exec);
        free(image->entries);
        free(image);
    }
    node->images = NULL;
}
