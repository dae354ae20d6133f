/* Run directory: named, created, locked, found and removed with the suspicion that shared temporary places deserve. */
#include "wire/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fd.h"

/* How often creating is tried again when an ending node removes the directory under our hands. */
#define CREATE_TRIES 100
/* How often a folder is emptied into which others may still put files. */
#define FORGET_TRIES 20

static int say(int r, char *why, size_t why_bytes, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static int say(int r, char *why, size_t why_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (why_bytes > 0)
        vsnprintf(why, why_bytes, format, arguments);
    va_end(arguments);
    return r;
}

/* The directory that holds the run directories of this user's nodes. 0 or TR_TOO_LARGE. */
static int base_path(char *buffer, size_t size)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n = runtime && runtime[0] == '/' ? snprintf(buffer, size, "%s/troupe", runtime)
                                         : snprintf(buffer, size, "/dev/shm/troupe-%u", geteuid());
    return n < 0 || (size_t)n >= size ? TR_TOO_LARGE : 0;
}

static bool is_node_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < TRI_NODE_NAME_BYTES && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               length;
}

int tri_rundir_name(const char *node, struct tri_rundir *ret_dir, char *why, size_t why_bytes)
{
    struct tri_rundir dir = {.mailboxes_fd = 0};
    char base[512];
    if (!is_node_name(node))
        return say(TR_BAD_NAME, why, why_bytes,
                   "\"%.60s\" is not a node's name: letters, digits, _ and -, at most %d of them",
                   node, TRI_NODE_NAME_BYTES - 1);
    int r = base_path(base, sizeof base);
    size_t length = strlen(base) + 1 + strlen(node);
    if (r || length >= sizeof dir.path)
        return say(TR_TOO_LARGE, why, why_bytes,
                   "run directory %.200s/%s: the path is too long for a socket (%zu bytes, at most "
                   "%zu); set "
                   "XDG_RUNTIME_DIR to a shorter one",
                   base, node, length, sizeof dir.path - 1);
    memcpy(dir.path, base, strlen(base));
    dir.path[strlen(base)] = '/';
    memcpy(dir.path + strlen(base) + 1, node, strlen(node) + 1);
    memcpy(dir.node, node, strlen(node) + 1);
    *ret_dir = dir;
    return 0;
}

/* Is this ours, a directory, and closed to others? */
static int check_directory(const char *path, char *why, size_t why_bytes)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return say(-errno, why, why_bytes, "run directory %s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return say(TR_REFUSED, why, why_bytes, "run directory %s: not a directory", path);
    if (st.st_uid != geteuid())
        return say(TR_REFUSED, why, why_bytes,
                   "run directory %s belongs to user %u, not to you (%u)", path, st.st_uid,
                   geteuid());
    if (st.st_mode & 077)
        return say(TR_REFUSED, why, why_bytes,
                   "run directory %s is open to others (mode %03o); chmod 700 it", path,
                   st.st_mode & 0777);
    return 0;
}

static int make_directory(const char *path, char *why, size_t why_bytes)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return say(-errno, why, why_bytes, "run directory %s: %s", path, strerror(errno));
    int r = check_directory(path, why, why_bytes);
    return r == -ENOENT ? -ESTALE : r;
}

/* Removes everything in a directory of ours except one name; follows no symbolic link. */
static int empty_directory(int parent_fd, const char *name, const char *except)
{
    TRI_AUTO(tri_fd_close)
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    DIR *listing = fdopendir(dup(fd));
    if (!listing)
        return -errno;
    int result = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        const char *each = entry->d_name;
        if (strcmp(each, ".") == 0 || strcmp(each, "..") == 0 ||
            (except && strcmp(each, except) == 0))
            continue;
        if (unlinkat(fd, each, 0) == 0 || errno == ENOENT)
            continue;
        if (errno == EISDIR || errno == EPERM) {
            empty_directory(fd, each, NULL);
            if (unlinkat(fd, each, AT_REMOVEDIR) == 0 || errno == ENOENT)
                continue;
        }
        result = -errno;
    }
    closedir(listing);
    return result;
}

int tri_rundir_remove(const struct tri_rundir *dir)
{
    char base[sizeof dir->path];
    int r = empty_directory(AT_FDCWD, dir->path, "lock");
    char lock[TRI_PATH_BYTES];
    if (unlink(tri_rundir_file(dir, "lock", lock)) < 0 && errno != ENOENT && r == 0)
        r = -errno;
    if (rmdir(dir->path) < 0 && errno != ENOENT && r == 0)
        r = -errno;
    memcpy(base, dir->path, sizeof base);
    *strrchr(base, '/') = '\0';
    rmdir(base); /* stays while other nodes are in it */
    return r;
}

/* Says who holds the lock, as far as the table in there tells. */
static int say_runs(const struct tri_rundir *dir, char *why, size_t why_bytes)
{
    char path[TRI_PATH_BYTES], text[32] = "";
    TRI_AUTO(tri_fd_close) int fd = open(tri_rundir_file(dir, "lock", path), O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && tri_fd_read_at(fd, text, sizeof text - 1, 0) > 0)
        text[strcspn(text, "\n")] = '\0';
    return say(
        TR_NODE_RUNS, why, why_bytes,
        "a node named %s runs already (os_pid %s); give another name with -n, or stop it with "
        "troupe shutdown -n %s",
        dir->node, text[0] ? text : "unknown", dir->node);
}

/* Opens and locks the lock file. The directory may be removed between open and lock by a node that ends: then the file
 * that we hold is not the one at the path any more, and -ESTALE says to begin again. */
static int take_lock(const struct tri_rundir *dir, int *ret_fd, char *why, size_t why_bytes)
{
    char path[TRI_PATH_BYTES];
    struct stat held, there;
    tri_rundir_file(dir, "lock", path);
    TRI_AUTO(tri_fd_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == ENOENT ? -ESTALE
                               : say(-errno, why, why_bytes, "%s: %s", path, strerror(errno));
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &whole) < 0)
        return errno == EAGAIN || errno == EACCES
                   ? say_runs(dir, why, why_bytes)
                   : say(-errno, why, why_bytes, "%s: %s", path, strerror(errno));
    if (fstat(fd, &held) < 0 || stat(path, &there) < 0 || held.st_ino != there.st_ino)
        return -ESTALE;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Makes one of its folders, which root's actors may have to pass that are other users. */
static int make_folder(const char *path, char *why, size_t why_bytes)
{
    int r = make_directory(path, why, why_bytes);
    if (r == 0 && geteuid() == 0 && chmod(path, 0711) < 0)
        r = say(-errno, why, why_bytes, "run directory %s: %s", path, strerror(errno));
    return r;
}

/* Fills a directory whose lock we hold: what dead predecessors left goes, the places that a node needs come. */
static int furnish(const struct tri_rundir *dir, int lock_fd, char *why, size_t why_bytes)
{
    char path[TRI_PATH_BYTES], text[32];
    int r = empty_directory(AT_FDCWD, dir->path, "lock");
    if (r)
        return say(r, why, why_bytes, "run directory %s cannot be cleared: %s", dir->path,
                   strerror(-r));
    int length = snprintf(text, sizeof text, "%d\n", getpid());
    if (ftruncate(lock_fd, 0) < 0)
        r = -errno;
    if (r == 0)
        r = tri_fd_write_all(lock_fd, text, (size_t)length);
    if (r)
        return say(r, why, why_bytes, "run directory %s cannot be written: %s", dir->path,
                   strerror(-r));
    r = make_folder(tri_rundir_file(dir, "m", path), why, why_bytes);
    return r ? r : make_folder(tri_rundir_file(dir, "blob", path), why, why_bytes);
}

/* One try. -ESTALE: an ending node removed something under our hands; begin again. */
static int try_to_create(const struct tri_rundir *dir, const char *base, int *ret_lock_fd,
                         char *why, size_t why_bytes)
{
    TRI_AUTO(tri_fd_close) int fd = -1;
    int r = make_directory(base, why, why_bytes);
    if (r)
        return r;
    r = make_directory(dir->path, why, why_bytes);
    if (r == 0)
        r = take_lock(dir, &fd, why, why_bytes);
    if (r == 0)
        r = furnish(dir, fd, why, why_bytes);
    if (r == 0) {
        *ret_lock_fd = fd;
        fd = -1;
        return 0;
    }
    if (fd >= 0) {
        tri_rundir_remove(dir);
    } else if (r != TR_NODE_RUNS && r != TR_REFUSED) { /* only what is empty goes */
        rmdir(dir->path);
        rmdir(base);
    }
    return r == -ENOENT ? -ESTALE : r; /* what was made is gone again */
}

int tri_rundir_create(const struct tri_rundir *dir, int *ret_lock_fd, char *why, size_t why_bytes)
{
    char base[sizeof dir->path];
    memcpy(base, dir->path, sizeof base);
    *strrchr(base, '/') = '\0';
    for (int i = 0; i < CREATE_TRIES; i++) {
        int r = try_to_create(dir, base, ret_lock_fd, why, why_bytes);
        if (r != -ESTALE)
            return r;
        usleep(1000);
    }
    return say(-EBUSY, why, why_bytes, "run directory %s: somebody keeps removing it", dir->path);
}

bool tri_rundir_is_locked(const struct tri_rundir *dir)
{
    char path[TRI_PATH_BYTES];
    TRI_AUTO(tri_fd_close) int fd = open(tri_rundir_file(dir, "lock", path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static int is_visible_directory(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && is_node_name(entry->d_name);
}

int tri_rundir_each(void (*visit)(const char *node, void *context), void *context)
{
    char base[512];
    struct dirent **names;
    if (base_path(base, sizeof base))
        return 0;
    int count = scandir(base, &names, is_visible_directory, alphasort);
    if (count < 0)
        return errno == ENOENT ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        visit(names[i]->d_name, context);
        free(names[i]);
    }
    free(names);
    return 0;
}

struct finding {
    char names[300];
    char only[TRI_NODE_NAME_BYTES]; /* the last one that runs; the last one when none does */
    int count, running;
};

static bool runs_there(const char *node)
{
    struct tri_rundir dir;
    return tri_rundir_name(node, &dir, NULL, 0) == 0 && tri_rundir_is_locked(&dir);
}

static void note_node(const char *node, void *context)
{
    struct finding *finding = context;
    size_t length = strlen(finding->names);
    snprintf(finding->names + length, sizeof finding->names - length, "%s%s", length ? ", " : "",
             node);
    finding->count++;
    bool runs = runs_there(node);
    finding->running += runs;
    if (runs || finding->running == 0)
        snprintf(finding->only, sizeof finding->only, "%.*s", (int)sizeof finding->only - 1, node);
}

int tri_rundir_find(const char *node, struct tri_rundir *ret_dir, char *why, size_t why_bytes)
{
    struct finding finding = {.count = 0};
    struct tri_rundir dir;
    const char *from_environment = getenv("TROUPE_NODE");
    if (!node && from_environment && *from_environment)
        node = from_environment;
    tri_rundir_each(note_node, &finding);
    if (!node && finding.count == 0)
        return say(TR_NO_NODE, why, why_bytes, "no node runs; start one with troupe run BINARY");
    if (!node && finding.count > 1 && finding.running != 1)
        return say(TR_NO_NODE, why, why_bytes, "there are several nodes (%s); name one with -n",
                   finding.names);
    int r = tri_rundir_name(node ? node : finding.only, &dir, why, why_bytes);
    if (r)
        return r;
    if (access(dir.path, F_OK) < 0)
        return say(TR_NO_NODE, why, why_bytes, "no node named %s runs%s%s", dir.node,
                   finding.count ? "; there are: " : "", finding.names);
    r = check_directory(dir.path, why, why_bytes);
    if (r)
        return r;
    *ret_dir = dir;
    return 0;
}

char *tri_rundir_file(const struct tri_rundir *dir, const char *file, char buffer[TRI_PATH_BYTES])
{
    snprintf(buffer, TRI_PATH_BYTES, "%s/%s", dir->path, file);
    return buffer;
}

/* Where a folder is: in the directory, or behind a descriptor that was kept. */
static int put_folder(const struct tri_rundir *dir, const char *folder, int kept_fd,
                      char buffer[TRI_PATH_BYTES])
{
    return kept_fd ? snprintf(buffer, TRI_PATH_BYTES, "/proc/self/fd/%d", kept_fd)
                   : snprintf(buffer, TRI_PATH_BYTES, "%s/%s", dir->path, folder);
}

static char *put_of_pid(const struct tri_rundir *dir, const char *folder, int kept_fd, tr_pid pid,
                        char buffer[TRI_PATH_BYTES])
{
    size_t length = (size_t)put_folder(dir, folder, kept_fd, buffer);
    snprintf(buffer + length, TRI_PATH_BYTES - length, "/%u.%u", tr_pid_slot(pid),
             tr_pid_generation(pid));
    return buffer;
}

char *tri_rundir_mailbox(const struct tri_rundir *dir, tr_pid pid, char buffer[TRI_PATH_BYTES])
{
    return put_of_pid(dir, "m", dir->mailboxes_fd, pid, buffer);
}

char *tri_rundir_doorbell(const struct tri_rundir *dir, tr_pid pid, char buffer[TRI_PATH_BYTES])
{
    return strcat(tri_rundir_mailbox(dir, pid, buffer), ".bell");
}

char *tri_rundir_blobs(const struct tri_rundir *dir, tr_pid receiver, char buffer[TRI_PATH_BYTES])
{
    return put_of_pid(dir, "blob", dir->blobs_fd, receiver, buffer);
}

char *tri_rundir_blob(const struct tri_rundir *dir, tr_pid in, tr_pid sender, uint64_t serial,
                      char buffer[TRI_PATH_BYTES])
{
    size_t length = strlen(tri_rundir_blobs(dir, in, buffer));
    snprintf(buffer + length, TRI_PATH_BYTES - length, "/%u.%u.%llu", tr_pid_slot(sender),
             tr_pid_generation(sender), (unsigned long long)serial);
    return buffer;
}

char *tri_rundir_nameless(const struct tri_rundir *dir, char buffer[TRI_PATH_BYTES])
{
    put_folder(dir, "blob", dir->own_blobs_fd, buffer);
    return buffer;
}

int tri_rundir_open_blobs(const struct tri_rundir *dir, tr_pid receiver)
{
    char path[TRI_PATH_BYTES];
    tri_rundir_blobs(dir, receiver, path);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return chmod(path, S_ISVTX | 0733) < 0 ? -errno : 0;
}

/* Opens a directory for what lies beneath it, and for nothing else. */
static int keep(const char *path, int *ret_fd)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    *ret_fd = fd > 0 ? fd : 0;
    return fd < 0 ? -errno : 0;
}

int tri_rundir_keep_open(struct tri_rundir *dir, tr_pid self, uid_t user, gid_t group)
{
    struct tri_rundir kept = *dir;
    char path[TRI_PATH_BYTES];
    int r = tri_rundir_open_blobs(dir, self);
    if (r == 0 && chown(tri_rundir_blobs(dir, self, path), user, group) < 0)
        r = -errno;
    if (r == 0)
        r = keep(path, &kept.own_blobs_fd);
    if (r == 0)
        r = keep(tri_rundir_file(dir, "m", path), &kept.mailboxes_fd);
    if (r == 0)
        r = keep(tri_rundir_file(dir, "blob", path), &kept.blobs_fd);
    if (r == 0)
        *dir = kept; /* else this process ends */
    return r;
}

void tri_rundir_forget(const struct tri_rundir *dir, tr_pid pid)
{
    char path[TRI_PATH_BYTES];
    unlink(tri_rundir_mailbox(dir, pid, path));
    unlink(tri_rundir_doorbell(dir, pid, path));
    tri_rundir_blobs(dir, pid, path);
    /* Somebody may put a file into it just now: a sender that does not know of the death, or a receiver that gives back
     * what it was lent. */
    for (int i = 0; i < FORGET_TRIES && rmdir(path) < 0 && errno == ENOTEMPTY; i++)
        empty_directory(AT_FDCWD, path, NULL);
}
