/* Servers: an actor that keeps a state and answers, OTP's gen_server.
 *
 * A server is a table of callbacks. The loop around them, what happens when one of them fails, calls, casts, time-outs
 * and system messages (sys.h) are the library's:
 *
 *     #include <troupe.h>
 *
 *     static struct tr_step init(tr_term argument, void **ret_state)
 *     {
 *         static long count;
 *         tr_match(argument, "{start, N}", &count);
 *         *ret_state = &count;
 *         return tr_ok();
 *     }
 *
 *     static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
 *     {
 *         long *count = state;
 *         if (tr_match(request, "get") == 0)
 *             return tr_answer("N", *count);
 *         return tr_stop("{bad_request, R}", request);
 *     }
 *
 *     static const struct tr_server_callbacks callbacks = {.init = init, .handle_call = handle_call};
 *     TR_SERVER(counter, &callbacks)
 *
 * and its clients say
 *
 *     tr_pid pid;
 *     int r = tr_server_start_link(&pid, "counter", NULL, "{start, N}", 5);
 *
 *     TR_REPLY reply = {0};                                 freed when its block ends
 *     long n;
 *     if (tr_call(pid, 5000, &reply, "get") == 0 && tr_match(reply.term, "N", &n) == 0) …
 *
 * Everything that is sent has OTP's own shape: a call is {'$gen_call', {Pid, [alias | Ref]}, Request}, answered with
 * {[alias | Ref], Reply}; a cast is {'$gen_cast', Message}. So who speaks to gen_server can speak to a server of troupe.
 *
 * Numbers in parentheses are rules of SEMANTICS.md. Like everything of process.h, these functions are for the main
 * thread of an actor or a guest.
 */
#ifndef TROUPE_SERVER_H
#define TROUPE_SERVER_H

#include "troupe/process.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- steps: what a callback answers */

/* What the server does next. Made by the functions below, returned at once: the terms in it lie in memory of the server
 * and live until the next step is made. One that was kept longer is nonsense, and so is a zeroed one. */
struct tr_step {
    int kind; /* TR_STEP_… */
    bool has_reply;
    bool has_continue;
    bool has_timeout;
    uint32_t number; /* of the step whose terms it has; 0: it has none */
    int64_t timeout_ms;
};

enum tr_step_kind { TR_STEP_OK = 1, TR_STEP_IGNORE, TR_STEP_NOREPLY, TR_STEP_STOP };

TR_API struct tr_step tri_step_reply(struct tri_pattern **cache, const char *pattern,
                                     struct tr_holes holes);
TR_API struct tr_step tri_step_stop(struct tr_step step, struct tri_pattern **cache,
                                    const char *pattern, struct tr_holes holes);
TR_API struct tr_step tri_step_continue(struct tr_step step, struct tri_pattern **cache,
                                        const char *pattern, struct tr_holes holes);

static inline struct tr_step tri_step_of(enum tr_step_kind kind)
{
    struct tr_step step = {kind, false, false, false, 0, 0};
    return step;
}

/* For init: the server runs. */
static inline struct tr_step tr_ok(void) { return tri_step_of(TR_STEP_OK); }
/* For init: there is nothing to do; the actor ends normally, and who starts it is told TR_IGNORED. */
static inline struct tr_step tr_ignore(void) { return tri_step_of(TR_STEP_IGNORE); }
/* The server goes on; a caller, if there is one, is answered later with tr_reply. */
static inline struct tr_step tr_noreply(void) { return tri_step_of(TR_STEP_NOREPLY); }

/* For handle_call: the caller gets this reply, and the server goes on.     return tr_answer("{value, N}", n);   */
#define tr_answer(pattern, ...) tri_step_reply(TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* terminate runs, and the server ends with this reason.                    return tr_stop("{no_disk, D}", disk); */
#define tr_stop(pattern, ...)                                                                      \
    tri_step_stop(tr_noreply(), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* A step with something more:
 *     return tr_with_stop(tr_answer("done"), "normal");        the reply first, then the end (26)
 *     return tr_with_timeout(tr_noreply(), 5000);              unless a message comes within 5 s, handle_info gets the
 *                                                              atom timeout; any message cancels it (27); < 0: never
 *     return tr_with_continue(tr_ok(), "{load, P}", path);     handle_continue runs next, before every message (28)
 * A step has a timeout or a continuation, whichever was added last. */
#define tr_with_stop(step, pattern, ...)                                                           \
    tri_step_stop((step), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
#define tr_with_continue(step, pattern, ...)                                                       \
    tri_step_continue((step), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
static inline struct tr_step tr_with_timeout(struct tr_step step, int64_t timeout_ms)
{
    step.has_continue = false;
    step.has_timeout = timeout_ms >= 0;
    step.timeout_ms = timeout_ms;
    return step;
}

/* ---------------------------------------------------------------- who is to be answered */

enum { TR_FROM_BYTES = 636 };

/* A caller who waits for a reply. It may be copied, kept, sent to another actor as a term, and answered from there. */
struct tr_from {
    uint32_t size_bytes;
    uint8_t data[TR_FROM_BYTES]; /* the term {Pid, Tag} */
};

/* As a term, to send it on:       tr_send(worker, "{job, From, Job}", tr_from_term(from), job); */
TR_API tr_term tr_from_term(const struct tr_from *from);
/* And back. False when that term is nobody to be answered: not {Pid, Tag}, or longer than TR_FROM_BYTES. */
TR_API bool tr_from_get(tr_term term, struct tr_from *ret_from);
/* Who called; TR_NO_PID for a process of another node. */
TR_API tr_pid tr_from_pid(const struct tr_from *from);

/* Answers a call that handle_call did not, from any callback or any actor of the node. Harmless when the caller has gone
 * or waits no longer: the reply is dropped (25). Faults: as tr_send_term.
 * Like tr_send it waits for room, and so does a server for that of tr_answer. Who waits in tr_call takes its reply in; but
 * who asks for much (tr_send_request) and does not read, or is stopped, holds its server up when its share of what that
 * may have under way is used up, some 350 KB of replies or three of more than 64 KiB; no longer than it lives. A server of
 * clients that may do so answers with tr_noreply and tr_reply_nowait, whose outcome is TR_BUSY then. */
TR_API int tr_reply_term(const struct tr_from *from, tr_term reply);
TR_API int tri_answer_from(const struct tr_from *from, unsigned flags, struct tri_pattern **cache,
                           const char *pattern, struct tr_holes holes);
#define tr_reply(from, pattern, ...)                                                               \
    tri_answer_from((from), 0, TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))
#define tr_reply_nowait(from, pattern, ...)                                                        \
    tri_answer_from((from), TR_SEND_NOWAIT, TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* ---------------------------------------------------------------- callbacks */

/* The terms that a callback gets are valid until it returns. Only init must be there; a message for which there is no
 * callback ends the server with {undef, [{Entry, Callback, Arity, []}]}, but handle_info, without which messages are
 * logged and dropped. A step that makes no sense where it is returned ends it with {bad_return_value, Step} (29).
 * A callback fails by tr_exit: then terminate runs, and the server ends with that reason (30). */
struct tr_server_callbacks {
    /* Makes the state. Steps: tr_ok, tr_ignore, tr_stop; tr_ok may have a timeout or a continuation. Whoever starts the
     * server waits meanwhile. terminate does not run for a state that was never made. */
    struct tr_step (*init)(tr_term argument, void **ret_state);

    /* Steps: tr_answer, tr_noreply, tr_stop, with whatever added. */
    struct tr_step (*handle_call)(tr_term request, const struct tr_from *from, void *state);
    /* Steps of the following: tr_noreply and tr_stop. */
    struct tr_step (*handle_cast)(tr_term message, void *state);
    /* Every other message: DOWN, timers, EXIT when it traps exits (but the parent's), what was sent with tr_send, and
     * the atom timeout. */
    struct tr_step (*handle_info)(tr_term message, void *state);
    struct tr_step (*handle_continue)(tr_term argument, void *state);

    /* Runs when a callback stops or fails, and at EXIT from the parent while trapping exits; not when the process is
     * killed, nor at an exit signal while it does not trap exits (30). The node's own EXIT, when it stops, counts as the
     * parent's. */
    void (*terminate)(tr_term reason, void *state);

    /* Appends the state as a term, for tr_sys_get_state, reports and traces. NULL: it is shown as undefined. */
    void (*put_state)(struct tr_out *out, const void *state);
    /* Takes over a state that somebody made (tr_sys_replace_state). 0, or an outcome and the state is as before. */
    int (*set_state)(tr_term state_term, void **state);
    /* Appends what tr_sys_get_status shows in place of the state. NULL: the state. */
    void (*format_status)(struct tr_out *out, const void *state);
    /* While suspended: converts the state of an older version. 0, or an outcome: nothing has changed. */
    int (*code_change)(tr_term old_version, tr_term extra, void **state);
};

TR_API TR_NORETURN void
tri_server_run(const char *entry, const struct tr_server_callbacks *callbacks, tr_term argument);

/* Defines a server of this binary: an entry as TR_ACTOR defines one. It can be spawned too; then nobody waits for init. */
#define TR_SERVER(server, callbacks)                                                               \
    TRI_ENTRY(#server, tr_actor_##server, tri_entry_##server, tri_entry_at_##server,               \
              TR_KIND_SERVER)                                                                      \
    {                                                                                              \
        tri_server_run(#server, (callbacks), argument);                                            \
    }

/* ---------------------------------------------------------------- replies */

struct tr_message;

/* What a call brought. Zeroed, it is empty; whoever fills it frees first what it held. */
struct tr_reply {
    /* 0: the reply; else why there is none: noproc, timeout, calling_self, or the reason with which the server ended */
    tr_term term;
    struct tr_message *message;
    struct tr_out room;
};
TR_API void tr_reply_deinit(struct tr_reply *reply);

/* Declares a reply that is freed when its block ends:   TR_REPLY reply = {0}; */
#define TR_REPLY __attribute__((cleanup(tr_reply_deinit))) struct tr_reply

/* ---------------------------------------------------------------- start and stop */

struct tr_start_options {
    const char *name;            /* registered before init runs; NULL for none            */
    int64_t timeout_ms;          /* for init; 0 and less: as long as it takes             */
    tr_pid replaces;             /* as in struct tr_spawn_options                         */
    struct tr_reply *ret_reason; /* gets the reason when it is not 0; NULL: not of interest */
    uint64_t mailbox_max_messages, mailbox_max_bytes; /* as in struct tr_spawn_options */
    unsigned mailbox_policy;
    const char *directory; /* as there, and so is what follows */
    const char *const *environment;
    const char *user;
    const struct tr_resource_limits *limits;
    unsigned sandbox;
    const char *const *readable, *const *writable;
    bool is_strict;
    int64_t hang_ms;
    bool keeps_stderr;
};

/* Starts a server and waits until its init has returned, or it has died (32).
 *   entry     as in tr_spawn_term
 *   flags     TR_SPAWN_LINK, TR_SPAWN_MONITOR: for as long as it runs
 *   options   NULL for none
 *   ret_pid   also written with TR_TAKEN
 * Outcomes: 0; TR_IGNORED; TR_DOWN: init failed, and the reason is told; TR_TAKEN: somebody has that name, *ret_pid, and
 * the reason is {already_started, Pid}; TR_TIMEOUT: it was killed; and those of tr_spawn_term. After a failure the
 * name is free, and no EXIT or DOWN is left behind (33); but who is linked and does not trap exits dies with the reason of
 * a failed init (34). */
TR_API int tr_server_start_term(const char *entry, unsigned flags,
                                const struct tr_start_options *options, tr_term argument,
                                tr_pid *ret_pid, tr_ref *ret_monitor);
TR_API int tri_server_start(const char *entry, unsigned flags,
                            const struct tr_start_options *options, tr_pid *ret_pid,
                            tr_ref *ret_monitor, struct tri_pattern **cache, const char *pattern,
                            struct tr_holes holes);
#define tr_server_start(ret_pid, entry, options, pattern, ...)                                     \
    tri_server_start((entry), 0, (options), (ret_pid), NULL, TRI_CACHE(), "" pattern,              \
                     TRI_HOLES(__VA_ARGS__))
#define tr_server_start_link(ret_pid, entry, options, pattern, ...)                                \
    tri_server_start((entry), TR_SPAWN_LINK, (options), (ret_pid), NULL, TRI_CACHE(), "" pattern,  \
                     TRI_HOLES(__VA_ARGS__))
#define tr_server_start_monitor(ret_pid, ret_ref, entry, options, pattern, ...)                    \
    tri_server_start((entry), TR_SPAWN_MONITOR, (options), (ret_pid), (ret_ref), TRI_CACHE(),      \
                     "" pattern, TRI_HOLES(__VA_ARGS__))

/* Asks a server to end with a reason and waits for its end, terminate included (31).
 *   ret_reason   NULL, or gets the reason when there is another
 *     tr_server_stop("counter", 5000, NULL, "normal")
 * Outcomes: 0; TR_NOPROC; TR_TIMEOUT: it goes on terminating; TR_DOWN: it ended with another reason; TR_CALLING_SELF. */
TR_API int tri_server_stop(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reason,
                           struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define tr_server_stop(to, timeout_ms, ret_reason, pattern, ...)                                   \
    tri_server_stop(TRI_TO(to), (timeout_ms), (ret_reason), TRI_CACHE(), "" pattern,               \
                    TRI_HOLES(__VA_ARGS__))

/* ---------------------------------------------------------------- calls and casts */

enum { TR_CALL_TIMEOUT_MS = 5000 }; /* OTP's default */

/* Asks a server and waits for its reply.
 *   to           a pid or a registered name
 *   timeout_ms   negative waits for ever
 *   ret_reply    NULL when the reply is not of interest; else always written, so that term tells why
 * Outcomes: 0; TR_NOPROC: dead, or nobody has that name; TR_TIMEOUT: the server works on, and its late reply is dropped
 * (25); TR_DOWN: it ended without a reply, and term is its reason, normal too (23); TR_CALLING_SELF. A guest whose node is
 * gone: -ENOTCONN. Other faults: as tr_send_term. */
TR_API int tr_call_term(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                        tr_term request);
TR_API int tri_call(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                    struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define tr_call(to, timeout_ms, ret_reply, pattern, ...)                                           \
    tri_call(TRI_TO(to), (timeout_ms), (ret_reply), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* The same as OTP does it: returns only with a reply; otherwise this actor ends with
 * {Why, {gen_server, call, [Server, Request, Timeout]}} (23). */
TR_API void tri_call_or_exit(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                             struct tri_pattern **cache, const char *pattern,
                             struct tr_holes holes);
#define tr_call_or_exit(to, timeout_ms, ret_reply, pattern, ...)                                   \
    tri_call_or_exit(TRI_TO(to), (timeout_ms), (ret_reply), TRI_CACHE(), "" pattern,               \
                     TRI_HOLES(__VA_ARGS__))

/* Tells a server something. Silent when there is nobody (3). Faults: as tr_send_term. */
TR_API int tr_cast_term(struct tr_to to, tr_term message);
TR_API int tri_cast(struct tr_to to, struct tri_pattern **cache, const char *pattern,
                    struct tr_holes holes);
#define tr_cast(to, pattern, ...)                                                                  \
    tri_cast(TRI_TO(to), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* ---------------------------------------------------------------- several servers at once */

/* A call under way. A zeroed one is none; one that has been answered becomes none. */
struct tr_request {
    tr_ref ref;
};

/* Asks without waiting for the answer; for room to ask it waits as tr_send does. That somebody is dead or unknown is told by
 * the response. Asks nothing of the node, but tells it to watch. Outcomes: TR_BAD_NAME. Faults: as tr_send_term. */
TR_API int tri_send_request(struct tr_to to, struct tr_request *ret_request,
                            struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define tr_send_request(to, ret_request, pattern, ...)                                             \
    tri_send_request(TRI_TO(to), (ret_request), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* Waits for the first response to any of count requests; those that are none are passed over.
 *   ret_which   whose response it is; written with 0, TR_DOWN and TR_NOPROC; may be NULL
 * Outcomes: 0; TR_DOWN, TR_NOPROC: that server ended, or was not there, and ret_reply->term is the reason; TR_TIMEOUT: all
 * go on; TR_FIRED: there is no request. */
TR_API int tr_wait_responses(struct tr_request *requests, size_t count, int64_t timeout_ms,
                             size_t *ret_which, struct tr_reply *ret_reply);

static inline int tr_wait_response(struct tr_request *request, int64_t timeout_ms,
                                   struct tr_reply *ret_reply)
{
    return tr_wait_responses(request, 1, timeout_ms, NULL, ret_reply);
}

/* Gives a request up: its response, if it still comes, is dropped. */
TR_API void tr_abandon_request(struct tr_request *request);

/* As tr_wait_response, but TR_TIMEOUT gives the request up. */
TR_API int tr_receive_response(struct tr_request *request, int64_t timeout_ms,
                               struct tr_reply *ret_reply);

/* Is this message, which the caller has received, the response? ret_reply->term is then a part of it, and lives as long.
 * Outcomes: 0, TR_DOWN, TR_NOPROC; TR_NO_MATCH: it is something else. */
TR_API int tr_check_response(tr_term message, struct tr_request *request,
                             struct tr_reply *ret_reply);

#ifdef __cplusplus
}
#endif
#endif
