/* Control: packets written whole and read with suspicion. */
#include "wire/control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fd.h"

#define BODY_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char *const kind_names[TRI_CONTROL_KINDS] = {
    [TRI_READY] = "ready",
    [TRI_SPAWN] = "spawn",
    [TRI_LEAVE] = "leave",
    [TRI_EXIT] = "exit",
    [TRI_LINK_TO] = "link",
    [TRI_UNLINK] = "unlink",
    [TRI_MONITOR_OF] = "monitor",
    [TRI_DEMONITOR] = "demonitor",
    [TRI_REGISTER] = "register",
    [TRI_UNREGISTER] = "unregister",
    [TRI_SEND_AFTER] = "send_after",
    [TRI_PASS] = "pass",
    [TRI_OPEN_BLOBS] = "open blobs",
    [TRI_CANCEL] = "cancel",
    [TRI_INFO] = "info",
    [TRI_KILL] = "kill",
    [TRI_CARE] = "care",
    [TRI_HELLO] = "hello",
    [TRI_BIRTH] = "birth",
    [TRI_REPLY] = "reply",
    [TRI_SIGNAL_EXIT] = "exit signal",
    [TRI_SIGNAL_DOWN] = "down",
    [TRI_MESSAGE] = "message",
    [TRI_KILLED] = "killed",
    [TRI_TEMPLATE] = "template",
    [TRI_FORK] = "fork",
    [TRI_FORKED] = "forked",
    [TRI_NODE_UP] = "node up",
    [TRI_NODE_FAIL] = "node failed",
    [TRI_ROOT_END] = "root end",
    [TRI_STOP] = "stop",
    [TRI_HANGUP] = "hangup",
};

const char *tri_control_kind_name(unsigned kind)
{
    return kind < TRI_CONTROL_KINDS && kind_names[kind] ? kind_names[kind] : "unknown";
}

int tri_body_to_file(const void *body, size_t body_bytes)
{
    TRI_AUTO(tri_fd_close) int fd = memfd_create("troupe-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    int r = tri_fd_write_all(fd, body, body_bytes);
    if (r)
        return r;
    if (fcntl(fd, F_ADD_SEALS, BODY_SEALS) < 0)
        return -errno;
    int done = fd;
    fd = -1;
    return done;
}

bool tri_body_file_is_sealed(int fd, size_t body_bytes)
{
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & BODY_SEALS) == BODY_SEALS && fstat(fd, &st) == 0 &&
           st.st_size >= 0 && (size_t)st.st_size == body_bytes;
}

int tri_control_send(int fd, const struct tri_parcel *parcel)
{
    TRI_AUTO(tri_fd_close) int file = -1;
    struct tri_control head = parcel->head;
    int passed_fd = parcel->passed_fd;
    size_t inline_bytes = head.flags & TRI_BODY_IN_FILE ? 0 : parcel->body_bytes;

    if (parcel->name_bytes > TRI_CONTROL_NAME_BYTES || parcel->body_bytes > TRI_CONTROL_FILE_BYTES)
        return TR_TOO_LARGE;
    if (inline_bytes > TRI_CONTROL_BODY_BYTES) {
        if (passed_fd >= 0)
            return TR_TOO_LARGE;
        file = tri_body_to_file(parcel->body, parcel->body_bytes);
        if (file < 0)
            return file;
        passed_fd = file;
        inline_bytes = 0;
        head.flags |= TRI_BODY_IN_FILE;
    }
    head.version = TRI_CONTROL_VERSION;
    head.name_bytes = (uint32_t)parcel->name_bytes;
    head.body_bytes = (uint32_t)parcel->body_bytes;
    struct iovec parts[3] = {
        {&head, sizeof head},
        {(void *)parcel->name, parcel->name_bytes},
        {(void *)parcel->body, inline_bytes},
    };
    return tri_fd_send(fd, parts, TRI_ARRAY_LENGTH(parts), passed_fd);
}

/* Checks a packet of n bytes in buffer and takes it apart. The name is moved one byte down, over the end of the head
 * that has been copied out, so that its NUL has a place before the body. */
static int take_apart(char *buffer, size_t n, struct tri_packet *packet)
{
    if (n < sizeof packet->head)
        return -EPROTO;
    memcpy(&packet->head, buffer, sizeof packet->head);
    const struct tri_control *head = &packet->head;
    bool in_file = head->flags & TRI_BODY_IN_FILE;
    if (head->version != TRI_CONTROL_VERSION || head->kind == 0 || head->kind >= TRI_CONTROL_KINDS)
        return -EPROTO;
    if (head->name_bytes > TRI_CONTROL_NAME_BYTES ||
        n != sizeof *head + head->name_bytes + (in_file ? 0 : (size_t)head->body_bytes))
        return -EPROTO;
    if (in_file &&
        (head->body_bytes > TRI_CONTROL_FILE_BYTES ||
         (packet->passed_fd >= 0 && !tri_body_file_is_sealed(packet->passed_fd, head->body_bytes))))
        return -EPROTO;
    char *name = buffer + sizeof *head - 1;
    memmove(name, name + 1, head->name_bytes);
    name[head->name_bytes] = '\0';
    packet->name = name;
    packet->body = in_file ? NULL : (uint8_t *)buffer + sizeof *head + head->name_bytes;
    return 0;
}

int tri_control_receive(int fd, void *buffer, struct tri_packet *ret_packet)
{
    struct tri_packet packet = {.passed_fd = -1};
    ssize_t n = tri_fd_receive(fd, buffer, TRI_PACKET_BUFFER_BYTES, &packet.passed_fd);
    if (n == 0)
        return -EPIPE;
    if (n < 0)
        return n == -EMSGSIZE ? -EPROTO : (int)n;
    int r = take_apart(buffer, (size_t)n, &packet);
    if (r) {
        tri_packet_deinit(&packet);
        return r;
    }
    *ret_packet = packet;
    return 0;
}

void tri_packet_deinit(struct tri_packet *packet) { tri_fd_close(&packet->passed_fd); }

/* Makes room for more bytes at the end of out; NULL when there is no memory. */
static uint8_t *reserve(struct tr_out *out, size_t more)
{
    if (out->capacity_bytes - out->size_bytes < more) {
        size_t capacity = out->size_bytes + more;
        uint8_t *data = realloc(out->data, capacity);
        if (!data)
            return NULL;
        out->data = data;
        out->capacity_bytes = capacity;
    }
    return out->data + out->size_bytes;
}

int tri_packet_body(const struct tri_packet *packet, struct tr_out *out)
{
    size_t size = packet->head.body_bytes;
    if (size == 0)
        return 0;
    if (tri_packet_body_is_lost(packet))
        return -EMFILE;
    uint8_t *to = reserve(out, size);
    if (!to)
        return -ENOMEM;
    if (packet->body) {
        memcpy(to, packet->body, size);
    } else {
        ssize_t n = tri_fd_read_at(packet->passed_fd, to, size, 0);
        if (n != (ssize_t)size)
            return n < 0 ? (int)n : -EPROTO;
    }
    out->size_bytes += size;
    return 0;
}
