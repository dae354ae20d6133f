/* Stretch: a large page can be mapped only where address and offset in the file agree, so a mapping begins at a multiple
 * of the large page's size. */
#include "mailbox/stretch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define LARGE_PAGE_BYTES ((size_t)2 << 20)
/* Memory is asked for in steps of this: a signal makes the kernel take back what it has given in one step. */
#define STEP_BYTES ((size_t)8 << 20)

static size_t round_up(size_t n) { return (n + LARGE_PAGE_BYTES - 1) & ~(LARGE_PAGE_BYTES - 1); }

int tri_stretch_map(struct tri_stretch *ret_stretch, int fd, size_t size_bytes, int protection)
{
    struct tri_stretch stretch = {.base_bytes = size_bytes};
    if (size_bytes < LARGE_PAGE_BYTES) {
        stretch.base = mmap(NULL, size_bytes, protection, MAP_SHARED, fd, 0);
        if (stretch.base == MAP_FAILED)
            return -errno;
        stretch.at = stretch.base;
        *ret_stretch = stretch;
        return 0;
    }
    stretch.base_bytes += LARGE_PAGE_BYTES;
    stretch.base = mmap(NULL, stretch.base_bytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stretch.base == MAP_FAILED)
        return -errno;
    stretch.at =
        (uint8_t *)stretch.base + (round_up((uintptr_t)stretch.base) - (uintptr_t)stretch.base);
    if (mmap(stretch.at, size_bytes, protection, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
        int r = -errno;
        tri_stretch_unmap(&stretch);
        return r;
    }
    *ret_stretch = stretch;
    return 0;
}

static int allocate(int fd, size_t offset, size_t size_bytes)
{
    while (fallocate(fd, 0, (off_t)offset, (off_t)size_bytes) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* Large pages, as far as the kernel has them: each grows around a first small one. What it refuses stays as it is. */
static int fill_with_large_pages(const struct tri_stretch *stretch, int fd, size_t size_bytes)
{
    size_t large_bytes = size_bytes & ~(LARGE_PAGE_BYTES - 1);
    for (size_t at = 0; at < large_bytes; at += LARGE_PAGE_BYTES) {
        int r = allocate(fd, at, 1);
        if (r)
            return r;
    }
    if (large_bytes > 0)
        madvise(stretch->at, large_bytes, MADV_COLLAPSE);
    return 0;
}

int tri_stretch_fill(const struct tri_stretch *stretch, int fd, size_t size_bytes)
{
    int r = fill_with_large_pages(stretch, fd, size_bytes);
    for (size_t at = 0; r == 0 && at < size_bytes; at += STEP_BYTES)
        r = allocate(fd, at, size_bytes - at < STEP_BYTES ? size_bytes - at : STEP_BYTES);
    return r;
}

int tri_stretch_reserve(int fd, size_t size_bytes)
{
    struct tri_stretch stretch = {0};
    size_t file_bytes = round_up(size_bytes);
    if (ftruncate(fd, (off_t)file_bytes) < 0)
        return -errno;
    int r = tri_stretch_map(&stretch, fd, file_bytes, PROT_READ | PROT_WRITE);
    if (r)
        return r;
    r = tri_stretch_fill(&stretch, fd, file_bytes);
    tri_stretch_unmap(&stretch);
    return r;
}

void tri_stretch_unmap(struct tri_stretch *stretch)
{
    if (stretch->base)
        munmap(stretch->base, stretch->base_bytes);
    *stretch = (struct tri_stretch){0};
}
