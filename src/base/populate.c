/* Populate: MADV_POPULATE_WRITE, which Linux has since 5.14, and the headers of some systems have not. */
#include "base/populate.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

int tri_populate(const void *from, size_t size_bytes)
{
    int r;
    do {
        r = madvise((void *)(uintptr_t)from, size_bytes, MADV_POPULATE_WRITE) < 0 ? -errno : 0;
    } while (r == -EINTR || r == -EAGAIN);
    return r == -EFAULT || r == -ENOMEM ? -ENOSPC : r;
}
