/* Source: reads no more than what is asked for, so that the rest of the input stays where it is. */
#include "map/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void map_source_init(struct map_source *source, int fd, const struct tri_framing *framing)
{
    struct stat status;
    *source = (struct map_source){.fd = fd, .framer.framing = *framing};
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > at)
        source->total_bytes = (uint64_t)(status.st_size - at);
}

void map_source_deinit(struct map_source *source) { tri_framer_deinit(&source->framer); }

static struct map_job *job_of(struct map_source *source, const struct tri_frame *frame)
{
    struct map_job *job = malloc(sizeof *job + frame->size_bytes);
    if (!job)
        return NULL;
    *job = (struct map_job){.number = ++source->number, .size_bytes = frame->size_bytes};
    if (frame->size_bytes)
        memcpy(job->bytes, frame->data, frame->size_bytes);
    tri_framer_drop(&source->framer);
    return job;
}

struct map_job *map_source_next(struct map_source *source, int *ret_fault)
{
    struct tri_frame frame = tri_framer_next(&source->framer);
    bool is_last_line = frame.kind == TRI_FRAME_PART && source->framer.is_at_end &&
                        frame.size_bytes == source->framer.end - source->framer.begin;
    *ret_fault = 0;
    switch (frame.kind) {
    case TRI_FRAME_NONE:
        source->is_at_end = source->framer.is_at_end;
        return NULL;
    case TRI_FRAME_CUT:
        *ret_fault = -EPROTO;
        return NULL;
    case TRI_FRAME_TOO_LONG:
        *ret_fault = -EMSGSIZE;
        return NULL;
    case TRI_FRAME_PART:
        if (!is_last_line) {
            *ret_fault = -EMSGSIZE;
            return NULL;
        }
        break;
    case TRI_FRAME_WHOLE:
        break;
    }
    struct map_job *job = job_of(source, &frame);
    *ret_fault = job ? 0 : -ENOMEM;
    return job;
}

int map_source_read(struct map_source *source)
{
    uint8_t *at;
    size_t bytes;
    int r = tri_framer_room(&source->framer, &at, &bytes);
    if (r)
        return r;
    ssize_t n = read(source->fd, at, bytes);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    if (n == 0)
        source->framer.is_at_end = true;
    tri_framer_came(&source->framer, (size_t)n);
    source->read_bytes += (uint64_t)n;
    return 0;
}
