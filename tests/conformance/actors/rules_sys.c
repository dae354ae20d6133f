/* System messages: every behaviour answers them as a server does. Each case is a root actor: it starts one, has it do
 * something before, while and after it is suspended, and asks everything of it that sys.h knows.
 */
#include "conformance/clerk.h"
#include "conformance/supervision.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* Has it do something that it answers. 0, or TR_TIMEOUT. */
typedef int ask_fn(tr_pid pid, int64_t timeout_ms);

/* ---------------------------------------------------------------- what is asked of all */

static void expect_status(tr_pid pid, const char *state, bool traced)
{
    TR_REPLY reply = {0};
    tr_term debug;
    CHECK(tr_sys_get_status(pid, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{status, Pid, {module, _}, [[], State, _, Debug, [_ | _]]}", pid,
                   atom(state), &debug) == 0);
    CHECK((traced ? tr_match(debug, "[{trace, true}]") : tr_match(debug, "[]")) == 0);
}

static void expect_no_statistics(tr_pid pid)
{
    TR_REPLY reply = {0};
    CHECK(tr_sys_statistics(pid, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{ok, no_statistics}") == 0);
}

static void is_suspended_and_resumed(tr_pid pid, ask_fn *ask)
{
    CHECK(ask(pid, LONG_MS) == 0);
    CHECK(tr_sys_suspend(pid, LONG_MS) == 0);
    CHECK(ask(pid, 50) == TR_TIMEOUT);
    expect_status(pid, "suspended", false);
    CHECK(tr_sys_get_state(pid, LONG_MS, NULL) == 0);
    CHECK(tr_sys_resume(pid, LONG_MS) == 0);
    expect_status(pid, "running", false);
    CHECK(ask(pid, LONG_MS) == 0);
}

static void is_counted(tr_pid pid, ask_fn *ask)
{
    TR_REPLY reply = {0};
    long before, after;
    expect_no_statistics(pid);
    CHECK(tr_sys_statistics_on(pid, LONG_MS) == 0);
    CHECK(tr_sys_statistics(pid, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{ok, [_, _, _, {messages_in, N}, {messages_out, _}]}", &before) ==
          0);
    CHECK(ask(pid, LONG_MS) == 0);
    CHECK(tr_sys_statistics(pid, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{ok, [_, _, _, {messages_in, N}, {messages_out, _}]}", &after) ==
          0);
    CHECK(after > before);
    CHECK(tr_sys_statistics_off(pid, LONG_MS) == 0);
    expect_no_statistics(pid);
}

/* What it prints meanwhile, and that it prints nothing afterwards, is looked at by the test that runs the case. */
static void is_traced(tr_pid pid, ask_fn *ask)
{
    CHECK(tr_sys_trace_on(pid, LONG_MS) == 0);
    expect_status(pid, "running", true);
    CHECK(ask(pid, LONG_MS) == 0);
    CHECK(tr_sys_trace_off(pid, LONG_MS) == 0);
    expect_status(pid, "running", false);
    fputs("the trace is off\n", stderr);
    CHECK(ask(pid, LONG_MS) == 0);
}

/* A state that only shows what there is cannot be replaced, and stays; that is said. */
static void keeps_its_state(tr_pid pid)
{
    TR_REPLY reply = {0};
    CHECK(tr_sys_replace_state(pid, LONG_MS, &reply, "nonsense") == TR_REFUSED);
    CHECK(tr_match(reply.term, "{callback_failed, set_state, _}") == 0);
    CHECK(tr_sys_get_state(pid, LONG_MS, &reply) == 0);
    CHECK(!tr_is_atom(reply.term, "nonsense"));
}

static void takes_another_state(tr_pid pid)
{
    TR_REPLY reply = {0};
    CHECK(tr_sys_replace_state(pid, LONG_MS, &reply, "{other, 1}") == 0);
    CHECK(tr_match(reply.term, "{other, 1}") == 0);
    CHECK(tr_sys_get_state(pid, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{other, 1}") == 0);
}

static void ends_when_told_to(tr_pid pid)
{
    tr_trap_exit(true);
    tr_ref ref = watch(pid);
    CHECK(tr_sys_terminate(pid, LONG_MS, "{enough, 1}") == 0);
    EXPECT("{'DOWN', Ref, process, _, {enough, 1}}", ref);
}

static void answers_all(tr_pid pid, ask_fn *ask, void state_is(tr_pid pid))
{
    is_suspended_and_resumed(pid, ask);
    is_counted(pid, ask);
    is_traced(pid, ask);
    state_is(pid);
    ends_when_told_to(pid);
}

/* ---------------------------------------------------------------- the behaviours */

static int ask_clerk(tr_pid pid, int64_t timeout_ms)
{
    return tr_call(pid, timeout_ms, NULL, "{reply, here}");
}

TR_ACTOR(a_server_answers_system_messages)
{
    answers_all(clerk_new("ok"), ask_clerk, takes_another_state);
}

static int ask_supervisor(tr_pid pid, int64_t timeout_ms)
{
    return tr_call(pid, timeout_ms, NULL, "count_children");
}

TR_ACTOR(a_supervisor_with_an_order_answers_system_messages)
{
    tr_pid sup = SUP("#{strategy => rest_for_one}", "[" SPEC(a) ", " SPEC(b) "]");
    answers_all(sup, ask_supervisor, keeps_its_state);
    CHECK(tr_pid_is_none(tr_whereis("a")) && tr_pid_is_none(tr_whereis("b")));
}

TR_ACTOR(a_supervisor_without_an_order_answers_system_messages)
{
    const struct tr_child child = {.id = "a", .entry = "infant"};
    tr_pid sup = SUP("#{strategy => dynamic}", "[]");
    CHECK(tr_supervisor_start_child(sup, &child, NULL, NULL, "a") == 0);
    answers_all(sup, ask_supervisor, keeps_its_state);
    CHECK(tr_pid_is_none(tr_whereis("a")));
}

TR_AGENT(number) { tr_put_term(state, argument); }

TR_AGENT_FUNCTION(value) { tr_put_term(result, state); }

static int ask_agent(tr_pid pid, int64_t timeout_ms)
{
    TR_REPLY reply = {0};
    return tr_agent_get(pid, timeout_ms, &reply, "value", "[]");
}

TR_ACTOR(an_agent_answers_system_messages)
{
    tr_pid agent;
    CHECK(tr_server_start(&agent, "number", NULL, "5") == 0);
    answers_all(agent, ask_agent, takes_another_state);
}

TR_REGISTRY(phones, TR_KEYS_UNIQUE)

static int ask_registry(tr_pid pid, int64_t timeout_ms)
{
    return tr_call(pid, timeout_ms, NULL, "{lookup, key}");
}

TR_ACTOR(a_registry_answers_system_messages)
{
    tr_pid registry;
    CHECK(tr_server_start(&registry, "phones", NULL, "[]") == 0);
    answers_all(registry, ask_registry, keeps_its_state);
}

TR_WORKER(hand)
{
    (void)job;
    tr_put_pid(result, tr_self());
}

static tr_pid pool;

static tr_pid pool_new(void)
{
    const struct tr_child worker = {.entry = "hand"};
    const struct tr_pool_options options = {.worker = &worker, .size = 1, .spares = -1};
    CHECK(tr_pool_start(&options, 0, NULL, &pool, NULL) == 0);
    return pool;
}

static int ask_pool(tr_pid pid, int64_t timeout_ms)
{
    return tr_pool_run(pid, timeout_ms, NULL, NULL, "job");
}

TR_ACTOR(a_pool_answers_system_messages) { answers_all(pool_new(), ask_pool, keeps_its_state); }

/* It is asked through its pool. A job that takes too long is not cancelled, which would kill the worker: it is done later. */
static int ask_worker(tr_pid pid, int64_t timeout_ms)
{
    struct tr_request request;
    (void)pid;
    CHECK(tr_pool_submit(pool, &request, NULL, "job") == 0);
    return tr_wait_response(&request, timeout_ms, NULL);
}

TR_ACTOR(a_worker_answers_system_messages)
{
    TR_REPLY reply = {0};
    tr_pid worker;
    CHECK(tr_pool_run(pool_new(), LONG_MS, NULL, &reply, "job") == 0);
    CHECK(tr_match(reply.term, "{ok, Worker, _}", &worker) == 0);
    answers_all(worker, ask_worker, keeps_its_state);
}

/* It answers by repeating what it is told, also what it was told while nobody waited for that any more. */
static int ask_cat(tr_pid pid, int64_t timeout_ms)
{
    static long asked;
    char text[32];
    bool has_answered = false;
    tr_bin line;
    snprintf(text, sizeof text, "%ld\n", ++asked);
    CHECK(tr_send(pid, "{Self, {command, Text}}", tr_self(), (const char *)text) == 0);
    while (!has_answered) {
        tr_receive {
            tr_case("{Pid, {data, {eol, Line}}}", pid, &line) {
                has_answered =
                    memcmp(line.data, text, line.size_bytes) == 0 && text[line.size_bytes] == '\n';
            }
            tr_after(timeout_ms)
                return TR_TIMEOUT;
        }
    }
    return 0;
}

TR_ACTOR(a_program_answers_system_messages)
{
    const struct tr_program repeats = {.path = "cat", .framing = TR_FRAMING_LINE};
    tr_pid cat;
    CHECK(tr_program_start(&repeats, 0, NULL, &cat, NULL) == 0);
    answers_all(cat, ask_cat, keeps_its_state);
}
