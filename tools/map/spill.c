/* Spill: not every file system has files without a name; there, one loses its name at once. */
#include "map/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"

static int open_nameless(void)
{
    const char *given = getenv("TMPDIR"), *folder = given && *given ? given : "/tmp";
    char path[4096];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd < 0 ? -errno : fd;
    if (snprintf(path, sizeof path, "%s/troupe-map.XXXXXX", folder) >= (int)sizeof path)
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

int map_spill_put(struct map_spill **spill, const void *bytes, size_t size_bytes)
{
    if (!*spill) {
        struct map_spill *made = calloc(1, sizeof *made);
        int fd = made ? open_nameless() : -ENOMEM;
        if (fd < 0) {
            free(made);
            return fd;
        }
        made->fd = fd;
        *spill = made;
    }
    int r = tri_fd_write_all((*spill)->fd, bytes, size_bytes);
    if (r == 0)
        (*spill)->size_bytes += (int64_t)size_bytes;
    return r;
}

int map_spill_read(struct map_spill *spill, void *bytes, size_t size_bytes, size_t *ret_bytes)
{
    int64_t left = spill->size_bytes - spill->read_bytes;
    size_t wanted = (int64_t)size_bytes < left ? size_bytes : (size_t)left;
    ssize_t n = tri_fd_read_at(spill->fd, bytes, wanted, (off_t)spill->read_bytes);
    if (n < 0)
        return (int)n;
    if ((size_t)n < wanted) /* somebody has cut it */
        return -EIO;
    spill->read_bytes += (int64_t)wanted;
    *ret_bytes = wanted;
    return 0;
}

void map_spill_free(struct map_spill *spill)
{
    if (!spill)
        return;
    close(spill->fd);
    free(spill);
}
