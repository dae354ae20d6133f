/* Agents: a state in a process of its own, and functions that are applied to it there, Elixir's Agent.
 *
 *     #include <troupe.h>
 *
 *     TR_AGENT(counter)                     makes the first state, a term, from the term that it is started with
 *     {
 *         tr_put_term(state, argument);
 *     }
 *
 *     TR_AGENT_FUNCTION(add)                sees `state` and `argument`; puts one term into `result`
 *     {
 *         long n = 0, more = 0;
 *         tr_get_integer(state, &n);
 *         tr_get_integer(argument, &more);
 *         tr_put(result, "N", n + more);
 *     }
 *
 *     TR_AGENT_FUNCTION(value) { tr_put_term(result, state); }
 *
 * An agent is a server (server.h): it is started, named, supervised and stopped as one, and clients say
 *
 *     tr_server_start_link(&pid, "counter", NULL, "5");
 *     tr_agent_update(pid, 5000, "add", "N", 3);
 *     tr_agent_get(pid, 5000, &reply, "value", "[]");
 *
 * Functions run in the agent, one after the other, whoever asked. They are found by name among those of the agent's own
 * binary. One that fails by tr_exit or natively ends the agent, and its callers are told the reason (23); one that is not
 * there ends it with {undef, [{Agent, Function, 2, []}]}; one that does not put exactly one term with
 * {bad_return_value, …}, a call or cast of another shape with
 * {function_clause, …}. All of tr_call's outcomes are those of agents' calls; tr_sys_get_state and its kin see the state.
 *
 * What is sent are calls and casts, {get, {Function, Argument}}, {update, …}, {get_and_update, …} and {cast, …}, so that
 * tr_send_request, tr_call_or_exit and the like do with agents what they do with servers.
 */
#ifndef TROUPE_AGENT_H
#define TROUPE_AGENT_H

#include "troupe/server.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- what an agent is and does */

typedef void tr_agent_init_fn(tr_term argument, struct tr_out *state);
typedef void tr_agent_fn(tr_term state, tr_term argument, struct tr_out *result);

TR_API TR_NORETURN void tri_agent_run(const char *entry, tr_agent_init_fn *init, tr_term argument);
TR_API void tri_agent_apply(tr_agent_fn *function, tr_term argument);

/* Defines an agent of this binary: an entry as TR_ACTOR defines one. What follows makes its state; tr_exit there is a
 * failed start (32). */
#define TR_AGENT(agent)                                                                            \
    static void tr_agent_##agent(tr_term argument, struct tr_out *state);                          \
    TRI_ENTRY(#agent, tr_actor_##agent, tri_entry_##agent, tri_entry_at_##agent, TR_KIND_SERVER)   \
    {                                                                                              \
        tri_agent_run(#agent, tr_agent_##agent, argument);                                         \
    }                                                                                              \
    static void tr_agent_##agent(__attribute__((unused)) tr_term argument, struct tr_out *state)

/* Defines a function for all agents of this binary. What its result is, is told by how it is asked for: a reply, the new
 * state, or {Reply, NewState}. */
#define TR_AGENT_FUNCTION(function)                                                                \
    static void tr_agent_function_##function(tr_term state, tr_term argument,                      \
                                             struct tr_out *result);                               \
    static void tri_agent_function_##function(tr_term argument)                                    \
    {                                                                                              \
        tri_agent_apply(tr_agent_function_##function, argument);                                   \
    }                                                                                              \
    TRI_LIST_ENTRY("&" #function, tri_agent_function_##function, tri_entry_function_##function,    \
                   tri_entry_at_function_##function, TR_KIND_ACTOR)                                \
    static void tr_agent_function_##function(__attribute__((unused)) tr_term state,                \
                                             __attribute__((unused)) tr_term argument,             \
                                             struct tr_out *result)

/* ---------------------------------------------------------------- what clients say */

/* In all of these `to` is a pid or a name, `function` a string literal, and the pattern with its holes the argument.
 * Outcomes and faults: those of tr_call and tr_cast. */

/* The reply is the function's result. */
#define tr_agent_get(to, timeout_ms, ret_reply, function, pattern, ...)                            \
    tr_call((to), (timeout_ms), (ret_reply), "{get, {'" function "', " pattern "}}", ##__VA_ARGS__)

/* The new state is the function's result. Returns when it has been made. */
#define tr_agent_update(to, timeout_ms, function, pattern, ...)                                    \
    tr_call((to), (timeout_ms), NULL, "{update, {'" function "', " pattern "}}", ##__VA_ARGS__)

/* The function's result is {Reply, NewState}. */
#define tr_agent_get_and_update(to, timeout_ms, ret_reply, function, pattern, ...)                 \
    tr_call((to), (timeout_ms), (ret_reply), "{get_and_update, {'" function "', " pattern "}}",    \
            ##__VA_ARGS__)

/* As tr_agent_update, without waiting. Silent when there is no agent (3). */
#define tr_agent_cast(to, function, pattern, ...)                                                  \
    tr_cast((to), "{cast, {'" function "', " pattern "}}", ##__VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
