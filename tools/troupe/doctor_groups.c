/* The doctor's look at the control groups that this process is in: the bounds of each, and of all above it, hold for a
 * node that is started from here (cgroups(7)). Both versions, also mixed. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"

#define PATH_BYTES 1024

/* Where the hierarchy with a controller is mounted ("" for version 2), and which part of it that mount shows. */
static bool find_mount(const char *controller, char mount[PATH_BYTES], char root[PATH_BYTES])
{
    char line[4 * PATH_BYTES];
    bool is_found = false;
    FILE *file = fopen("/proc/self/mountinfo", "re");
    while (file && !is_found && fgets(line, sizeof line, file)) {
        char type[32] = "", options[PATH_BYTES] = "";
        const char *tail = strstr(line, " - ");
        if (sscanf(line, "%*s %*s %*s %1023s %1023s", root, mount) != 2 || !tail ||
            sscanf(tail + 3, "%31s %*s %1023s", type, options) < 1)
            continue;
        if (!*controller) {
            is_found = strcmp(type, "cgroup2") == 0;
            continue;
        }
        for (char *rest = options, *word;
             strcmp(type, "cgroup") == 0 && !is_found && (word = strsep(&rest, ","));)
            is_found = strcmp(word, controller) == 0;
    }
    if (file)
        fclose(file);
    return is_found;
}

/* The group of this process in that hierarchy. */
static bool find_group(const char *controller, char group[PATH_BYTES])
{
    char line[2 * PATH_BYTES];
    bool is_found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && !is_found && fgets(line, sizeof line, file)) {
        char *rest = line;
        const char *number = strsep(&rest, ":");
        char *names = strsep(&rest, ":");
        if (!number || !names || !rest)
            continue;
        rest[strcspn(rest, "\n")] = '\0';
        snprintf(group, PATH_BYTES, "%s", rest);
        is_found = !*controller && !*names;
        for (char *word; *controller && !is_found && (word = strsep(&names, ","));)
            is_found = strcmp(word, controller) == 0;
    }
    if (file)
        fclose(file);
    return is_found;
}

/* One bound of one group, and what the group has of it already. */
struct bound {
    const char *controller, *most, *present;
    bool is_of_threads; /* else of memory */
};

static void look_at_group(struct doctor *doctor, const struct bound *bound, const char *folder)
{
    char most_path[PATH_BYTES + 64], present_path[PATH_BYTES + 64];
    uint64_t most, present = 0;
    snprintf(most_path, sizeof most_path, "%.*s/%s", PATH_BYTES, folder, bound->most);
    snprintf(present_path, sizeof present_path, "%.*s/%s", PATH_BYTES, folder, bound->present);
    if (!doctor_read(most_path, &most) || most >= (uint64_t)INT64_MAX / 4096 * 4096)
        return; /* version 1 writes "no limit" as the greatest number of whole pages */
    doctor_read(present_path, &present);
    struct finding *finding =
        bound->is_of_threads ? doctor_find_threads(doctor, most_path, &most, present + NODE_THREADS)
                             : doctor_find(doctor, most_path, "bytes", &most,
                                           present + doctor->actors * MEMORY_BYTES_PER_ACTOR);
    doctor_remedy(finding, "echo %llu | %stee %s", (unsigned long long)finding->needed,
                  doctor->sudo, most_path);
}

/* Walks from this process's group up to where the mount begins. */
static void look_at_groups_above(struct doctor *doctor, const char *hierarchy,
                                 const struct bound *bound)
{
    char mount[PATH_BYTES], root[PATH_BYTES], group[PATH_BYTES], folder[2 * PATH_BYTES];
    if (!find_mount(hierarchy, mount, root) || !find_group(hierarchy, group))
        return;
    size_t shown = strcmp(root, "/") == 0 ? 0 : strlen(root);
    const char *below = strncmp(group, root, shown) == 0 ? group + shown : "";
    snprintf(folder, sizeof folder, "%s%s", mount, strcmp(below, "/") == 0 ? "" : below);
    for (;;) {
        folder[PATH_BYTES - 1] = '\0';
        look_at_group(doctor, bound, folder);
        if (strlen(folder) <= strlen(mount))
            return;
        *strrchr(folder, '/') = '\0';
    }
}

void doctor_look_at_groups(struct doctor *doctor)
{
    static const struct bound bounds[] = {
        {"", "pids.max", "pids.current", true},
        {"", "memory.max", "memory.current", false},
        {"pids", "pids.max", "pids.current", true},
        {"memory", "memory.limit_in_bytes", "memory.usage_in_bytes", false},
    };
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(bounds); i++)
        look_at_groups_above(doctor, bounds[i].controller, &bounds[i]);
}
