/* Built: memory for the content is taken at once, so that its producer never meets SIGBUS. */
#include "mailbox/built.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "mailbox/blob.h"
#include "mailbox/message.h"

static int take_memory(struct tr_blob *blob, size_t size_bytes)
{
    size_t pages = size_bytes / TRI_PAGE_BYTES + 1;
    blob->memory = aligned_alloc(TRI_PAGE_BYTES, pages * TRI_PAGE_BYTES);
    if (!blob->memory)
        return -ENOMEM;
    memset(blob->memory, 0, size_bytes);
    blob->loan.content.data = blob->memory;
    return 0;
}

static int take_file(struct tr_blob *blob, const struct tri_rundir *dir, size_t size_bytes)
{
    size_t file_bytes = TRI_BUILT_HEAD_BYTES + size_bytes;
    int r = tri_blob_nameless(dir, &blob->fd);
    if (r == 0 && ftruncate(blob->fd, (off_t)file_bytes) < 0)
        r = -errno;
    if (r == 0)
        r = tri_stretch_map(&blob->stretch, blob->fd, file_bytes, PROT_READ | PROT_WRITE);
    if (r == 0)
        r = tri_stretch_fill(&blob->stretch, blob->fd, file_bytes);
    if (r)
        return r;
    /* A child that the producer forks would be a second writer. */
    madvise(blob->stretch.at, file_bytes, MADV_DONTFORK);
    blob->loan.content.data = blob->stretch.at + TRI_BUILT_HEAD_BYTES;
    return 0;
}

int tri_built_new(const struct tri_rundir *dir, size_t size_bytes, struct tr_blob **ret_blob)
{
    if (size_bytes > UINT32_MAX)
        return TR_TOO_LARGE;
    struct tr_blob *blob = calloc(1, sizeof *blob);
    if (!blob)
        return -ENOMEM;
    blob->fd = -1;
    blob->loan.content.size_bytes = size_bytes;
    int r = size_bytes < TRI_RECORD_BODY_BYTES ? take_memory(blob, size_bytes)
                                               : take_file(blob, dir, size_bytes);
    if (r) {
        tri_built_free(blob);
        return r;
    }
    *ret_blob = blob;
    return 0;
}

void tri_built_free(struct tr_blob *blob)
{
    if (!blob)
        return;
    free(blob->memory);
    tri_stretch_unmap(&blob->stretch);
    tri_fd_close(&blob->fd);
    free(blob);
}

bool tri_built_has_room(const struct tri_letter *letter)
{
    size_t head = 0;
    for (unsigned i = 0; i < letter->content; i++)
        head += letter->parts[i].iov_len;
    return head <= TRI_BUILT_HEAD_BYTES;
}

ssize_t tri_built_frame(const struct tri_letter *letter)
{
    struct tr_blob *blob = letter->blob;
    unsigned tail = letter->content + 1;
    uint8_t *head = blob->stretch.at + TRI_BUILT_HEAD_BYTES;
    off_t end = (off_t)(TRI_BUILT_HEAD_BYTES + blob->loan.content.size_bytes);
    for (unsigned i = letter->content; i-- > 0;) {
        head -= letter->parts[i].iov_len;
        memcpy(head, letter->parts[i].iov_base, letter->parts[i].iov_len);
    }
    if (ftruncate(blob->fd, end) < 0)
        return -errno;
    int r = tri_fd_write_parts(blob->fd, letter->parts + tail, letter->count - tail, end);
    return r ? r : head - blob->stretch.at;
}

/* Does the term end on a page that is mapped? */
static bool is_mapped(const struct tr_blob *blob, size_t end)
{
    size_t mapped = TRI_BUILT_HEAD_BYTES + blob->loan.content.size_bytes;
    return end <= (mapped + TRI_PAGE_BYTES - 1) / TRI_PAGE_BYTES * TRI_PAGE_BYTES;
}

struct tr_message *tri_built_message(tr_pid self, uint64_t alias, const struct tri_letter *letter)
{
    struct tr_blob *blob = letter->blob;
    if (!blob || !tri_built_has_room(letter))
        return NULL;
    ssize_t begin = tri_built_frame(letter);
    if (begin < 0 || !is_mapped(blob, (size_t)begin + letter->size_bytes))
        return NULL;
    tr_term term = {blob->stretch.at + begin, letter->size_bytes};
    struct tr_message *message =
        tri_message_of_map(self, alias, blob->stretch.base, blob->stretch.base_bytes, term);
    if (!message)
        return NULL;
    mprotect(blob->stretch.at, (size_t)begin + letter->size_bytes, PROT_READ);
    blob->stretch = (struct tri_stretch){0};
    tri_built_free(blob);
    return message;
}
