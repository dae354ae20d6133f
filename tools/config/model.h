/* Model: what a configuration describes: a tree of supervisors, and of the servers, actors and programs that are their
 * children. It is pure: nothing here needs a node.
 *
 *     config_read          the text, by libconfuse (parse.c), into the model (keys.c); finds what is wrong with single values
 *     config_check         what is wrong with the whole (check.c)
 *     config_check_world   what is not there: binaries, entries, programs, users, directories (world.c)
 *     config_put_…         as the terms of supervisor.h (put.c)
 *     config_compare       what a reload has to do (diff.h)
 */
#ifndef TROUPE_CONFIG_MODEL_H
#define TROUPE_CONFIG_MODEL_H

#include <stdint.h>

#include "config/mistakes.h"
#include "process/confinement.h"
#include "troupe/program.h"
#include "troupe/supervisor.h"

enum config_kind {
    CONFIG_SUPERVISOR,
    CONFIG_SERVER, /* an entry that TR_SERVER or TR_SUPERVISOR defines: it is waited for until its init has returned */
    CONFIG_ACTOR, /* an entry that TR_ACTOR defines */
    CONFIG_PROGRAM,
    CONFIG_KINDS,
};

/* Every key, for which kinds of section, and how its value is read (keys.c). The top of the file is T; the sections are S,
 * V for server, A and P. */
#define CONFIG_EACH_KEY(KEY)                                                                       \
    KEY(node, T)                                                                                   \
    KEY(strategy, T | S)                                                                           \
    KEY(intensity, T | S)                                                                          \
    KEY(period, T | S)                                                                             \
    KEY(auto_shutdown, T | S)                                                                      \
    KEY(max_children, T | S)                                                                       \
    KEY(name, S | V | A | P)                                                                       \
    KEY(restart, S | V | A | P)                                                                    \
    KEY(shutdown, S | V | A | P)                                                                   \
    KEY(significant, S | V | A | P)                                                                \
    KEY(start_timeout, S | V | P)                                                                  \
    KEY(backoff_min, S | V | A | P)                                                                \
    KEY(backoff_max, S | V | A | P)                                                                \
    KEY(backoff_reset, S | V | A | P)                                                              \
    KEY(mailbox_max_messages, V | A | P)                                                           \
    KEY(mailbox_max_bytes, V | A | P)                                                              \
    KEY(mailbox_policy, V | A | P)                                                                 \
    KEY(entry, S | V | A)                                                                          \
    KEY(argument, S | V | A)                                                                       \
    KEY(path, P)                                                                                   \
    KEY(arguments, P)                                                                              \
    KEY(environment, S | V | A | P)                                                                \
    KEY(directory, S | V | A | P)                                                                  \
    KEY(user, S | V | A | P)                                                                       \
    KEY(framing, P)                                                                                \
    KEY(max_bytes, P)                                                                              \
    KEY(stderr, P)                                                                                 \
    KEY(owner, P)                                                                                  \
    KEY(memory, V | A | P)                                                                         \
    KEY(cpu, V | A | P)                                                                            \
    KEY(open_files, V | A | P)                                                                     \
    KEY(processes, V | A | P)                                                                      \
    KEY(file_size, V | A | P)                                                                      \
    KEY(core, V | A | P)                                                                           \
    KEY(nice, V | A | P)                                                                           \
    KEY(umask, V | A | P)                                                                          \
    KEY(sandbox, V | A | P)                                                                        \
    KEY(readable, V | A | P)                                                                       \
    KEY(writable, V | A | P)                                                                       \
    KEY(strict, V | A | P)                                                                         \
    KEY(hang, V | A)                                                                               \
    KEY(keeps_stderr, V | A)

#define CONFIG_KEY_NAME(key, kinds) CONFIG_##key,
enum config_key { CONFIG_EACH_KEY(CONFIG_KEY_NAME) CONFIG_KEYS };

/* Words, ended by NULL. */
struct config_words {
    char **at;
    size_t count;
};

/* A section, or the whole file. What was not given is zero, and lines[key] is. */
struct config_child {
    enum config_kind kind;
    char *id; /* NULL: the top */
    unsigned line, serial;
    unsigned lines[CONFIG_KEYS];
    struct config_child *parent, **children; /* in the order of the file */
    size_t child_count;

    /* of a supervisor */
    unsigned strategy, auto_shutdown;
    int64_t intensity, period_ms, max_children;

    /* of a child */
    char *name;
    unsigned restart;
    bool significant;
    int64_t shutdown;                                /* ms; TR_SHUTDOWN_INFINITY, …_BRUTAL_KILL */
    int64_t start_timeout;                           /* ms; -1: as long as it takes */
    int64_t backoff_min, backoff_max, backoff_reset; /* ms */
    int64_t mailbox_max_messages, mailbox_max_bytes;
    unsigned mailbox_policy;

    /* of an entry: "binary:entry"; the binary's path is whole once it has been read */
    char *entry;
    struct tr_out argument; /* a term, or empty */

    /* of an entry, and of a program; user of any child */
    char *directory, *user;
    struct config_words environment;

    /* of an entry that is no supervisor, and of a program (limits.h); what was not given is told by lines[] */
    int64_t memory, cpu_ms, open_files, processes, file_size, core, nice, umask, hang_ms;
    unsigned sandbox;
    struct config_words readable, writable;
    bool strict, keeps_stderr;

    /* of a program */
    char *path, *owner;
    struct config_words arguments;
    unsigned framing, standard_error;
    int64_t max_bytes;
};

struct config {
    char *folder;             /* of the file: what relative paths begin at */
    struct config_child *top; /* its name is the node's */
    bool is_cut;              /* its syntax is so wrong that not all of it was read */
};

/* Reads a text. Mistakes are added; what could be read is there all the same.
 *   folder        the file's
 *   ret_config    freed with config_free
 * 0 or -ENOMEM. */
int config_read(const char *text, size_t size_bytes, const char *folder,
                struct config_mistakes *mistakes, struct config **ret_config);
void config_free(struct config *config);
static inline void config_freep(struct config **config) { config_free(*config); }

/* Adds what is wrong with how things stand to each other: duplicates, what is missing, what does not go together (47). */
void config_check(const struct config *config, struct config_mistakes *mistakes);

/* Adds what is not there: looks at files and users, executes nothing. May block on a file system. */
void config_check_world(const struct config *config, struct config_mistakes *mistakes);

/* Words for people: "server \"teller\"". */
const char *config_kind_name(enum config_kind kind);

struct config_child *config_child_find(const struct config_child *supervisor, const char *id);

/* By the ids that lead to it from the top, a list of binaries; NULL. */
struct config_child *config_child_at(const struct config *config, tr_term path);

/* Does it keep its children in this file? Not one that is an entry of a binary, which has its own. */
bool config_is_branch(const struct config_child *child);

/* Appends the flags of a branch; its children's specs, a list; one child's spec; the path to it. root is the actor to ask
 * for a branch's children, see tools/troupe/app.c. */
void config_put_flags(struct tr_out *out, const struct config_child *branch);
void config_put_specs(struct tr_out *out, const struct config_child *branch, tr_pid root);
void config_put_spec(struct tr_out *out, const struct config_child *child, tr_pid root);
void config_put_path(struct tr_out *out, const struct config_child *child);
/* How it is confined: a view into it. */
struct tri_confinement config_confinement(const struct config_child *child,
                                          struct tr_resource_limits *limits);
void config_put_branch(struct tr_out *out, const struct config_child *branch, tr_pid root);

#endif
