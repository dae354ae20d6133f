/* App's file: reading it, and all that is said about it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app.h"
#include "base/auto.h"
#include "base/fd.h"

/* Nobody writes so long a configuration; a device has no end. */
#define FILE_MAX_BYTES ((off_t)16 << 20)

int app_read_file(const char *path, char **ret_text, size_t *ret_size_bytes)
{
    struct stat st;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    if (st.st_size > FILE_MAX_BYTES)
        return -EFBIG;
    char *text = malloc((size_t)st.st_size + 1);
    if (!text)
        return -ENOMEM;
    ssize_t size = tri_fd_read_at(fd, text, (size_t)st.st_size, 0);
    if (size < 0) {
        free(text);
        return (int)size;
    }
    text[size] = '\0';
    *ret_text = text;
    *ret_size_bytes = (size_t)size;
    return 0;
}

const char *app_read_error(int fault)
{
    return fault == -EINVAL ? "Not a regular file" : tr_strerror(fault);
}

const char *app_folder(const char *file, char *buffer, size_t size_bytes)
{
    const char *slash = strrchr(file, '/');
    size_t length = slash ? (size_t)(slash - file) : 0;
    if (slash == file)
        length = 1;
    snprintf(buffer, size_bytes, "%.*s", (int)length, file);
    return slash ? buffer : ".";
}

int app_config_read(const char *file, const char *shown, const char *text, size_t size_bytes,
                    struct config **ret_config)
{
    char folder[4096];
    struct config_mistakes mistakes = {0};
    TRI_AUTO(config_freep) struct config *config = NULL;
    int r =
        config_read(text, size_bytes, app_folder(file, folder, sizeof folder), &mistakes, &config);
    if (r == 0) {
        config_check(config, &mistakes);
        config_check_world(config, &mistakes);
        r = (int)mistakes.count;
        config_mistakes_print(&mistakes, shown, stderr);
        if (r == 0 && ret_config)
            *ret_config = TRI_TAKE(config);
    }
    config_mistakes_deinit(&mistakes);
    return r;
}
