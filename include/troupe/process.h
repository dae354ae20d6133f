/* Processes: actors that are forked from their binary, each with a mailbox of its own, sharing nothing.
 *
 * An actor binary names its actors with TR_ACTOR and hands its main over to tr_main:
 *
 *     #include <troupe.h>
 *
 *     TR_ACTOR(counter)                              defines an actor; `argument` is the term that spawn gave it
 *     {
 *         long state = 0, n;
 *         tr_pid from;
 *         tr_get_integer(argument, &state);
 *         for (;;)
 *             tr_receive {
 *                 tr_case("{add, N}", &n)        state += n;
 *                 tr_case("{From, get}", &from)  tr_send(from, "{value, N}", state);
 *                 tr_after(60000)                return;
 *             }
 *     }
 *
 *     int main(int argc, char **argv) { return tr_main(argc, argv); }
 *
 * The binary runs by itself (it is then a node of its own), under `troupe run`, or as a library of actors that other
 * binaries spawn as "path/to/binary:counter".
 *
 * Everything here is called by an actor, or by a guest (node.h), from its main thread; elsewhere it is a panic. What
 * the rules of Erlang/OTP say about each function is quoted from SEMANTICS.md by number where a test shows it.
 * Functions that "ask the node" block for one exchange with the node, some 20 µs; the node never waits for an actor.
 * When the node is gone, an actor is ended by the kernel; a guest's functions return -ENOTCONN.
 */
#ifndef TROUPE_PROCESS_H
#define TROUPE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/limits.h"
#include "troupe/outcome.h"
#include "troupe/term.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- actors and main */

typedef void tr_actor_fn(tr_term argument);

/* What an actor's loop is: the program's own, or that of a behaviour, which answers system messages (sys.h). */
enum tr_entry_kind { TR_KIND_ACTOR = 0, TR_KIND_SERVER, TR_KIND_SUPERVISOR, TR_KIND_PROGRAM };

struct tr_entry {
    const char *name;
    tr_actor_fn *run;
    unsigned kind; /* enum tr_entry_kind: tools know by it whom they can ask what */
};

/* Enters a function in the table of this binary's entries. The section holds pointers rather than entries, because nobody
 * may put padding between those. */
#define TRI_LIST_ENTRY(text, function, entry, entry_at, entry_kind)                                \
    static const struct tr_entry entry = {text, function, (entry_kind)};                           \
    __attribute__((section("troupe_actors"), used)) static const struct tr_entry *const entry_at = \
        &entry;

/* Defines an actor of this binary. When its function returns, the actor ends with reason `normal`; it must not end by
 * pthread_exit, which would leave the process without its main thread. */
#define TR_ACTOR(actor)                                                                            \
    TRI_ENTRY(#actor, tr_actor_##actor, tri_entry_##actor, tri_entry_at_##actor, TR_KIND_ACTOR)

/* The same for an entry whose loop is a behaviour's. All names are made by the caller: passed through one more macro, a
 * name that happens to be a macro, such as `linux`, would be replaced. */
#define TRI_ENTRY(text, function, entry, entry_at, entry_kind)                                     \
    static void function(tr_term argument);                                                        \
    TRI_LIST_ENTRY(text, function, entry, entry_at, entry_kind)                                    \
    static void function(__attribute__((unused)) tr_term argument)

/* The linker gathers the entries of one linked object, and only code within that object sees where they begin and end:
 * so tr_main is a part of the program and tells the library. */
TR_API int tri_main(int argc, char **argv, const struct tr_entry *const *begin,
                    const struct tr_entry *const *end);
extern const struct tr_entry *const __start_troupe_actors[]
    __attribute__((weak, visibility("hidden")));
extern const struct tr_entry *const __stop_troupe_actors[]
    __attribute__((weak, visibility("hidden")));

/* The main of an actor binary. Call it first thing, from a single thread; what main did before is seen by all actors,
 * which are forked from here. Started by a user it runs a node whose root actor is the entry `main`, else the only
 * entry, else the one named like the binary; `./binary :entry` names another. The root actor's argument is the list of
 * the command line's arguments, each a binary.
 * Returns the exit status for main: 0 when the root actor ended with normal or shutdown; n for {exit_status, n};
 * 128 + signal for a native death; 1 for any other reason, which is printed; 2 when the node could not start. */
static inline int tr_main(int argc, char **argv)
{
    return tri_main(argc, argv, __start_troupe_actors, __stop_troupe_actors);
}

/* ---------------------------------------------------------------- identity */

TR_API tr_pid tr_self(void);
/* Who spawned this actor; TR_NO_PID for the root. */
TR_API tr_pid tr_parent(void);
/* Why the last incarnation of this actor died, or failed to start: for one that a supervisor has started again (supervisor.h).
 * False for the first. The term lives as long as the actor. Does not block. */
TR_API bool tr_last_exit(tr_term *ret_reason);
/* The node's name, name@host. */
TR_API const char *tr_node(void);
/* A new reference, unique on this node while it lives. A receive for an answer that bears it starts at the place in the
 * mailbox where it was made: see tr_receive_since. */
TR_API tr_ref tr_make_ref(void);

/* ---------------------------------------------------------------- spawn */

enum { TR_SPAWN_LINK = 1, TR_SPAWN_MONITOR = 2 };

/* What becomes of a message for which there is no room in a bounded mailbox:
 *   waits   it is not taken in. It stays with its sender, and so does all that comes behind it, from whomever: a sender
 *           may have some 400 KiB of messages under way to one receiver, then its tr_send waits and tr_send_nowait says
 *           TR_BUSY. Nothing is lost, repeated or out of order; ps shows the mailbox as full. An exit signal that
 *           becomes a message waits for its place behind its sender's messages (1).
 *   drops   it is dropped, as if it had been received, and counted: `dropped` in ps and process_info.
 *   kills   the actor dies with reason {limit, mailbox}, at once, also while it computes. */
enum { TR_MAILBOX_WAITS = 0, TR_MAILBOX_DROPS, TR_MAILBOX_KILLS };

/* The bound of a mailbox: how many messages, and how many bytes of terms, it holds at most. What counts is all that has
 * been taken in and not yet received; the message in hand does not.
 *
 * EXIT, DOWN, its own timers' messages, and what the actor sends to itself are never held back or dropped, and never
 * kill; they count. Nor are the last words of a sender that has died, and timers' messages of others, held back, because
 * nobody is left with whom they could wait; they may be dropped, and may kill.
 *
 * Selective receive goes on to work (19): while a receive waits that nothing in a full mailbox matches, messages come in
 * one by one, as many as it takes, until one matches; a receive that does not wait (tr_after(0)) lets one in. Where
 * messages are dropped, each is dropped as soon as the receive has passed it over. One that kills makes no exception.
 *
 * Actors that wait in tr_send for each other, all in a ring with full mailboxes, would wait for ever: after some ms they
 * let more in than their bounds say. A message longer than max_bytes enters an empty mailbox whose senders wait. */
struct tr_spawn_options {
    const char *name; /* registered before anybody can know the pid; NULL for none */
    unsigned flags;   /* TR_SPAWN_LINK, TR_SPAWN_MONITOR: atomic with the birth (SEMANTICS 12) */
    /* the dead actor whose place the new one takes: ps counts restarts; or TR_NO_PID */
    tr_pid replaces;
    uint64_t mailbox_max_messages, mailbox_max_bytes; /* 0: no such bound */
    unsigned mailbox_policy;                          /* TR_MAILBOX_WAITS … */
    /* Where the actor works, and what its environment has that its binary's has not; NULL: the same. They are its own: not
     * those of whom it spawns, nor of its spawner, because an actor is forked from its binary. It has entered both when
     * the spawn returns; what constructors of the binary and the dynamic linker read, they have read before. */
    const char *directory;          /* a relative one begins where the node was started */
    const char *const *environment; /* "NAME=VALUE", or "NAME" to take it out; the last is NULL */
    /* As whom the actor runs: a user's name or number, "ann", with all the groups that the system gives to it, or
     * "ann:staff" with another first group; NULL: as its spawner. Only a node that is root's has other users. Such an actor
     * has no capabilities, and cannot be traced or dumped by others than root; it sends and receives as any other. Whom it
     * spawns is the same user, and can be nobody else; and a binary that the node does not run yet is started for it only
     * when none but root can have written it. It can read what passes between actors of its node, and ask them for what
     * they do for anybody: it is kept from the files and processes of others, not from actors. Linux 5.14. */
    const char *user;
    /* How much it may use, and what it may touch: limits.h. */
    const struct tr_resource_limits *limits;
    unsigned sandbox; /* TR_SANDBOX_… */
    const char *const *readable, *const *writable;
    bool is_strict;
    /* How long it may be at something without a sign of life (tr_heartbeat), where what it waits for a processor does not
     * count; 0: for ever. */
    int64_t hang_ms;
    bool keeps_stderr; /* the last lines of standard error are kept for the report of its death */
};

/* Forks an actor and gives its pid. Returns when its mailbox can be sent to, or it has died. Asks the node.
 *   entry        "counter": of the caller's own binary; "path:counter": of another one, started when first needed
 *   options      NULL for none
 *   argument     copied
 *   ret_pid, ret_monitor   may be NULL; ret_monitor is written with TR_SPAWN_MONITOR
 * Outcomes: TR_NO_ENTRY, TR_NOT_AN_ACTOR, TR_TAKEN and TR_BAD_NAME (of options->name), TR_NO_SLOT.
 * Faults: -EAGAIN (no more processes), -EMFILE, -ENOMEM, -ENOSPC, what stat and exec say of the path, and chdir of the
 * directory; of the user -ENOENT (there is none), and -EPERM: the node is not root's, or the spawner is another. To look
 * a user up may take as long as the system takes for it. */
TR_API int tr_spawn_term(const char *entry, const struct tr_spawn_options *options,
                         tr_term argument, tr_pid *ret_pid, tr_ref *ret_monitor);

TR_API int tri_spawn(const char *entry, unsigned flags, tr_pid *ret_pid, tr_ref *ret_monitor,
                     struct tri_pattern **cache, const char *pattern, struct tr_holes holes);

/* The same with the argument written as a pattern:
 *     tr_pid pid;  int r = tr_spawn(&pid, "counter", "{start, N}", 5);                             */
#define tr_spawn(ret_pid, entry, pattern, ...)                                                     \
    tri_spawn((entry), 0, (ret_pid), NULL, TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
#define tr_spawn_link(ret_pid, entry, pattern, ...)                                                \
    tri_spawn((entry), TR_SPAWN_LINK, (ret_pid), NULL, TRI_CACHE(), "" pattern,                    \
              TRI_HOLES(__VA_ARGS__))
#define tr_spawn_monitor(ret_pid, ret_ref, entry, pattern, ...)                                    \
    tri_spawn((entry), TR_SPAWN_MONITOR, (ret_pid), (ret_ref), TRI_CACHE(), "" pattern,            \
              TRI_HOLES(__VA_ARGS__))

/* Asks for an actor as tr_spawn_term does, and goes on at once: erlang:spawn_request. When the actor can be sent to, or
 * cannot be born, a message comes, before any EXIT or DOWN of it:
 *     {spawn_reply, Ref, ok, Pid}
 *     {spawn_reply, Ref, error, {exec, Errno, Path}}   the path could not be executed (8): Errno is an atom such as
 *                                                      enoent, Path a binary
 *     {spawn_reply, Ref, error, {chdir, Errno, Path}}  nor can it work in that directory
 *     {spawn_reply, Ref, error, {user, Errno, Name}}   nor can it be that user
 *     {spawn_reply, Ref, error, {sandbox, Errno, Path}}  a path of its sandbox cannot be found
 *     {spawn_reply, Ref, error, {unsupported, What}}   is_strict, and that cannot be enforced here: What is an atom
 *     {spawn_reply, Ref, error, R}        R: any other outcome or fault that tr_spawn_term gives, see tr_strerror
 * Several births under way at once take little longer than one. An actor that comes to be is nobody's when its spawner
 * has ended meanwhile, unless it was to be linked.
 *   ret_ref      may be NULL; with TR_SPAWN_MONITOR it is the monitor, too
 * 0: there will be an answer. Outcome: TR_BAD_NAME. Faults: -ENOMEM, -ENOTCONN (a guest without node). Waits only while the
 * channel to the node is full, and for what the path leads to. */
TR_API int tr_spawn_request_term(const char *entry, const struct tr_spawn_options *options,
                                 tr_term argument, tr_ref *ret_ref);

TR_API int tri_spawn_request(const char *entry, tr_ref *ret_ref, struct tri_pattern **cache,
                             const char *pattern, struct tr_holes holes);

/* The same with the argument written as a pattern:
 *     tr_ref ref;  tr_spawn_request(&ref, "counter", "{start, N}", 5);
 *     …   tr_case("{spawn_reply, Ref, ok, Pid}", ref, &pid)                                        */
#define tr_spawn_request(ret_ref, entry, pattern, ...)                                             \
    tri_spawn_request((entry), (ret_ref), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* ---------------------------------------------------------------- send */

/* To whom: a pid, a registered name, or an alias. Made by the macros from the C type. Two words, because so much is passed in
 * registers: what is passed in memory is written in words and read at once in larger pieces, and the processor waits for
 * that until everything that it has written before is in the cache. */
struct tr_to {
    tr_pid pid; /* TR_NO_PID: whoever has the name */
    union {
        uint64_t alias; /* its number, or 0 */
        const char *name;
    };
};
static inline struct tr_to tri_to_pid(tr_pid pid)
{
    struct tr_to to;
    to.pid = pid;
    to.alias = 0;
    return to;
}
static inline struct tr_to tri_to_name(const char *name)
{
    struct tr_to to;
    to.pid = TR_NO_PID;
    to.name = name;
    return to;
}
static inline struct tr_to tri_to_alias(tr_ref alias)
{
    struct tr_to to;
    to.pid = alias.owner;
    to.alias = alias.number;
    return to;
}
/* The name, or NULL when it has none. */
static inline const char *tri_name_of(struct tr_to to)
{
    return tr_pid_is_none(to.pid) ? to.name : NULL;
}
/* The number of the alias, or 0 when it is none. */
static inline uint64_t tri_alias_of(struct tr_to to)
{
    return tr_pid_is_none(to.pid) ? 0 : to.alias;
}

enum { TR_SEND_NOWAIT = 1 };

/* Sends a term. It is in shared memory, safe even if this process is killed now, when the call returns.
 * Waits while that receiver's share of what this actor may have under way is used up, and takes in its own mail
 * meanwhile; with TR_SEND_NOWAIT the answer is TR_BUSY instead.
 * Sending to a dead pid is silent: 0, and counted as a dead letter (SEMANTICS 3).
 * Outcomes: TR_NOPROC (nobody has that name), TR_BUSY. Faults: -ENOMEM, -ENOSPC, -EMFILE. */
TR_API int tr_send_term(struct tr_to to, tr_term term, unsigned flags);

TR_API int tri_send(struct tr_to to, struct tri_pattern **cache, const char *pattern,
                    struct tr_holes holes);
TR_API int tri_send_nowait(struct tr_to to, struct tri_pattern **cache, const char *pattern,
                           struct tr_holes holes);

/*     tr_send(pid, "{add, N}", 5);    tr_send("counter", "{From, get}", tr_self());
 *     to is a tr_pid, a name, or a tr_ref that is an alias. A blob (blob.h) among the holes is handed over when they
 *     return 0, and only then. */
#define tr_send(to, pattern, ...)                                                                  \
    tri_send(TRI_TO(to), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
#define tr_send_nowait(to, pattern, ...)                                                           \
    tri_send_nowait(TRI_TO(to), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* ---------------------------------------------------------------- receive */

/* tr_receive { tr_case(pattern, holes…) statement  …  tr_after(timeout_ms) statement }
 *
 * Takes the oldest message that one of the cases matches and runs that case's statement; the others stay in the
 * mailbox, in their order (SEMANTICS 19). Waits when there is none; tr_after gives a deadline for the whole receive
 * (20, 21): 0 scans the mailbox once, a negative time waits for ever.
 * break, continue and return inside a statement are safe: they leave the receive. Views (tr_bin, tr_atom, tr_term) that
 * a case gave are valid within its statement. Nothing but cases and one tr_after belongs directly in the block: it runs
 * once for each message that is looked at, and once when there is none at first.
 */
#define tr_receive TRI_RECEIVE(NULL)

/* As tr_receive, but looks only at messages that arrived after ref was made by this actor: a long mailbox does not slow
 * the wait for an answer that bears ref. */
#define tr_receive_since(ref) TRI_RECEIVE(&(ref))

#define tr_case(pattern, ...)                                                                      \
    if (tri_receive_case(&tri_rx, TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__)))
#define tr_after(timeout_ms) if (tri_receive_after(&tri_rx, (timeout_ms)))

struct tr_message; /* a message that was taken out of the mailbox */

/* The plain functions, for those who dislike macros.
 *   select       tells whether to take this message; NULL takes the oldest
 *   timeout_ms   as tr_after's; negative waits for ever
 *   ret_message  owned by the caller, who frees it with tr_message_free, in the same thread
 * Outcomes: 0, TR_TIMEOUT. A guest whose node is gone: -ENOTCONN, once the mailbox holds nothing that select takes. */
typedef bool tr_select_fn(tr_term message, void *context);
TR_API int tr_receive_select(tr_select_fn *select, void *context, int64_t timeout_ms,
                             struct tr_message **ret_message);
TR_API tr_term tr_message_term(const struct tr_message *message);
TR_API void tr_message_free(struct tr_message *message);

/* Throws away everything that is in the mailbox now; returns how many messages that were. */
TR_API size_t tr_flush(void);

/* ---------------------------------------------------------------- links, monitors, exit */

/* Links this actor with another: when one dies, the other gets an exit signal. One link per pair (9, 10). Asks the
 * node. To a dead pid: the signal is {'EXIT', Pid, noproc}. */
TR_API int tr_link(tr_pid pid);
/* After it returns the link has no effect any more; an EXIT that is already in the mailbox stays (11). */
TR_API int tr_unlink(tr_pid pid);

enum {
    TR_ALIAS = 1,           /* an alias until tr_unalias                                      */
    TR_ALIAS_DEMONITOR = 2, /* an alias until demonitor or DOWN                               */
    TR_ALIAS_REPLY = 3,     /* an alias for one message, whose arrival also ends the monitor  */
};

/* Watches a process, by pid or by name, which may be dead or unknown (13, 14). Its end comes as
 * {'DOWN', Ref, process, Object, Reason}; Object is the pid, or {Name, Node}.
 *   alias   0, or whether ret_ref is an alias too, and for how long
 * Does not block. Outcomes: TR_BAD_NAME. */
TR_API int tri_monitor(struct tr_to to, unsigned alias, tr_ref *ret_ref);
#define tr_monitor(to, ret_ref) tri_monitor(TRI_TO(to), 0, (ret_ref))
#define tr_monitor_alias(to, alias, ret_ref) tri_monitor(TRI_TO(to), (alias), (ret_ref))

enum { TR_DEMONITOR_FLUSH = 1 };

/* Stops watching (15). A DOWN that has been delivered stays unless flags has TR_DEMONITOR_FLUSH. Asks the node: after it
 * returns no DOWN with this reference comes.
 *   ret_was_active   may be NULL; whether there was still something to stop */
TR_API int tr_demonitor(tr_ref ref, unsigned flags, bool *ret_was_active);

/* An alias: an address of this actor that can be withdrawn; what is sent to it afterwards is dropped (17).
 *   alias   TR_ALIAS, or TR_ALIAS_REPLY: withdrawn by the first message that comes */
TR_API tr_ref tr_alias(unsigned alias);
/* Tells whether it was active. */
TR_API bool tr_unalias(tr_ref alias);

/* Ends this actor with a reason: exit/1. Messages that it sent are delivered, and its streams flushed; handlers of
 * atexit(3) do not run, for they belong to the program that the actor was forked from. exit(3) in an actor is a native
 * death (8). Guests leave their node and exit(0). */
TR_API __attribute__((noreturn)) void tr_exit_term(tr_term reason);
TR_API __attribute__((noreturn)) void tri_exit(struct tri_pattern **cache, const char *pattern,
                                               struct tr_holes holes);
#define tr_exit(pattern, ...) tri_exit(TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* Sends an exit signal: exit/2. What the receiver makes of it: the table in SEMANTICS.md. To oneself it is at once.
 * Does not wait for the receiver, except that a second signal to one that is stopped waits for the first; kill never
 * waits. Messages sent afterwards do not overtake the signal (1). */
TR_API int tr_exit_process_term(tr_pid pid, tr_term reason);
TR_API int tri_exit_process(tr_pid pid, struct tri_pattern **cache, const char *pattern,
                            struct tr_holes holes);
#define tr_exit_process(pid, pattern, ...)                                                         \
    tri_exit_process((pid), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* Ends an actor at once, by SIGKILL, with a reason of one's own: EXIT and DOWN bear it (8). It cannot be trapped, nor
 * survived by one that computes, waits or is stopped. Only the spawner of an actor may, and guests; a reason that it has given
 * itself, or that it was killed with before, stays. What it had sent before is delivered (5). Asks the node.
 *     tr_kill(pid, "{limit, wall_clock, M}", …)
 * Outcomes: TR_NOPROC (it is dead), TR_REFUSED (it is somebody else's, or oneself). */
TR_API int tr_kill_term(tr_pid pid, tr_term reason);
TR_API int tri_kill_process(tr_pid pid, struct tri_pattern **cache, const char *pattern,
                            struct tr_holes holes);
#define tr_kill(pid, pattern, ...)                                                                 \
    tri_kill_process((pid), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* A sign of life, for code that computes for long on purpose: an actor that is to be killed when it hangs (hang_ms) is not, if
 * it calls this, or receives, that often. Costs a look at the clock. */
TR_API void tr_heartbeat(void);

/* Whether exit signals become messages {'EXIT', From, Reason}. Returns what it was. Does not block (2). */
TR_API bool tr_trap_exit(bool traps_exits);

/* ---------------------------------------------------------------- names */

/* Gives a process a name, until it dies or tr_unregister. Asks the node.
 * Outcomes: TR_TAKEN (the name, or the process has another), TR_NOPROC, TR_BAD_NAME. */
TR_API int tr_register(const char *name, tr_pid pid);
/* Outcomes: TR_NOPROC (nobody has it). */
TR_API int tr_unregister(const char *name);
/* Who has the name, or TR_NO_PID. Reads shared memory. */
TR_API tr_pid tr_whereis(const char *name);
/* Calls visit for each registered name. */
TR_API void tr_registered(void (*visit)(const char *name, tr_pid pid, void *context),
                          void *context);
TR_API bool tr_is_alive(tr_pid pid);

/* ---------------------------------------------------------------- timers */

/* Sends a term after a time. To oneself the timer is local, and fires when the runtime is next entered; for another
 * process, or a name, the node keeps it, also when this actor has died meanwhile, up to TR_TIMERS_MAX of them per actor
 * (then -EAGAIN) and 64 KiB each (TR_TOO_LARGE). A name is looked up when the timer fires. */
enum { TR_TIMERS_MAX = 1024 };
TR_API int tri_send_after(uint64_t time_ms, struct tr_to to, bool is_start_timer, tr_ref *ret_timer,
                          struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define tr_send_after(time_ms, to, ret_timer, pattern, ...)                                        \
    tri_send_after((time_ms), TRI_TO(to), false, (ret_timer), TRI_CACHE(), "" pattern,             \
                   TRI_HOLES(__VA_ARGS__))
/* As tr_send_after, but what comes is {timeout, Ref, Term} (22). */
#define tr_start_timer(time_ms, to, ret_timer, pattern, ...)                                       \
    tri_send_after((time_ms), TRI_TO(to), true, (ret_timer), TRI_CACHE(), "" pattern,              \
                   TRI_HOLES(__VA_ARGS__))

/* Stops a timer.
 *   ret_left_ms   may be NULL
 * Outcomes: 0 and the time that was left; TR_FIRED: it had fired (its message stays), or never was. */
TR_API int tr_cancel_timer(tr_ref timer, uint64_t *ret_left_ms);

/* ---------------------------------------------------------------- looking */

/* Appends a map that describes a process, as erlang:process_info/1 does: registered_name, status, message_queue_len,
 * links, monitors, monitored_by, trap_exit, parent, entry, image, os_pid, messages_in, messages_out, … Asks the node
 * for what only it knows. Outcomes: TR_NOPROC. */
TR_API int tr_process_info(tr_pid pid, struct tr_out *out);

/* ---------------------------------------------------------------- beneath the macros */

struct tr_reception {
    struct tr_message *offered; /* what the cases look at in this pass                     */
    struct tr_message *taken;   /* what one of them matched                                */
    struct tr_message *outer;   /* what was in hand before: receives may stand in each other */
    uint64_t deadline_ns;
    uint64_t arrival; /* the number of the last one offered: up to it all are passed over */
    bool is_armed;    /* the first pass, which names the deadline, has begun              */
    bool has_after, has_timed_out, is_last_look;
};
TR_API struct tr_reception tri_receive_begin(const tr_ref *since);
TR_API bool tri_receive_next(struct tr_reception *reception);
TR_API bool tri_receive_case(struct tr_reception *reception, struct tri_pattern **cache,
                             const char *pattern, struct tr_holes holes);
TR_API bool tri_receive_after(struct tr_reception *reception, int64_t timeout_ms);
TR_API void tri_receive_end(struct tr_reception *reception);

#ifdef __cplusplus
}
static inline struct tr_to tri_to_of(tr_pid pid) { return tri_to_pid(pid); }
static inline struct tr_to tri_to_of(tr_ref alias) { return tri_to_alias(alias); }
static inline struct tr_to tri_to_of(const char *name) { return tri_to_name(name); }
#define TRI_TO(to) tri_to_of(to)
#else
#define TRI_TO(to)                                                                                 \
    _Generic((to), tr_pid: tri_to_pid, tr_ref: tri_to_alias, const char *: tri_to_name,            \
        char *: tri_to_name)(to)
#endif

#define TRI_RECEIVE(since)                                                                         \
    for (__attribute__((cleanup(tri_receive_end))) struct tr_reception tri_rx =                    \
             tri_receive_begin(since);                                                             \
         tri_receive_next(&tri_rx);)

#endif
