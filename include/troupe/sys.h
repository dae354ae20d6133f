/* System messages: looking into a running server, suspending it, replacing its state, OTP's sys.
 *
 * Every behaviour answers them, whatever its callbacks do, between two messages: {system, {Pid, Tag}, Request}. A
 * suspended one answers nothing else until it is resumed; what comes meanwhile waits in its mailbox.
 *
 * All of these ask the process and wait for its answer, as tr_call does (server.h): to is a pid or a registered name, a
 * negative timeout waits for ever, the outcomes are those of tr_call, and TR_REFUSED when the process answers
 * {error, Reason}: the reason is then in the reply. A state that looks like that is taken for one, as OTP does.
 */
#ifndef TROUPE_SYS_H
#define TROUPE_SYS_H

#include "troupe/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Any request, as a term; ret_reply->term is the answer as it came. */
TR_API int tri_sys_ask(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                       struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define tr_sys_ask(to, timeout_ms, ret_reply, pattern, ...)                                        \
    tri_sys_ask(TRI_TO(to), (timeout_ms), (ret_reply), TRI_CACHE(), "" pattern,                    \
                TRI_HOLES(__VA_ARGS__))

/* The same; {error, Reason} is TR_REFUSED. */
TR_API int tri_sys_get(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                       struct tri_pattern **cache, const char *pattern, struct tr_holes holes);
#define TRI_SYS_GET(to, timeout_ms, ret_reply, pattern, ...)                                       \
    tri_sys_get(TRI_TO(to), (timeout_ms), (ret_reply), TRI_CACHE(), pattern, TRI_HOLES(__VA_ARGS__))

/* The same without waiting: several may be asked at once, and their answers are waited for as those of tr_send_request
 * (server.h): tr_wait_responses, whose reply is the answer as it came. */
TR_API int tri_sys_send_request(struct tr_to to, struct tr_request *ret_request,
                                struct tri_pattern **cache, const char *pattern,
                                struct tr_holes holes);
#define tr_sys_send_request(to, ret_request, pattern, ...)                                         \
    tri_sys_send_request(TRI_TO(to), (ret_request), TRI_CACHE(), "" pattern, TRI_HOLES(__VA_ARGS__))

/* The state, as the server's put_state shows it. */
#define tr_sys_get_state(to, timeout_ms, ret_reply)                                                \
    TRI_SYS_GET(to, timeout_ms, ret_reply, "get_state")
/* {status, Pid, {module, Entry}, [Dictionary, running or suspended, Parent, Debug, Description]}, as OTP's. */
#define tr_sys_get_status(to, timeout_ms, ret_reply)                                               \
    TRI_SYS_GET(to, timeout_ms, ret_reply, "get_status")
/* Gives it another state, through its set_state; the reply is the state that it has then. OTP sends a function here;
 * processes that share no code send the new state itself. */
#define tr_sys_replace_state(to, timeout_ms, ret_reply, pattern, ...)                              \
    TRI_SYS_GET(to, timeout_ms, ret_reply, "{replace_state, " pattern "}", ##__VA_ARGS__)

#define tr_sys_suspend(to, timeout_ms) TRI_SYS_GET(to, timeout_ms, NULL, "suspend")
#define tr_sys_resume(to, timeout_ms) TRI_SYS_GET(to, timeout_ms, NULL, "resume")

/* Converts the state of a suspended server with its code_change. A supervisor calls its function again: specs and flags are
 * those of the new tree, children that it adds are not started, and those that it does not name stay. */
#define tr_sys_change_code(to, timeout_ms, ret_reply, old_version, extra)                          \
    TRI_SYS_GET(to, timeout_ms, ret_reply, "{change_code, undefined, OldVersion, Extra}",          \
                (old_version), (extra))

/* Counting starts, ends, or is told: {ok, [{start_time, {{Y, M, D}, {H, Min, S}}}, {current_time, …}, {reductions, 0},
 * {messages_in, N}, {messages_out, N}]}, or {ok, no_statistics}. */
#define tr_sys_statistics_on(to, timeout_ms)                                                       \
    TRI_SYS_GET(to, timeout_ms, NULL, "{debug, {statistics, true}}")
#define tr_sys_statistics_off(to, timeout_ms)                                                      \
    TRI_SYS_GET(to, timeout_ms, NULL, "{debug, {statistics, false}}")
#define tr_sys_statistics(to, timeout_ms, ret_reply)                                               \
    TRI_SYS_GET(to, timeout_ms, ret_reply, "{debug, {statistics, get}}")

/* What it gets and sends is printed on its standard error, a line each. */
#define tr_sys_trace_on(to, timeout_ms) TRI_SYS_GET(to, timeout_ms, NULL, "{debug, {trace, true}}")
#define tr_sys_trace_off(to, timeout_ms)                                                           \
    TRI_SYS_GET(to, timeout_ms, NULL, "{debug, {trace, false}}")

/* Asks it to end with a reason; returns when it has agreed. tr_server_stop waits for its end. */
#define tr_sys_terminate(to, timeout_ms, pattern, ...)                                             \
    TRI_SYS_GET(to, timeout_ms, NULL, "{terminate, " pattern "}", ##__VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
