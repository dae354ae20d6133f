/* Agents, by the rules of SEMANTICS.md for servers and by what Elixir's Agent answers. Each case is a root actor. */
#include <signal.h>

#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- an agent that holds a number */

TR_AGENT(number)
{
    tr_term reason;
    if (tr_match(argument, "{exit, Reason}", &reason) == 0)
        tr_exit_term(reason);
    if (tr_match(argument, "nothing") != 0)
        tr_put_term(state, argument);
}

static long integer(tr_term term)
{
    long n;
    CHECK(tr_match(term, "N", &n) == 0);
    return n;
}

TR_AGENT_FUNCTION(value) { tr_put_term(result, state); }

TR_AGENT_FUNCTION(add) { tr_put_integer(result, integer(state) + integer(argument)); }

/* {Old, New} */
TR_AGENT_FUNCTION(take) { tr_put(result, "{Old, New}", state, integer(state) - integer(argument)); }

/* Puts its argument, as it is told: once, twice, or not at all. */
TR_AGENT_FUNCTION(put)
{
    tr_term term;
    if (tr_match(argument, "{once, T}", &term) == 0 || tr_match(argument, "{twice, T}", &term) == 0)
        tr_put_term(result, term);
    if (tr_match(argument, "{twice, T}", &term) == 0)
        tr_put_term(result, term);
}

TR_AGENT_FUNCTION(leave)
{
    (void)result;
    tr_exit_term(argument);
}

TR_AGENT_FUNCTION(crash)
{
    (void)result;
    kill(getpid(), SIGKILL);
}

static tr_pid agent_new(const char *argument)
{
    tr_pid pid;
    struct tr_out out = {0};
    CHECK(tr_parse(argument, &out, NULL, NULL) == 0);
    CHECK(tr_server_start_term("number", 0, NULL, tr_out_term(&out), &pid, NULL) == 0);
    tr_out_deinit(&out);
    return pid;
}

#define EXPECT_VALUE(agent, n)                                                                     \
    do {                                                                                           \
        TR_REPLY value_reply = {0};                                                                \
        CHECK(tr_agent_get((agent), LONG_MS, &value_reply, "value", "[]") == 0);                   \
        CHECK(tr_match(value_reply.term, "N", (n)) == 0);                                          \
    } while (0)

/* ---------------------------------------------------------------- functions */

/* Elixir: :ok, 6, :ok, 13 */
TR_ACTOR(functions_see_and_change_the_state)
{
    TR_REPLY reply = {0};
    tr_pid agent = agent_new("5");
    CHECK(tr_agent_update(agent, LONG_MS, "add", "1") == 0);
    CHECK(tr_agent_get_and_update(agent, LONG_MS, &reply, "take", "N", 2) == 0);
    CHECK(tr_match(reply.term, "6") == 0);
    CHECK(tr_agent_cast(agent, "add", "9") == 0);
    EXPECT_VALUE(agent, 13);
    EXPECT_VALUE(agent, 13);
    EXPECT_NOTHING();
}

TR_ACTOR(adder)
{
    for (int i = 0; i < 100; i++)
        CHECK(tr_agent_update("number", LONG_MS, "add", "1") == 0);
}

TR_ACTOR(functions_of_many_clients_run_one_after_the_other)
{
    struct tr_start_options named = {.name = "number"};
    tr_ref refs[4];
    tr_pid agent;
    CHECK(tr_server_start_link(&agent, "number", &named, "0") == 0);
    for (int i = 0; i < 4; i++)
        CHECK(tr_spawn_monitor(NULL, &refs[i], "adder", "[]") == 0);
    for (int i = 0; i < 4; i++)
        EXPECT("{'DOWN', Ref, process, _, normal}", refs[i]);
    EXPECT_VALUE("number", 400);
}

TR_ACTOR(a_state_may_be_any_term_of_any_size)
{
    TR_REPLY reply = {0};
    static char body[200000];
    tr_bin got;
    tr_pid agent = agent_new("#{list => [1,{a,<<\"b\">>}|tail]}");
    CHECK(tr_agent_get(agent, LONG_MS, &reply, "value", "[]") == 0);
    CHECK(tr_match(reply.term, "#{list => [1, {a, \"b\"} | tail]}") == 0);
    CHECK(tr_agent_update(agent, LONG_MS, "put", "{once, B}", ((tr_bin){body, sizeof body})) == 0);
    CHECK(tr_agent_get(agent, LONG_MS, &reply, "value", "[]") == 0);
    CHECK(tr_get_binary(reply.term, &got) && got.size_bytes == sizeof body);
}

/* ---------------------------------------------------------------- failures */

/* The agent ends with this reason, of which the caller is told. */
#define EXPECT_END(call, ...)                                                                      \
    do {                                                                                           \
        TR_REPLY end_reply = {0};                                                                  \
        tr_pid agent = agent_new("5");                                                             \
        tr_ref end_ref = watch(agent);                                                             \
        CHECK(call == TR_DOWN);                                                                    \
        CHECK(tr_match(end_reply.term, __VA_ARGS__) == 0);                                         \
        EXPECT("{'DOWN', Ref, process, _, _}", end_ref);                                           \
    } while (0)

/* SEMANTICS 23: the caller is told the reason. Elixir: {:undef, [{Foo, :bar, [5, 1], []} | _]} */
TR_ACTOR(a_function_that_is_not_there_ends_the_agent)
{
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "nonexistent", "[]"),
               "{undef, [{number, nonexistent, 2, []}]}");
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "main", "[]"),
               "{undef, [{number, main, 2, []}]}");
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "number", "[]"),
               "{undef, [{number, number, 2, []}]}");
}

/* SEMANTICS 23 */
TR_ACTOR(a_function_that_fails_ends_the_agent)
{
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "leave", "{boom, 1}"), "{boom, 1}");
}

/* SEMANTICS 8, 23: at once, with the signal. */
TR_ACTOR(an_agent_that_is_killed_in_a_call_gives_the_signal)
{
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "crash", "[]"), "{signal, sigkill, _}");
}

/* SEMANTICS 29. Elixir: {:bad_return_value, :foo} */
TR_ACTOR(a_function_that_returns_nonsense_ends_the_agent)
{
    EXPECT_END(tr_agent_get_and_update(agent, LONG_MS, &end_reply, "put", "{once, foo}"),
               "{bad_return_value, foo}");
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "put", "nothing"),
               "{bad_return_value, undefined}");
    EXPECT_END(tr_agent_get(agent, LONG_MS, &end_reply, "put", "{twice, 1}"),
               "{bad_return_value, undefined}");
}

/* Elixir: {:function_clause, [{Agent.Server, :handle_call, [:what, …], _} | _]} */
TR_ACTOR(a_call_that_is_none_of_an_agents_ends_it)
{
    EXPECT_END(tr_call(agent, LONG_MS, &end_reply, "what"),
               "{function_clause, [{number, handle_call, [what], []}]}");
    tr_pid agent = agent_new("5");
    tr_ref ref = watch(agent);
    tr_cast(agent, "what");
    EXPECT("{'DOWN', Ref, process, _, {function_clause, [{number, handle_cast, [what], []}]}}",
           ref);
}

TR_ACTOR(other_messages_are_dropped)
{
    tr_pid agent = agent_new("5");
    tr_send(agent, "hello");
    EXPECT_VALUE(agent, 5);
}

/* SEMANTICS 23: noproc; 3: a cast is silent */
TR_ACTOR(nobody_is_no_agent)
{
    CHECK(tr_agent_update("nobody", LONG_MS, "add", "1") == TR_NOPROC);
    CHECK(tr_agent_cast("nobody", "add", "1") == 0);
}

/* ---------------------------------------------------------------- what servers can do */

/* SEMANTICS 32, 33 */
TR_ACTOR(a_start_fails_as_that_of_a_server)
{
    TR_REPLY reason = {0};
    struct tr_start_options options = {.name = "number", .ret_reason = &reason};
    tr_pid pid;
    tr_trap_exit(true);
    CHECK(tr_server_start_link(&pid, "number", &options, "{exit, {no, 1}}") == TR_DOWN);
    CHECK(tr_match(reason.term, "{no, 1}") == 0);
    CHECK(tr_server_start_link(&pid, "number", &options, "nothing") == TR_DOWN);
    CHECK(tr_match(reason.term, "{bad_return_value, undefined}") == 0);
    CHECK(tr_server_start_link(&pid, "number", &options, "1") == 0);
    CHECK(tr_server_start_link(&pid, "number", &options, "1") == TR_TAKEN);
    CHECK(tr_server_stop("number", LONG_MS, NULL, "normal") == 0);
    EXPECT_NEXT("{'EXIT', Pid, normal}", pid);
    EXPECT_NOTHING();
}

TR_ACTOR(the_state_can_be_seen_and_replaced)
{
    TR_REPLY reply = {0};
    tr_pid agent = agent_new("5");
    CHECK(tr_sys_get_state(agent, LONG_MS, &reply) == 0 && tr_match(reply.term, "5") == 0);
    CHECK(tr_sys_replace_state(agent, LONG_MS, &reply, "7") == 0);
    EXPECT_VALUE(agent, 7);
}

/* SEMANTICS 24: what is sent is a call. */
TR_ACTOR(an_agent_is_asked_without_waiting)
{
    TR_REPLY reply = {0};
    struct tr_request request;
    CHECK(tr_send_request(agent_new("5"), &request, "{get, {value, []}}") == 0);
    CHECK(tr_wait_response(&request, LONG_MS, &reply) == 0 && tr_match(reply.term, "5") == 0);
}

TR_ACTOR(a_function_is_no_actor)
{
    CHECK(tr_spawn(NULL, "value", "[]") == TR_NO_ENTRY);
    CHECK(tr_spawn(NULL, "&value", "[]") == TR_NO_ENTRY);
}
