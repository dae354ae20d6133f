/* Any bytes as a joblog: it is refused and kept, or read within bounds, and what is left of the file can be read again and says
 * the same. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "map/joblog.h"

/* The file is made anew each time, by the kernel. */
const unsigned fuzz_variations = 50000;

static int open_past(const char *path, struct map_past *past)
{
    struct map_joblog joblog;
    int r = map_joblog_open(&joblog, path, true, past);
    map_joblog_close(&joblog);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct map_past one, other;
    char path[32];
    if (size > 4096)
        return 0;
    int fd = memfd_create("joblog", MFD_CLOEXEC);
    CLAIM(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int r = open_past(path, &one);
    CLAIM(r == 0 || r == -EINVAL);
    if (r) {
        CLAIM(lseek(fd, 0, SEEK_END) == (off_t)size);
    } else {
        CLAIM(one.count <= 4 * (65536 + size) && one.done + one.failed + one.begun <= size);
        CLAIM(open_past(path, &other) == 0);
        CLAIM(one.count == other.count && one.output_end == other.output_end &&
              one.output_check == other.output_check &&
              (one.count == 0 || memcmp(one.at, other.at, one.count * sizeof *one.at) == 0));
        map_past_deinit(&other);
    }
    map_past_deinit(&one);
    close(fd);
    return 0;
}
