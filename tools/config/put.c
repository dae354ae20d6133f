/* Put: a model as terms, OTP's flags and child specs, with what supervisor.h adds to them. */
#include <string.h>

#include "behaviour/words.h"
#include "config/model.h"
#include "process/surroundings.h"

/* How long a supervisor waits for a program's actor beyond the time that the program itself has. */
enum { PROGRAM_GRACE_MS = 1000 };
/* A server that never says that it runs is more likely no server than that slow. */
enum { START_TIMEOUT_MS = 60000 };

/* ---------------------------------------------------------------- finding */

bool config_is_branch(const struct config_child *child)
{
    return child->kind == CONFIG_SUPERVISOR && !child->lines[CONFIG_entry];
}

struct config_child *config_child_find(const struct config_child *supervisor, const char *id)
{
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (strcmp(supervisor->children[i]->id, id) == 0)
            return supervisor->children[i];
    return NULL;
}

struct config_child *config_child_at(const struct config *config, tr_term path)
{
    struct config_child *child = config->top;
    struct tr_iter iter;
    tr_term step;
    tr_bin id;
    char text[4 * 255 + 1];
    if (!tr_get_list(path, &iter))
        return NULL;
    while (child && tr_next(&iter, &step)) {
        if (!tr_get_binary(step, &id) || id.size_bytes >= sizeof text)
            return NULL;
        memcpy(text, id.data, id.size_bytes);
        text[id.size_bytes] = '\0';
        child = config_child_find(child, text);
    }
    return child;
}

static void put_ids(struct tr_out *out, const struct config_child *child, uint32_t below)
{
    if (child->parent) {
        put_ids(out, child->parent, below + 1);
        tr_put_text(out, child->id);
    } else if (below > 0) {
        tr_put_list_of(out, below);
    }
}

void config_put_path(struct tr_out *out, const struct config_child *child)
{
    put_ids(out, child, 0);
    tr_put_nil(out);
}

/* ---------------------------------------------------------------- flags */

void config_put_flags(struct tr_out *out, const struct config_child *branch)
{
    tr_put_map_of(out, branch->max_children ? 5 : 4);
    tr_put_atom(out, "strategy");
    tr_put_atom(out, tri_strategy_words[branch->strategy]);
    tr_put_atom(out, "intensity");
    tr_put_integer(out, branch->intensity);
    tr_put_atom(out, "period");
    tr_put_integer(out, branch->period_ms / 1000);
    tr_put_atom(out, "auto_shutdown");
    tr_put_atom(out, tri_auto_shutdown_words[branch->auto_shutdown]);
    if (branch->max_children) {
        tr_put_atom(out, "max_children");
        tr_put_integer(out, branch->max_children);
    }
}

/* ---------------------------------------------------------------- what runs */

/* A child's time to end is, of a program, the time between SIGTERM and SIGKILL. */
static int64_t program_stop_ms(const struct config_child *child)
{
    if (child->shutdown == TR_SHUTDOWN_BRUTAL_KILL || child->shutdown == 0)
        return -1;
    return child->shutdown == TR_SHUTDOWN_INFINITY ? INT32_MAX : child->shutdown;
}

struct tri_confinement config_confinement(const struct config_child *child,
                                          struct tr_resource_limits *limits)
{
    *limits = (struct tr_resource_limits){.memory_bytes = (uint64_t)child->memory,
                                          .cpu_s = (uint64_t)child->cpu_ms / 1000,
                                          .file_bytes = (uint64_t)child->file_size,
                                          .open_files = (uint32_t)child->open_files,
                                          .processes = (uint32_t)child->processes,
                                          .sets_core = child->lines[CONFIG_core] > 0,
                                          .core_bytes = (uint64_t)child->core,
                                          .sets_nice = child->lines[CONFIG_nice] > 0,
                                          .nice = (int)child->nice,
                                          .sets_umask = child->lines[CONFIG_umask] > 0,
                                          .umask = (unsigned)child->umask};
    return (struct tri_confinement){
        .limits = *limits,
        .sandbox = child->sandbox,
        .readable = (const char *const *)child->readable.at,
        .writable = (const char *const *)child->writable.at,
        .hang_ms = child->hang_ms,
        .keeps_stderr = child->keeps_stderr,
        .is_strict = child->strict,
    };
}

static void put_program(struct tr_out *out, const struct config_child *child)
{
    struct tr_resource_limits limits;
    const struct tri_confinement confinement = config_confinement(child, &limits);
    struct tr_program program = {
        .path = child->path ? child->path : "",
        .arguments = child->arguments.count ? (const char *const *)child->arguments.at : NULL,
        .environment = child->environment.count ? (const char *const *)child->environment.at : NULL,
        .directory = child->directory,
        .user = child->user,
        .framing = (enum tr_framing)child->framing,
        .max_bytes = (size_t)child->max_bytes,
        .standard_error = (enum tr_program_stderr)child->standard_error,
        .owner_name = child->owner,
        .has_no_owner = !child->owner || strcmp(child->owner, "none") == 0,
        .stop_ms = program_stop_ms(child),
        .limits = &limits,
        .sandbox = confinement.sandbox,
        .readable = confinement.readable,
        .writable = confinement.writable,
        .is_strict = confinement.is_strict,
    };
    tr_program_put(out, &program);
}

/* {Entry, Function, [Argument]} */
static void put_start(struct tr_out *out, const struct config_child *child, tr_pid root)
{
    bool is_entry = child->kind != CONFIG_PROGRAM && !config_is_branch(child);
    tr_put_tuple_of(out, 3);
    if (is_entry)
        tr_put_text(out, child->entry ? child->entry : "");
    else
        tr_put_atom(out, child->kind == CONFIG_PROGRAM ? TR_PROGRAM_ENTRY : "branch");
    tr_put_atom(out, child->kind == CONFIG_ACTOR ? "spawn_link" : "start_link");
    tr_put_list_of(out, 1);
    if (child->kind == CONFIG_PROGRAM)
        put_program(out, child);
    else if (!is_entry)
        config_put_branch(out, child, root);
    else if (child->argument.size_bytes)
        tr_put_term(out, tr_out_term(&child->argument));
    else
        tr_put_nil(out);
    tr_put_nil(out);
}

void config_put_branch(struct tr_out *out, const struct config_child *branch, tr_pid root)
{
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "branch");
    if (tr_pid_is_none(root))
        tr_put_atom(out, "undefined");
    else
        tr_put_pid(out, root);
    config_put_path(out, branch);
}

/* ---------------------------------------------------------------- child specs */

static void put_shutdown(struct tr_out *out, const struct config_child *child)
{
    int64_t shutdown = child->shutdown;
    if (child->kind == CONFIG_PROGRAM && shutdown >= 0)
        shutdown += PROGRAM_GRACE_MS;
    tr_put_atom(out, "shutdown");
    if (shutdown == TR_SHUTDOWN_INFINITY)
        tr_put_atom(out, "infinity");
    else if (child->kind != CONFIG_PROGRAM && shutdown == TR_SHUTDOWN_BRUTAL_KILL)
        tr_put_atom(out, "brutal_kill");
    else /* a program's actor kills it, and tells of it */
        tr_put_integer(out, shutdown < 0 ? PROGRAM_GRACE_MS : shutdown);
}

/* The keys of numbers that are left out when they are 0. */
struct number {
    const char *key;
    int64_t value;
};

enum { NUMBERS = 6 };

static void list_numbers(const struct config_child *child, struct number numbers[NUMBERS])
{
    bool has_handshake = child->kind == CONFIG_SERVER || child->lines[CONFIG_entry];
    int64_t start_timeout = child->start_timeout;
    if (!child->lines[CONFIG_start_timeout] && has_handshake && child->kind != CONFIG_ACTOR)
        start_timeout = START_TIMEOUT_MS;
    const struct number all[NUMBERS] = {
        {"start_timeout_ms", start_timeout > 0 ? start_timeout : 0},
        {"backoff_min_ms", child->backoff_min},
        {"backoff_max_ms", child->backoff_max},
        {"backoff_reset_ms", child->backoff_reset},
        {"mailbox_max_messages", child->mailbox_max_messages},
        {"mailbox_max_bytes", child->mailbox_max_bytes},
    };
    memcpy(numbers, all, sizeof all);
}

/* Of an actor: its directory, what is changed in its environment, and as whom it runs. A program has them in its
 * description. */
static void put_surroundings(struct tr_out *out, const struct config_child *child)
{
    if (child->kind == CONFIG_PROGRAM)
        return;
    if (child->directory) {
        tr_put_atom(out, "cd");
        tr_put_text(out, child->directory);
    }
    if (child->environment.count) {
        tr_put_atom(out, "env");
        tri_environment_put(out, (const char *const *)child->environment.at);
    }
    if (child->user) {
        tr_put_atom(out, "user");
        tr_put_text(out, child->user);
    }
    struct tr_resource_limits limits;
    const struct tri_confinement confinement = config_confinement(child, &limits);
    tri_confinement_put(out, &confinement);
}

static uint32_t count_surroundings(const struct config_child *child)
{
    struct tr_resource_limits limits;
    const struct tri_confinement confinement = config_confinement(child, &limits);
    return child->kind == CONFIG_PROGRAM
               ? 0
               : (child->directory != NULL) + (child->environment.count > 0) +
                     (child->user != NULL) + tri_confinement_count(&confinement);
}

void config_put_spec(struct tr_out *out, const struct config_child *child, tr_pid root)
{
    struct number numbers[NUMBERS];
    uint32_t pairs = 7 + (child->name != NULL) + count_surroundings(child);
    list_numbers(child, numbers);
    for (int i = 0; i < NUMBERS; i++)
        pairs += numbers[i].value != 0;
    tr_put_map_of(out, pairs);
    tr_put_atom(out, "id");
    tr_put_atom(out, child->id);
    tr_put_atom(out, "start");
    put_start(out, child, root);
    tr_put_atom(out, "type");
    tr_put_atom(out, child->kind == CONFIG_SUPERVISOR ? "supervisor" : "worker");
    tr_put_atom(out, "restart");
    tr_put_atom(out, tri_restart_words[child->restart]);
    tr_put_atom(out, "significant");
    tr_put_bool(out, child->significant);
    put_shutdown(out, child);
    tr_put_atom(out, "mailbox_policy");
    tr_put_atom(out, tri_mailbox_policy_words[child->mailbox_policy]);
    if (child->name) {
        tr_put_atom(out, "name");
        tr_put_text(out, child->name);
    }
    put_surroundings(out, child);
    for (int i = 0; i < NUMBERS; i++) {
        if (numbers[i].value == 0)
            continue;
        tr_put_atom(out, numbers[i].key);
        tr_put_integer(out, numbers[i].value);
    }
}

void config_put_specs(struct tr_out *out, const struct config_child *branch, tr_pid root)
{
    if (branch->child_count > 0)
        tr_put_list_of(out, (uint32_t)branch->child_count);
    for (size_t i = 0; i < branch->child_count; i++)
        config_put_spec(out, branch->children[i], root);
    tr_put_nil(out);
}
