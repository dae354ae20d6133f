/* Paths: the system calls have no wrappers, and the headers of many systems are older than their kernels. */
#include "process/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

/* The first version in which a file can be linked into another folder, as a large message is into its receiver's; and those
 * in which it learned the rest. */
enum { VERSION_REFER = 2, VERSION_TRUNCATE = 3, VERSION_IOCTL = 5, VERSION_SCOPES = 6 };

/* Abstract sockets and signals: to nobody outside. */
#define SCOPES ((1ULL << 0) | (1ULL << 1))

/* struct landlock_ruleset_attr as newer headers have it. */
struct ruleset {
    uint64_t files, network, scopes;
};

#define READ                                                                                       \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define MAKE                                                                                       \
    (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |     \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                                 \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define WRITE                                                                                      \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV)
#define DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
/* What can be said of a path that is no directory. */
#define OF_A_FILE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | WRITE)

int tri_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < VERSION_REFER ? 0 : (int)version;
}

bool tri_landlock_has_truncation(void) { return tri_landlock_version() >= VERSION_TRUNCATE; }

bool tri_landlock_has_scopes(void) { return tri_landlock_version() >= VERSION_SCOPES; }

static uint64_t handled(int version)
{
    uint64_t all = READ | WRITE | MAKE | DEVICES;
    if (version < VERSION_TRUNCATE)
        all &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version < VERSION_IOCTL)
        all &= ~LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return all;
}

struct rules {
    int fd;
    uint64_t handled;
};

/* 0 or a negative errno: what is missing may be needed or not. */
static int allow(const struct rules *rules, const char *path, uint64_t access)
{
    struct stat st;
    TRI_AUTO(tri_fd_close) int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    access &= rules->handled;
    if (!S_ISDIR(st.st_mode))
        access &= OF_A_FILE;
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    if (syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return -errno;
    return 0;
}

static int allow_all(const struct rules *rules, const char *const *paths, uint64_t access,
                     const char **ret_path)
{
    int r = 0;
    for (; r == 0 && paths && *paths; paths++) {
        r = allow(rules, *paths, access);
        if (r)
            *ret_path = *paths;
    }
    return r;
}

/* What a program cannot start without, or print a crash. */
static void allow_system(const struct rules *rules)
{
    static const char *const paths[] = {"/lib",           "/lib64",
                                        "/lib32",         "/usr/lib",
                                        "/usr/lib64",     "/usr/lib32",
                                        "/usr/libexec",   "/etc/ld.so.cache",
                                        "/etc/localtime", "/usr/share/zoneinfo",
                                        "/dev/random",    "/dev/urandom",
                                        "/proc"};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(paths); i++)
        allow(rules, paths[i], READ);
}

static void allow_devices(const struct rules *rules)
{
    static const char *const paths[] = {"/dev/null", "/dev/zero", "/dev/full"};
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(paths); i++)
        allow(rules, paths[i], READ | WRITE);
}

/* What an actor's mail needs: its window, its doorbell and socket, and the files that large messages lie in. */
static int allow_node(const struct rules *rules, const struct tri_rundir *dir)
{
    char path[TRI_PATH_BYTES];
    int r = allow(rules, tri_rundir_file(dir, "boxes", path),
                  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
    if (r == 0)
        r = allow(rules, tri_rundir_file(dir, "table", path), LANDLOCK_ACCESS_FS_READ_FILE);
    if (r == 0)
        r = allow(rules, tri_rundir_file(dir, "m", path),
                  LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_READ_FILE |
                      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                      LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_REMOVE_FILE);
    if (r == 0)
        r = allow(rules, tri_rundir_file(dir, "blob", path),
                  READ | WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                      LANDLOCK_ACCESS_FS_REFER);
    return r;
}

static int add_rules(const struct rules *rules, const struct tri_paths *paths,
                     const char **ret_path)
{
    int r = 0;
    allow_devices(rules);
    if (!paths->readable) {
        r = allow(rules, "/", READ);
    } else {
        allow_system(rules);
        r = allow_all(rules, paths->readable, READ, ret_path);
    }
    if (r == 0)
        r = allow_all(rules, paths->writable, READ | WRITE | MAKE, ret_path);
    if (r == 0 && paths->directory) {
        const char *const directory[] = {paths->directory, NULL};
        r = allow_all(rules, directory, READ | WRITE | MAKE, ret_path);
    }
    if (r == 0 && paths->executable)
        allow(rules, paths->executable, READ);
    return r == 0 && paths->node ? allow_node(rules, paths->node) : r;
}

int tri_landlock_prepare(const struct tri_paths *paths, int *ret_fd, const char **ret_path)
{
    int version = tri_landlock_version();
    if (version == 0)
        return -ENOSYS;
    struct ruleset set = {.files = handled(version),
                          .scopes = version >= VERSION_SCOPES ? SCOPES : 0};
    size_t size = version >= VERSION_SCOPES ? sizeof set : sizeof set.files;
    TRI_AUTO(tri_fd_close) int fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
    if (fd < 0)
        return -errno;
    const struct rules rules = {fd, set.files};
    *ret_path = "/";
    int r = add_rules(&rules, paths, ret_path);
    if (r)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

void tri_landlock_add_proc(int fd)
{
    const struct rules rules = {fd, READ};
    allow(&rules, "/proc", READ);
}

int tri_landlock_enter(int fd)
{
    return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}
