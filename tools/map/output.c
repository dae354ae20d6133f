/* Output: put together in memory, written when the other side takes it. */
#include "map/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"

/* Memory that is kept when nothing waits in it. */
#define KEPT_BYTES ((size_t)4 << 20)

int map_output_init(struct map_output *output, int fd, const struct tri_framing *framing,
                    int64_t past_end, uint32_t past_check, bool cuts)
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
    if (!cuts)
        return 0;
    output->end = past_end;
    return ftruncate(fd, past_end) < 0 || lseek(fd, past_end, SEEK_SET) < 0 ? -errno : 0;
}

void map_output_deinit(struct map_output *output)
{
    map_pending_deinit(&output->pending);
    map_spill_free(output->spill);
    *output = (struct map_output){.fd = -1};
}

int map_output_put(struct map_output *output, const void *bytes, size_t size_bytes, bool is_raw)
{
    size_t put_bytes;
    int r = map_pending_put(&output->pending, is_raw ? NULL : &output->framing, bytes, size_bytes,
                            &put_bytes);
    if (r == 0 && output->end >= 0)
        output->end += (int64_t)put_bytes;
    return r;
}

void map_output_put_spill(struct map_output *output, struct map_spill *spill)
{
    output->spill = spill;
    if (output->end >= 0)
        output->end += spill->size_bytes;
}

size_t map_output_pending_bytes(const struct map_output *output)
{
    return map_pending_bytes(&output->pending) + (output->spill ? MAP_SPILL_BYTES : 0);
}

/* The next piece of the spill, into memory, of which all has been written. */
static int read_spill(struct map_output *output)
{
    size_t bytes = 0;
    struct map_pending *pending = &output->pending;
    int r = map_pending_room(pending, MAP_SPILL_BYTES);
    if (r == 0)
        r = map_spill_read(output->spill, pending->bytes + pending->end, MAP_SPILL_BYTES, &bytes);
    pending->end += bytes;
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
    size_t pending = map_pending_bytes(&output->pending);
    if (output->end >= 0)
        return pending;
    if (poll(&poll_fd, 1, 0) <= 0)
        return 0;
    return pending < PIPE_BUF ? pending : PIPE_BUF;
}

/* What is in memory. */
static int write_here(struct map_output *output)
{
    struct map_pending *pending = &output->pending;
    for (size_t bytes; map_pending_bytes(pending) && (bytes = writable_bytes(output));) {
        ssize_t n = write(output->fd, pending->bytes + pending->begin, bytes);
        if (n >= 0)
            map_pending_written(pending, (size_t)n, KEPT_BYTES);
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
    while (r == 0 && output->spill && !map_pending_bytes(&output->pending)) {
        r = read_spill(output);
        if (r == 0)
            r = write_here(output);
    }
    return r;
}
