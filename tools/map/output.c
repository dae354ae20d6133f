/* Output: put together in memory, written when the other side takes it. */
#include "map/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"

/* Memory that is kept when nothing waits in it. */
#define KEPT_BYTES ((size_t)4 << 20)

int map_output_init(struct map_output *output, int fd, const struct tri_framing *framing,
                    int64_t past_end, uint32_t past_check)
{
    struct stat status;
    *output = (struct map_output){.fd = fd, .framing = *framing, .end = -1};
    if (fstat(fd, &status) < 0)
        return -errno;
    int flags = fcntl(fd, F_GETFL); /* no job is to be done in vain */
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (!S_ISREG(status.st_mode))
        return 0;
    output->end = status.st_size;
    output->check = tri_checksum_words(status.st_dev, status.st_ino);
    if (past_end < 0 || past_check != output->check)
        return 0;
    if (status.st_size < past_end)
        return -ESPIPE;
    output->end = past_end;
    return ftruncate(fd, past_end) < 0 || lseek(fd, past_end, SEEK_SET) < 0 ? -errno : 0;
}

void map_output_deinit(struct map_output *output)
{
    free(output->bytes);
    map_spill_free(output->spill);
    *output = (struct map_output){.fd = -1};
}

/* In memory. */
static size_t pending_here(const struct map_output *output)
{
    return output->end_bytes - output->begin_bytes;
}

static int room(struct map_output *output, size_t bytes)
{
    size_t pending = pending_here(output);
    if (output->capacity - output->end_bytes >= bytes)
        return 0;
    if (pending)
        memmove(output->bytes, output->bytes + output->begin_bytes, pending);
    output->begin_bytes = 0;
    output->end_bytes = pending;
    if (output->capacity - pending >= bytes)
        return 0;
    size_t capacity = pending + bytes < KEPT_BYTES ? 2 * (pending + bytes) : pending + bytes;
    uint8_t *grown = realloc(output->bytes, capacity);
    if (!grown)
        return -ENOMEM;
    output->bytes = grown;
    output->capacity = capacity;
    return 0;
}

static void append(struct map_output *output, const void *bytes, size_t size_bytes)
{
    if (size_bytes)
        memcpy(output->bytes + output->end_bytes, bytes, size_bytes);
    output->end_bytes += size_bytes;
    if (output->end >= 0)
        output->end += (int64_t)size_bytes;
}

int map_output_put(struct map_output *output, const void *bytes, size_t size_bytes, bool is_raw)
{
    uint8_t head[TRI_FRAME_HEADER_BYTES];
    size_t head_bytes = 0;
    if (!is_raw && !tri_framing_head(&output->framing, size_bytes, head, &head_bytes))
        return TR_TOO_LARGE;
    int r = room(output, sizeof head + size_bytes + 1);
    if (r)
        return r;
    append(output, head, head_bytes);
    append(output, bytes, size_bytes);
    if (!is_raw && output->framing.kind == TR_FRAMING_LINE)
        append(output, &output->framing.end, 1);
    return 0;
}

void map_output_put_spill(struct map_output *output, struct map_spill *spill)
{
    output->spill = spill;
    if (output->end >= 0)
        output->end += spill->size_bytes;
}

size_t map_output_pending_bytes(const struct map_output *output)
{
    return pending_here(output) + (output->spill ? MAP_SPILL_BYTES : 0);
}

/* The next piece of the spill, into memory, of which all has been written. */
static int read_spill(struct map_output *output)
{
    size_t bytes = 0;
    int r = room(output, MAP_SPILL_BYTES);
    if (r == 0)
        r = map_spill_read(output->spill, output->bytes + output->end_bytes, MAP_SPILL_BYTES,
                           &bytes);
    output->end_bytes += bytes;
    if (r == 0 && bytes == 0) {
        map_spill_free(output->spill);
        output->spill = NULL;
    }
    return r;
}

/* How much can be written without waiting. A pipe that can be written at all takes so much; a file takes everything. The
 * descriptor is not made one that does not block: others have it, too. */
static size_t writable_bytes(const struct map_output *output)
{
    struct pollfd poll_fd = {.fd = output->fd, .events = POLLOUT};
    size_t pending = pending_here(output);
    if (output->end >= 0)
        return pending;
    if (poll(&poll_fd, 1, 0) <= 0)
        return 0;
    return pending < PIPE_BUF ? pending : PIPE_BUF;
}

/* What is in memory. */
static int write_here(struct map_output *output)
{
    for (size_t bytes; pending_here(output) && (bytes = writable_bytes(output));) {
        ssize_t n = write(output->fd, output->bytes + output->begin_bytes, bytes);
        if (n >= 0)
            output->begin_bytes += (size_t)n;
        else if (errno == EAGAIN)
            return 0;
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

int map_output_write(struct map_output *output)
{
    int r = write_here(output);
    while (r == 0 && output->spill && !pending_here(output)) {
        r = read_spill(output);
        if (r == 0)
            r = write_here(output);
    }
    if (r || pending_here(output))
        return r;
    output->begin_bytes = output->end_bytes = 0;
    if (output->capacity > KEPT_BYTES) {
        free(output->bytes);
        output->bytes = NULL;
        output->capacity = 0;
    }
    return 0;
}
