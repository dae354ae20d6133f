/* Small plane: a plane on a disk of its own, a tmpfs that can be filled. */
#ifndef UNIT_MAILBOX_SMALL_PLANE_H
#define UNIT_MAILBOX_SMALL_PLANE_H

#include "unit/mailbox/plane.h"

#include <sys/mount.h>

#include "support/skip.h"

/* Why there is none, an errno; 0: there is one. */
static int small_plane_fault;

/* Mounts it, with a tmpfs' options: "size=4m,mode=700". Where that is not allowed, need_small_plane tells the test. */
static inline int small_plane_open(const char *options)
{
    char base[] = "/dev/shm/plane-XXXXXX";
    assert_non_null(mkdtemp(base));
    small_plane_fault = mount("tmpfs", base, "tmpfs", 0, options) == 0 ? 0 : errno;
    if (small_plane_fault)
        return rmdir(base);
    plane_open_in(base);
    return 0;
}

static inline int small_plane_teardown(void **state)
{
    char base[sizeof plane.base];
    if (small_plane_fault)
        return 0;
    memcpy(base, plane.base, sizeof base);
    plane_teardown(state); /* all but the mount point */
    return umount(base) == 0 ? rmdir(base) : -1;
}

/* A test on a small plane begins with this. */
static inline void need_small_plane(void)
{
    if (small_plane_fault)
        skip_because("a tmpfs cannot be mounted here: %s", strerror(small_plane_fault));
}

#define small_plane_test(body)                                                                     \
    cmocka_unit_test_setup_teardown(body, small_plane_setup, small_plane_teardown)

#endif
