/* State folder: found by the environment. What leads to it may be links, as its owner likes; its parts may not, because
 * who plants one where others may write would have files of ours written elsewhere. */
#include "base/statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"
#include "troupe/outcome.h"

int tri_statedir_path(const char *part, char path[TRI_STATEDIR_BYTES])
{
    const char *own = getenv("TROUPE_STATE"), *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME"), *slash = *part ? "/" : "";
    int length;
    if (own && *own)
        length = snprintf(path, TRI_STATEDIR_BYTES, "%s%s%s", own, slash, part);
    else if (xdg && *xdg == '/')
        length = snprintf(path, TRI_STATEDIR_BYTES, "%s/troupe%s%s", xdg, slash, part);
    else if (home && *home == '/')
        length =
            snprintf(path, TRI_STATEDIR_BYTES, "%s/.local/state/troupe%s%s", home, slash, part);
    else
        return -ENOENT;
    return length < TRI_STATEDIR_BYTES ? 0 : -ENAMETOOLONG;
}

/* Makes every folder on the way that is missing. */
static int make_all(char *path)
{
    for (char *at = path + 1;; at++) {
        char end = *at;
        if (end != '/' && end != '\0')
            continue;
        *at = '\0';
        int r = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
        *at = end;
        /* Somebody else's folder on the way may not be written to, nor a file system, and need not. */
        if (r && (end == '\0' || (r != -EACCES && r != -EROFS && r != -EPERM)))
            return r;
        if (end == '\0')
            return 0;
    }
}

int tri_statedir_open(const char *part, bool creates, int *ret_fd)
{
    char path[TRI_STATEDIR_BYTES];
    struct stat st;
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int r = tri_statedir_path(part, path);
    if (r)
        return r;
    TRI_AUTO(tri_fd_close) int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && creates) {
        r = make_all(path);
        if (r)
            return r;
        fd = open(path, flags);
    }
    if (fd < 0) {
        r = -errno;
        bool is_link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
        return is_link ? TR_REFUSED : r;
    }
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
        return TR_REFUSED;
    *ret_fd = fd;
    fd = -1;
    return 0;
}
