/* Output: put together in memory, written in one go. */
#include "map/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int map_output_init(struct map_output *output, int fd, const struct tri_framing *framing,
                    int64_t past_end)
{
    struct stat status;
    *output = (struct map_output){.fd = fd, .framing = *framing, .end = -1};
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return 0;
    output->end = status.st_size;
    if (past_end < 0)
        return 0;
    if (status.st_size < past_end)
        return -ESPIPE;
    output->end = past_end;
    return ftruncate(fd, past_end) < 0 || lseek(fd, past_end, SEEK_SET) < 0 ? -errno : 0;
}

void map_output_deinit(struct map_output *output)
{
    free(output->bytes);
    *output = (struct map_output){.fd = -1};
}

static int room(struct map_output *output, size_t bytes)
{
    if (output->capacity - output->size_bytes >= bytes)
        return 0;
    size_t capacity = 2 * output->capacity + bytes;
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
        memcpy(output->bytes + output->size_bytes, bytes, size_bytes);
    output->size_bytes += size_bytes;
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

/* Somebody may have made the descriptor one that does not block. */
int map_output_flush(struct map_output *output)
{
    for (size_t done = 0; done < output->size_bytes;) {
        ssize_t n = write(output->fd, output->bytes + done, output->size_bytes - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = output->fd, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            return -errno;
    }
    output->size_bytes = 0;
    return 0;
}
