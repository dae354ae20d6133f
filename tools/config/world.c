/* World: what a configuration names, and is not there. Nothing is executed. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/user.h"
#include "config/keys.h"
#include "config/model.h"
#include "node/binary.h"
#include "troupe/pool.h"

/* ---------------------------------------------------------------- entries */

/* A binary that many children name is looked at once. */
struct binary {
    struct binary *next;
    char *path, *entries; /* each ended by NUL, and a last NUL; NULL: it is none */
    char why[512];
};

struct world {
    struct config_mistakes *mistakes;
    struct binary *binaries;
};

static struct binary *look_at(struct world *world, const char *path, size_t length)
{
    for (struct binary *each = world->binaries; each; each = each->next)
        if (strlen(each->path) == length && memcmp(each->path, path, length) == 0)
            return each;
    struct binary *binary = calloc(1, sizeof *binary);
    if (!binary)
        return NULL;
    binary->path = strndup(path, length);
    if (!binary->path) {
        free(binary);
        return NULL;
    }
    tri_binary_entries(binary->path, &binary->entries, binary->why, sizeof binary->why);
    binary->next = world->binaries;
    world->binaries = binary;
    return binary;
}

static bool has_entry(const char *entries, const char *entry)
{
    for (; *entries; entries += strlen(entries) + 1)
        if (strcmp(entries, entry) == 0)
            return true;
    return false;
}

/* As many as a complaint names. */
#define NAMED_ENTRIES 32

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of the alphabet: that of the binary is the linker's. */
static void say_no_entry(struct world *world, const struct config_child *child,
                         const struct binary *binary, const char *entry)
{
    char all[512] = "";
    const char *names[NAMED_ENTRIES];
    size_t count = 0;
    for (const char *each = binary->entries; *each && count < NAMED_ENTRIES;
         each += strlen(each) + 1)
        names[count++] = each;
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), " %s", names[i]);
    config_mistake(world->mistakes, child->lines[CONFIG_entry],
                   "entry: %s has no \"%s\"; it has:%s", binary->path, entry, all);
}

/* The supervisor above a child that says as whom all below it run; NULL: as the node. */
static const struct config_child *user_above(const struct config_child *child)
{
    const struct config_child *supervisor = child->parent;
    while (supervisor && !supervisor->user)
        supervisor = supervisor->parent;
    return supervisor;
}

/* The node has a binary executed as root first: for a supervisor that is another user only what nobody else has written. */
static void check_owner(struct world *world, const struct config_child *child,
                        const struct binary *binary)
{
    char real[PATH_MAX], why[512];
    const struct config_child *supervisor = user_above(child);
    if (geteuid() != 0 || !supervisor || !realpath(binary->path, real) ||
        tri_binary_check_owner(real, why, sizeof why) == 0)
        return;
    config_mistake(world->mistakes, child->lines[CONFIG_entry],
                   "entry: %s, so a supervisor that runs as \"%s\" cannot have it executed", why,
                   supervisor->user);
}

static void check_entry(struct world *world, const struct config_child *child)
{
    const char *colon = strrchr(child->entry, ':');
    const struct binary *binary = look_at(world, child->entry, (size_t)(colon - child->entry));
    if (!binary)
        return;
    if (!binary->entries)
        config_mistake(world->mistakes, child->lines[CONFIG_entry], "entry: %s", binary->why);
    else if (!has_entry(binary->entries, colon + 1) && strcmp(colon + 1, TR_POOL_ENTRY) != 0)
        say_no_entry(world, child, binary, colon + 1);
    else
        check_owner(world, child, binary);
}

/* ---------------------------------------------------------------- programs */

/* The value of a variable as the program will have it. */
static const char *variable(const struct config_child *program, const char *name)
{
    const char *value = getenv(name);
    size_t length = strlen(name);
    for (size_t i = 0; i < program->environment.count; i++) {
        const char *each = program->environment.at[i];
        if (strncmp(each, name, length) == 0 && (each[length] == '=' || !each[length]))
            value = each[length] ? each + length + 1 : NULL;
    }
    return value;
}

static bool is_executable(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Is it in one of the folders of PATH? */
static bool is_in_path(const struct config_child *program)
{
    char path[4096];
    const char *folders = variable(program, "PATH");
    for (const char *at = folders ? folders : "/bin:/usr/bin"; at;) {
        size_t length = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s%s%s", (int)length, at, length ? "/" : "./",
                 program->path);
        if (is_executable(path))
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

static void check_path(struct world *world, const struct config_child *program)
{
    struct stat st;
    unsigned line = program->lines[CONFIG_path];
    if (!strchr(program->path, '/')) {
        if (!is_in_path(program))
            config_mistake(world->mistakes, line, "path: there is no \"%s\" in PATH",
                           program->path);
    } else if (stat(program->path, &st) < 0) {
        config_mistake(world->mistakes, line, "path: %s: %s", program->path, strerror(errno));
    } else if (!is_executable(program->path)) {
        config_mistake(world->mistakes, line, "path: %s: not an executable file", program->path);
    }
}

/* ---------------------------------------------------------------- where, and as whom */

/* A sandbox begins with the paths that it has. */
static void check_paths(struct world *world, const struct config_child *child, enum config_key key,
                        const struct config_words *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        if (access(paths->at[i], F_OK) < 0)
            config_mistake(world->mistakes, child->lines[key], "%s: %s: %s", config_key_names[key],
                           paths->at[i], strerror(errno));
}

static void check_directory(struct world *world, const struct config_child *child)
{
    struct stat st;
    unsigned line = child->lines[CONFIG_directory];
    if (stat(child->directory, &st) < 0)
        config_mistake(world->mistakes, line, "directory: %s: %s", child->directory,
                       strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        config_mistake(world->mistakes, line, "directory: %s: not a directory", child->directory);
}

/* Who runs as another user cannot make anybody yet another one. */
static void check_user_above(struct world *world, const struct config_child *child,
                             const struct tri_user *user)
{
    struct tri_user above;
    const struct config_child *supervisor = user_above(child);
    if (supervisor && tri_user_find(supervisor->user, &above) == 0 && !tri_user_equal(&above, user))
        config_mistake(world->mistakes, child->lines[CONFIG_user],
                       "user: its supervisor runs as \"%s\", who can run nobody as \"%s\"",
                       supervisor->user, child->user);
}

static void check_user(struct world *world, const struct config_child *child)
{
    struct tri_user user;
    unsigned line = child->lines[CONFIG_user];
    int r = tri_user_find(child->user, &user);
    if (r == -ENOENT)
        config_mistake(world->mistakes, line, "user: there is no user \"%s\"", child->user);
    else if (r)
        config_mistake(world->mistakes, line, "user: %s: %s", child->user, strerror(-r));
    else if (geteuid() != 0 && user.user != geteuid())
        config_mistake(world->mistakes, line, "user: only root can run %s %s as another user",
                       child->kind == CONFIG_ACTOR ? "an" : "a", config_kind_name(child->kind));
    else if (geteuid() == 0)
        check_user_above(world, child, &user);
}

/* ---------------------------------------------------------------- the whole */

static void check_child(struct world *world, const struct config_child *child)
{
    if (child->entry)
        check_entry(world, child);
    if (child->path)
        check_path(world, child);
    if (child->directory)
        check_directory(world, child);
    check_paths(world, child, CONFIG_readable, &child->readable);
    check_paths(world, child, CONFIG_writable, &child->writable);
    if (child->user)
        check_user(world, child);
    for (size_t i = 0; i < child->child_count; i++)
        check_child(world, child->children[i]);
}

void config_check_world(const struct config *config, struct config_mistakes *mistakes)
{
    struct world world = {mistakes, NULL};
    check_child(&world, config->top);
    while (world.binaries) {
        struct binary *binary = world.binaries;
        world.binaries = binary->next;
        free(binary->path);
        free(binary->entries);
        free(binary);
    }
}
