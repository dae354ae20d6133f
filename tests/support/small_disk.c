/* Small disk: a tmpfs that nobody else sees. */
#include "support/small_disk.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "support/skip.h"

static bool is_mounted;

void small_disk_mount(const char *options)
{
    need_root("a small file system");
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", fixture_run_dir(), "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        skip_because("a small file system cannot be mounted: %s", strerror(errno));
    is_mounted = true;
    assert_int_equal(chmod(fixture_run_dir(), 0700), 0);
}

bool small_disk_resize(uint64_t bytes)
{
    char options[64];
    snprintf(options, sizeof options, "size=%llu", (unsigned long long)bytes);
    return mount("none", fixture_run_dir(), "tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV, options) ==
           0;
}

uint64_t small_disk_used_bytes(void)
{
    struct statvfs disk;
    assert_int_equal(statvfs(fixture_run_dir(), &disk), 0);
    return (uint64_t)(disk.f_blocks - disk.f_bfree) * disk.f_frsize;
}

void small_disk_expect_empty(void)
{
    char base[256];
    snprintf(base, sizeof base, "%s/troupe", fixture_run_dir());
    if (rmdir(base) < 0 && errno != ENOENT)
        fail_msg("%s: %s", base, strerror(errno));
    assert_int_equal(umount2(fixture_run_dir(), 0), 0);
    is_mounted = false;
}

int small_disk_teardown(void **state)
{
    if (is_mounted)
        umount2(fixture_run_dir(), MNT_DETACH);
    is_mounted = false;
    return fixture_teardown(state);
}
