/* Supervisors: an actor that starts others, and starts them again when they die, OTP's supervisor.
 *
 * A supervisor is one function, which says what there is to supervise; the rest is the library's:
 *
 *     #include <troupe.h>
 *
 *     static void bank(tr_term argument, struct tr_tree *tree)
 *     {
 *         tr_tree_set(tree, &(struct tr_supervision){.strategy = TR_REST_FOR_ONE, .intensity = 3});
 *         tr_tree_add(tree, TR_CHILD("ledger", .name = "ledger"), "{file, F}", "a.log");
 *         tr_tree_add(tree, TR_CHILD("teller", .restart = TR_TRANSIENT), "[]");
 *     }
 *     TR_SUPERVISOR(bank, bank)
 *
 * It is started as a server is: tr_server_start_link(&pid, "bank", NULL, "[]") returns when all children run. A child may
 * be a supervisor itself; that makes a tree, and a supervisor that gives up is what its own supervisor starts again.
 *
 * The children are actors of the same binary ("ledger"), of another one ("path/to/binary:ledger"), or entries that every
 * binary has, such as the one that runs an executable (program.h). Each is linked with
 * its supervisor, so it ends when that is killed; and watched, so that it is also started again when it has undone the
 * link.
 *
 * A supervisor is a server: system messages (sys.h) work on it, and every request is a call in OTP's own shape, with
 * child specs as OTP's maps: a real Erlang node can use supervisor:which_children/1 and the others on it. A child's
 * `start` is {Entry, start_link, [Argument]} for a server or supervisor, {Entry, spawn_link, [Argument]} for a plain actor.
 *
 * Numbers in parentheses are rules of SEMANTICS.md.
 */
#ifndef TROUPE_SUPERVISOR_H
#define TROUPE_SUPERVISOR_H

#include "troupe/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- what there is to supervise */

/* Who is started again when one has died (38):
 *   TR_ONE_FOR_ONE          that one
 *   TR_ONE_FOR_ALL          all; the others are stopped first, the last one first
 *   TR_REST_FOR_ONE         that one and those that stand behind it, which are stopped first
 *   TR_SIMPLE_ONE_FOR_ONE   that one. The tree has one child, which is the model of all; none is started at first,
 *                           and tr_supervisor_start_instance starts one with an argument of its own
 *   TR_DYNAMIC              that one. The tree is empty; tr_supervisor_start_child adds children, whose ids mean nothing:
 *                           Elixir's DynamicSupervisor
 * Children of the last two have no order: they are started, and stopped, side by side (45), and one that takes long for it
 * delays nobody. */
enum tr_strategy {
    TR_ONE_FOR_ONE,
    TR_ONE_FOR_ALL,
    TR_REST_FOR_ONE,
    TR_SIMPLE_ONE_FOR_ONE,
    TR_DYNAMIC,
};

/* Does the supervisor end, with reason shutdown, when significant children have ended by themselves, and are not started
 * again (47)? */
enum tr_auto_shutdown { TR_NEVER, TR_ANY_SIGNIFICANT, TR_ALL_SIGNIFICANT };

enum { TR_NO_RESTARTS = -1 };

/* How to supervise. A zeroed one has OTP's defaults: one for one, one restart in five seconds. */
struct tr_supervision {
    enum tr_strategy strategy;
    /* More restarts than that within period_s, and it gives up: stops its children and ends with reason shutdown (41, 43).
     * 0: 1; TR_NO_RESTARTS: none at all */
    int intensity;
    int period_s; /* 0: 5 */
    enum tr_auto_shutdown auto_shutdown;
    uint32_t max_children; /* no child is added when there are so many; 0: no bound */
};

/* When is a child started again (39)? Always; unless it ended with normal, shutdown or {shutdown, _}; never. */
enum tr_restart { TR_PERMANENT, TR_TRANSIENT, TR_TEMPORARY };

enum { TR_SHUTDOWN_INFINITY = -1, TR_SHUTDOWN_BRUTAL_KILL = -2 };

struct tr_program;

/* A child: an entry, or a program; all else may be left out. */
struct tr_child {
    const char *entry; /* "ledger", or "path:ledger" */
    const char *id;    /* an atom; NULL: the entry's name */
    /* To be registered; NULL: none. One that is left behind by a supervisor that was killed, and still has the name, is waited
     * for: as long as shutdown_ms gives such a child, or 5000 ms. */
    const char *name;
    /* In place of an entry: an executable (program.h), whose owner should be named in it, else its messages go to the
     * supervisor, which drops them. The argument that is given with the child means nothing then. */
    const struct tr_program *program;
    enum tr_restart restart;
    bool is_supervisor;
    bool is_plain_actor; /* a TR_ACTOR, which has no init to wait for */
    bool is_significant; /* its end counts for auto_shutdown */
    /* How long it may take to end after the exit signal shutdown, in ms, before it is killed (44). 0: OTP's default, 5000
     * for a worker and infinity for a supervisor. TR_SHUTDOWN_BRUTAL_KILL: it is killed at once. */
    int64_t shutdown_ms;
    int64_t start_timeout_ms; /* for its init; 0: as long as it takes */

    /* When this is not 0, a restart waits: backoff_min_ms at first, twice as long each further time, at most backoff_max_ms
     * (0: 30000); as at first when the child has lived for backoff_reset_ms (0: 10000) (50). */
    uint32_t backoff_min_ms, backoff_max_ms, backoff_reset_ms;

    uint64_t mailbox_max_messages, mailbox_max_bytes; /* as in struct tr_spawn_options */
    unsigned mailbox_policy;
    /* As there. A program has its own, in struct tr_program; `user` is then as whom the actor runs that runs it. */
    const char *directory;
    const char *const *environment;
    const char *
        user; /* "ann", "ann:staff" or a number; of a supervisor: and all below it, which can be nobody else */
    const struct tr_resource_limits *limits;
    unsigned sandbox;
    const char *const *readable, *const *writable;
    bool is_strict;
    int64_t hang_ms;
    bool keeps_stderr;
};

/* A child written within a call: its entry or its program, and what else there is to say.
 *     tr_tree_add(tree, TR_PROGRAM_CHILD(&sort, .id = "sort"), "[]");                      */
#define TR_PROGRAM_CHILD(program_at, ...)                                                          \
    (&(const struct tr_child){.program = (program_at), ##__VA_ARGS__})
#define TR_CHILD(entry_name, ...) (&(const struct tr_child){.entry = (entry_name), ##__VA_ARGS__})

/* What the function of a supervisor fills. Wrong values, two children with the same id, and combinations that make no sense
 * (47) end the supervisor with OTP's reasons: {start_spec, …}, {supervisor_data, …}, {bad_start_spec, …}. What no term could
 * say, a number that is none of its enum's or a child with neither entry nor program, is a panic. */
struct tr_tree;
TR_API void tr_tree_set(struct tr_tree *tree, const struct tr_supervision *supervision);
/* Adds a child behind the others. The pattern is its argument. */
#define tr_tree_add(tree, child, pattern, ...)                                                     \
    tri_tree_add((tree), (child), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
TR_API void tri_tree_add(struct tr_tree *tree, const struct tr_child *child,
                         struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
/* Adds a child without an argument: the model of a TR_SIMPLE_ONE_FOR_ONE's children. */
TR_API void tr_tree_add_model(struct tr_tree *tree, const struct tr_child *child);
/* The same with OTP's terms: the map (or tuple) of flags, and a child spec. */
TR_API void tr_tree_set_term(struct tr_tree *tree, tr_term flags);
TR_API void tr_tree_add_term(struct tr_tree *tree, tr_term child_spec);
/* The whole tree as a term: {Flags, [ChildSpec]}, as a function of OTP returns it. Fit to be the function of a supervisor
 * whose argument says all:     TR_SUPERVISOR(anything, tr_tree_of_term)
 * Another term ends the supervisor with {bad_return, {Entry, init, Term}}. */
TR_API void tr_tree_of_term(tr_term term, struct tr_tree *tree);
/* There is nothing to supervise: who starts it is told TR_IGNORED. */
TR_API void tr_tree_ignore(struct tr_tree *tree);

typedef void tr_tree_fn(tr_term argument, struct tr_tree *tree);
TR_API TR_NORETURN void tri_supervisor_run(const char *entry, tr_tree_fn *plant, tr_term argument);

/* A supervisor that every actor binary has: its argument is the tree, as tr_tree_of_term takes it. */
#define TR_SUPERVISOR_ENTRY "$supervisor"

/* Defines a supervisor of this binary: an entry as TR_ACTOR defines one. */
#define TR_SUPERVISOR(supervisor, plant)                                                           \
    TRI_ENTRY(#supervisor, tr_actor_##supervisor, tri_entry_##supervisor,                          \
              tri_entry_at_##supervisor, TR_KIND_SUPERVISOR)                                       \
    {                                                                                              \
        tri_supervisor_run(#supervisor, (plant), argument);                                        \
    }

/* ---------------------------------------------------------------- asking a supervisor
 *
 * to is a pid or a registered name. All of these are calls without a time-out, as OTP's: a supervisor that starts or stops
 * a child answers when that is done. Outcomes: 0; TR_REFUSED: it answered {error, Reason}, and ret_reply, if not NULL, has
 * the reason; and those of tr_call. */

/* Starts a child and keeps its spec behind the others. A child that fails to start leaves nothing (36); a temporary one that
 * ignores is not kept (37). Reasons: {already_started, Pid}, already_present (46), what is wrong with the spec,
 * {Why, Child} when it did not start, max_children.
 *   ret_pid   may be NULL; TR_NO_PID when the child ignored */
#define tr_supervisor_start_child(to, child, ret_pid, ret_reply, pattern, ...)                     \
    tri_supervisor_start_child(TRI_TO(to), (child), (ret_pid), (ret_reply), TRI_CACHE(),           \
                               "" pattern, TRI_HOLES(__VA_ARGS__))
TR_API int tri_supervisor_start_child(struct tr_to to, const struct tr_child *child,
                                      tr_pid *ret_pid, struct tr_reply *ret_reply,
                                      struct tri_pattern **cache, const char *pattern,
                                      struct tr_holes holes);

/* Starts one more child of a TR_SIMPLE_ONE_FOR_ONE: the pattern is added to the arguments of the model. When that has none
 * (tr_tree_add_model), it is the child's argument; otherwise the child gets a list, the model's argument first.
 *     tr_supervisor_start_instance("sessions", &pid, NULL, "{user, U}", user)                                        */
#define tr_supervisor_start_instance(to, ret_pid, ret_reply, pattern, ...)                         \
    tri_supervisor_start_instance(TRI_TO(to), (ret_pid), (ret_reply), TRI_CACHE(), "" pattern,     \
                                  TRI_HOLES(__VA_ARGS__))
TR_API int tri_supervisor_start_instance(struct tr_to to, tr_pid *ret_pid,
                                         struct tr_reply *ret_reply, struct tri_pattern **cache,
                                         const char *pattern, struct tr_holes holes);
/* Stops a child, and keeps its spec, unless it is temporary (46). The pattern is its id; where children have no ids, its
 * pid. Reasons: not_found; simple_one_for_one: an id where a pid is wanted.
 *     tr_supervisor_terminate_child("bank", NULL, "teller")                                        */
#define tr_supervisor_terminate_child(to, ret_reply, pattern, ...)                                 \
    TRI_SUPERVISOR_ASK(to, NULL, ret_reply, "{terminate_child, " pattern "}", ##__VA_ARGS__)
/* Starts a child that was terminated, ended, or ignored. Reasons: running, restarting, not_found, simple_one_for_one, or why
 * it did not start. */
#define tr_supervisor_restart_child(to, ret_pid, ret_reply, pattern, ...)                          \
    TRI_SUPERVISOR_ASK(to, ret_pid, ret_reply, "{restart_child, " pattern "}", ##__VA_ARGS__)
/* Forgets the spec of a child that does not run. Reasons: running, restarting, not_found, simple_one_for_one. */
#define tr_supervisor_delete_child(to, ret_reply, pattern, ...)                                    \
    TRI_SUPERVISOR_ASK(to, NULL, ret_reply, "{delete_child, " pattern "}", ##__VA_ARGS__)
/* The reply is the spec, OTP's map. Reason: not_found. */
#define tr_supervisor_get_childspec(to, ret_reply, pattern, ...)                                   \
    TRI_SUPERVISOR_ASK(to, NULL, ret_reply, "{get_childspec, " pattern "}", ##__VA_ARGS__)
/* The reply is a list of {Id, Child, worker or supervisor, Modules}, the child that was started last first; Child is a pid,
 * restarting, or undefined. */
#define tr_supervisor_which_children(to, ret_reply)                                                \
    TRI_SUPERVISOR_ASK(to, NULL, ret_reply, "which_children")

#define TRI_SUPERVISOR_ASK(to, ret_pid, ret_reply, pattern, ...)                                   \
    tri_supervisor_ask(TRI_TO(to), (ret_pid), (ret_reply), TRI_CACHE(), pattern,                   \
                       TRI_HOLES(__VA_ARGS__))
TR_API int tri_supervisor_ask(struct tr_to to, tr_pid *ret_pid, struct tr_reply *ret_reply,
                              struct tri_pattern **cache, const char *pattern,
                              struct tr_holes holes);

/* How many specs there are, children that run, and children, running or not, of each type. */
struct tr_children_count {
    uint64_t specs, active, supervisors, workers;
};
TR_API int tri_supervisor_count_children(struct tr_to to, struct tr_children_count *ret_count);
#define tr_supervisor_count_children(to, ret_count)                                                \
    tri_supervisor_count_children(TRI_TO(to), (ret_count))

#ifdef __cplusplus
}
#endif
#endif
