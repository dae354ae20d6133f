/* The doctor's look at the place of run directories: its file system, its room, its path. */
#include "doctor.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "wire/rundir.h"

/* A node is called like its binary unless it is said otherwise: so long a name should find room. */
#define USUAL_NAME_BYTES 16

/* The place is $XDG_RUNTIME_DIR, or /dev/shm without it. */
static const char *place(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    return runtime && runtime[0] == '/' ? runtime : "/dev/shm";
}

static bool is_default(void) { return strcmp(place(), "/dev/shm") == 0; }

/* How to leave a place that cannot be helped. */
static const char *other_place(void)
{
    return is_default() ? "export XDG_RUNTIME_DIR=$(mktemp -d)" : "unset XDG_RUNTIME_DIR";
}

/* The directory where its file system is mounted. */
static void find_mount(char mount[PATH_MAX])
{
    struct stat here, above;
    char parent[PATH_MAX];
    if (!realpath(place(), mount) || stat(mount, &here) < 0)
        return;
    while (strcmp(mount, "/") != 0) {
        snprintf(parent, sizeof parent, "%s", mount);
        *strrchr(parent, '/') = '\0';
        if (!*parent)
            strcpy(parent, "/");
        if (stat(parent, &above) < 0 || above.st_dev != here.st_dev)
            return;
        strcpy(mount, parent);
    }
}

/* How many bytes a node's name may have, so that the paths of its mailboxes are short enough for sockets. */
static void look_at_path(struct doctor *doctor)
{
    const char *node = doctor->node ? doctor->node : getenv("TROUPE_NODE");
    size_t used = is_default() ? (size_t)snprintf(NULL, 0, "/dev/shm/troupe-%u/", geteuid())
                               : strlen(place()) + strlen("/troupe/");
    uint64_t there = used < TRI_RUNDIR_BYTES - 1 ? TRI_RUNDIR_BYTES - 1 - used : 0;
    uint64_t needed = node && *node ? strlen(node) : USUAL_NAME_BYTES;
    struct finding *finding =
        doctor_find(doctor, "room for a node's name in socket paths", "characters", &there, needed);
    doctor_remedy(finding, "%s", is_default() ? "give a shorter name with -n" : other_place());
}

/* Its own user must be able to make directories there. */
static bool look_at_access(struct doctor *doctor, const char *name)
{
    char claim[200];
    bool is_so = access(place(), W_OK | X_OK) == 0;
    snprintf(claim, sizeof claim, "%.170s may be written to", name);
    doctor_remedy(doctor_find_truth(doctor, claim, is_so), "%s", other_place());
    return is_so;
}

static void look_at_kind(struct doctor *doctor, const char *name, bool is_tmpfs)
{
    char claim[200];
    snprintf(claim, sizeof claim, "%.170s is a tmpfs", name);
    struct finding *finding = doctor_find_truth(doctor, claim, is_tmpfs);
    if (is_tmpfs)
        return;
    finding->verdict = VERDICT_SLOW; /* each message is written to a disk sooner or later */
    if (is_default())
        doctor_remedy(finding, "%smount -t tmpfs -o mode=1777 tmpfs /dev/shm", doctor->sudo);
    else
        doctor_remedy(finding, "%s", other_place());
}

/* Free room and inodes. A tmpfs may be without a bound of either: it then counts 0 of them. */
static void look_at_room(struct doctor *doctor, const char *name, bool is_tmpfs)
{
    struct statvfs fs;
    char what[200], mount[PATH_MAX] = "";
    bool is_known = statvfs(place(), &fs) == 0;
    find_mount(mount);
    uint64_t block = is_known ? fs.f_frsize : 1;
    uint64_t bytes = !is_known || fs.f_blocks == 0 ? NO_LIMIT : fs.f_bavail * block;
    uint64_t needed = doctor->actors * RUNDIR_BYTES_PER_ACTOR;
    snprintf(what, sizeof what, "%.170s: free room", name);
    struct finding *finding = doctor_find(doctor, what, "bytes", is_known ? &bytes : NULL, needed);
    if (is_tmpfs)
        doctor_remedy(finding, "%smount -o remount,size=%lluk %s", doctor->sudo,
                      (unsigned long long)((fs.f_blocks * block + needed - bytes) / 1024 + 1),
                      mount);
    else
        doctor_remedy(finding, "%s", other_place());

    uint64_t inodes = !is_known || fs.f_files == 0 ? NO_LIMIT : fs.f_favail;
    needed = RUNDIR_INODES + doctor->actors * RUNDIR_INODES_PER_ACTOR;
    snprintf(what, sizeof what, "%.170s: free inodes", name);
    finding = doctor_find(doctor, what, "inodes", is_known ? &inodes : NULL, needed);
    if (is_tmpfs)
        doctor_remedy(finding, "%smount -o remount,nr_inodes=%llu %s", doctor->sudo,
                      (unsigned long long)(fs.f_files + needed - inodes), mount);
    else
        doctor_remedy(finding, "%s", other_place());
}

void doctor_look_at_place(struct doctor *doctor)
{
    struct statfs fs;
    look_at_path(doctor);
    if (!look_at_access(doctor, place()))
        return;
    bool is_tmpfs = statfs(place(), &fs) == 0 && fs.f_type == TMPFS_MAGIC;
    look_at_kind(doctor, place(), is_tmpfs);
    look_at_room(doctor, place(), is_tmpfs);
}
