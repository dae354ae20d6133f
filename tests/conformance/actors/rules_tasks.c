/* Tasks, by the rules of SEMANTICS.md that bear on them, and by what Elixir's Task answers. Each case is a root actor. */
#include <signal.h>

#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- what tasks do */

/* A task waits, deaf, until a name is registered. */
static void wait_for(const char *name)
{
    while (tr_is_alive(tr_parent()) && tr_pid_is_none(tr_whereis(name)))
        usleep(1000);
}

/* Everything that waits for `go` goes on. */
static void go(void) { CHECK(tr_register("go", tr_self()) == 0); }

TR_TASK(square)
{
    long n;
    CHECK(tr_match(argument, "N", &n) == 0);
    tr_put(result, "N", n * n);
}

/* Does what it is told, and gives done. */
TR_TASK(obedient)
{
    tr_term term;
    if (tr_match(argument, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    if (tr_match(argument, "sigkill") == 0)
        kill(getpid(), SIGKILL);
    if (tr_match(argument, "nothing") == 0)
        return;
    if (tr_match(argument, "twice") == 0)
        tr_put_atom(result, "one");
    if (tr_match(argument, "trap_and_wait") == 0) {
        tr_trap_exit(true);
        tr_register("trapping", tr_self());
        wait_for("go");
    }
    if (tr_match(argument, "wait") == 0)
        wait_for("go");
    tr_put_atom(result, "done");
}

/* Waits for an exit signal. */
TR_TASK(sleeper)
{
    tr_receive {
        tr_case("never") {
        }
    }
}

static struct tr_task start(const char *order)
{
    struct tr_task task;
    struct tr_out argument = {0};
    CHECK(tr_parse(order, &argument, NULL, NULL) == 0);
    CHECK(tr_task_async_term("obedient", tr_out_term(&argument), &task) == 0);
    tr_out_deinit(&argument);
    return task;
}

/* Returns when somebody has that name. */
static void await_name(const char *name)
{
    for (int ms = 0; tr_pid_is_none(tr_whereis(name)); ms++) {
        CHECK(ms < LONG_MS);
        usleep(1000);
    }
}

/* Returns when it is dead. */
static void await_death(tr_pid pid)
{
    tr_ref ref = watch(pid);
    EXPECT("{'DOWN', Ref, process, _, _}", ref);
}

/* ---------------------------------------------------------------- results */

/* SEMANTICS 24: a call that is born with its server. */
TR_ACTOR(a_task_gives_its_result)
{
    TR_REPLY reply = {0};
    struct tr_task task;
    CHECK(tr_task_async(&task, "square", "N", 7) == 0);
    CHECK(tr_task_await(&task, LONG_MS, &reply) == 0 && tr_match(reply.term, "49") == 0);
    CHECK(tr_task_await(&task, LONG_MS, &reply) == TR_FIRED);
    EXPECT_NOTHING();
}

/* SEMANTICS 24: OTP's shape. */
TR_ACTOR(a_result_has_the_shape_of_a_reply)
{
    struct tr_task task = start("nothing");
    EXPECT_NEXT("{[alias | Ref], ok}", task.request.ref);
}

TR_ACTOR(a_task_that_puts_nothing_gives_ok)
{
    TR_REPLY reply = {0};
    struct tr_task task = start("nothing");
    CHECK(tr_task_await(&task, LONG_MS, &reply) == 0 && tr_is_atom(reply.term, "ok"));
}

TR_ACTOR(a_task_that_puts_two_terms_has_failed)
{
    TR_REPLY reply = {0};
    tr_trap_exit(true);
    struct tr_task task = start("twice");
    CHECK(tr_task_await(&task, LONG_MS, &reply) == TR_DOWN);
    CHECK(tr_is_atom(reply.term, "bad_return_value"));
}

TR_ACTOR(a_task_that_is_not_there_is_not_started)
{
    struct tr_task task;
    CHECK(tr_task_async(&task, "nonexistent", "[]") == TR_NO_ENTRY);
    EXPECT_NOTHING();
}

/* A task that is spawned has no owner to tell. */
TR_ACTOR(a_task_can_be_spawned_for_its_effect)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "square", "7") == 0);
    EXPECT_NEXT("{'DOWN', Ref, process, Pid, normal}", ref, pid);
    EXPECT_NOTHING();
}

/* SEMANTICS 5: what was sent before death is not lost, whatever its size. */
TR_ACTOR(results_of_any_size_arrive)
{
    TR_REPLY reply = {0};
    struct tr_task task;
    tr_bin got;
    struct tr_out out = {0};
    static char body[300000];
    for (size_t size_bytes = 1; size_bytes <= sizeof body; size_bytes *= 8) {
        tr_out_reset(&out);
        tr_put_binary(&out, body, size_bytes);
        CHECK(tr_task_async_term("mirror", tr_out_term(&out), &task) == 0);
        CHECK(tr_task_await(&task, LONG_MS, &reply) == 0);
        CHECK(tr_get_binary(reply.term, &got) && got.size_bytes == size_bytes);
    }
    tr_out_deinit(&out);
}

TR_TASK(mirror) { tr_put_term(result, argument); }

/* ---------------------------------------------------------------- links */

TR_ACTOR(owner_of_a_failing_task)
{
    struct tr_task task = start("{exit, boom}");
    tr_task_await(&task, LONG_MS, NULL);
}

/* SEMANTICS 12 */
TR_ACTOR(a_task_that_fails_takes_its_owner_along)
{
    tr_pid pid;
    tr_ref ref;
    CHECK(tr_spawn_monitor(&pid, &ref, "owner_of_a_failing_task", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, Pid, boom}", ref, pid);
}

/* Starts a task, tells the boss of it, and ends with a reason: {Boss, Reason}. */
TR_ACTOR(owner_that_leaves)
{
    struct tr_task task;
    tr_pid boss;
    tr_term reason;
    CHECK(tr_match(argument, "{Boss, Reason}", &boss, &reason) == 0);
    CHECK(tr_task_async(&task, "sleeper", "[]") == 0);
    tr_send(boss, "{task, Pid}", task.pid);
    EXPECT("leave");
    tr_exit_term(reason);
}

static tr_pid task_of_owner_that_leaves(const char *reason, tr_pid *ret_owner)
{
    tr_pid task = TR_NO_PID;
    CHECK(tr_spawn(ret_owner, "owner_that_leaves", "{Boss, Reason}", tr_self(), atom(reason)) == 0);
    tr_receive {
        tr_case("{task, Pid}", &task) {
        }
        tr_after(LONG_MS) {
        }
    }
    CHECK(!tr_pid_is_none(task));
    return task;
}

/* SEMANTICS 12 */
TR_ACTOR(an_owner_that_fails_takes_its_tasks_along)
{
    tr_pid owner, task = task_of_owner_that_leaves("boom", &owner);
    tr_ref ref = watch(task);
    tr_send(owner, "leave");
    EXPECT("{'DOWN', Ref, process, Task, boom}", ref, task);
}

/* SEMANTICS 7 */
TR_ACTOR(a_task_outlives_an_owner_that_ends_normally)
{
    tr_pid owner, task = task_of_owner_that_leaves("normal", &owner);
    tr_ref ref = watch(owner);
    tr_send(owner, "leave");
    EXPECT("{'DOWN', Ref, process, Owner, normal}", ref, owner);
    CHECK(tr_is_alive(task));
}

/* SEMANTICS 23: the reason, and the EXIT is left to who traps exits. */
TR_ACTOR(a_task_that_fails_gives_its_reason)
{
    TR_REPLY reply = {0};
    tr_trap_exit(true);
    struct tr_task task = start("{exit, {boom, 1}}");
    tr_pid pid = task.pid;
    CHECK(tr_task_await(&task, LONG_MS, &reply) == TR_DOWN);
    CHECK(tr_match(reply.term, "{boom, 1}") == 0);
    EXPECT_NEXT("{'EXIT', Pid, {boom, 1}}", pid);
    EXPECT_NOTHING();
}

/* SEMANTICS 8, 23 */
TR_ACTOR(a_task_that_is_killed_gives_the_signal)
{
    TR_REPLY reply = {0};
    tr_trap_exit(true);
    struct tr_task task = start("sigkill");
    CHECK(tr_task_await(&task, LONG_MS, &reply) == TR_DOWN);
    CHECK(tr_match(reply.term, "{signal, sigkill, _}") == 0);
}

/* SEMANTICS 23: normal, too, when there was no result. Elixir: {:exit, :normal}. */
TR_ACTOR(a_task_that_leaves_normally_without_a_result_gives_normal)
{
    TR_REPLY reply = {0};
    struct tr_task task = start("{exit, normal}");
    CHECK(tr_task_yield(&task, LONG_MS, &reply) == TR_DOWN && tr_is_atom(reply.term, "normal"));
}

/* ---------------------------------------------------------------- time */

/* SEMANTICS 25: the task goes on, and its late result is dropped. */
TR_ACTOR(a_task_that_takes_too_long_is_given_up)
{
    TR_REPLY reply = {0};
    struct tr_task task = start("wait");
    tr_pid pid = task.pid;
    CHECK(tr_task_await(&task, 10, &reply) == TR_TIMEOUT && tr_is_atom(reply.term, "timeout"));
    CHECK(tr_is_alive(pid));
    CHECK(tr_task_await(&task, 10, &reply) == TR_FIRED);
    go();
    await_death(pid);
    EXPECT_NOTHING();
}

/* Awaits as Elixir does: {Task's order, TimeoutMs}. */
TR_ACTOR(exiting_owner)
{
    struct tr_task task;
    tr_term order;
    long timeout_ms;
    tr_trap_exit(true);
    CHECK(tr_match(argument, "{Order, Ms}", &order, &timeout_ms) == 0);
    CHECK(tr_task_async_term("obedient", order, &task) == 0);
    tr_task_await_or_exit(&task, timeout_ms, NULL);
    tr_exit("has_got_it");
}

/* SEMANTICS 23: {Why, {task, await, Args}} */
TR_ACTOR(await_or_exit_ends_its_caller_as_Elixir_does)
{
    tr_ref ref;
    tr_pid pid;
    CHECK(tr_spawn_monitor(&pid, &ref, "exiting_owner", "{wait, 10}") == 0);
    EXPECT("{'DOWN', Ref, process, _, {timeout, {task, await, [_, 10]}}}", ref);
    CHECK(tr_spawn_monitor(&pid, &ref, "exiting_owner", "{{exit, boom}, -1}") == 0);
    EXPECT("{'DOWN', Ref, process, _, {boom, {task, await, [_, infinity]}}}", ref);
    CHECK(tr_spawn_monitor(&pid, &ref, "exiting_owner", "{nothing, 30000}") == 0);
    EXPECT("{'DOWN', Ref, process, _, has_got_it}", ref);
}

/* Elixir: nil, and again. */
TR_ACTOR(yield_can_be_repeated)
{
    TR_REPLY reply = {0};
    struct tr_task task = start("wait");
    CHECK(tr_task_yield(&task, 0, &reply) == TR_TIMEOUT);
    CHECK(tr_task_yield(&task, 10, &reply) == TR_TIMEOUT && tr_is_atom(reply.term, "timeout"));
    go();
    CHECK(tr_task_yield(&task, LONG_MS, &reply) == 0 && tr_is_atom(reply.term, "done"));
    EXPECT_NOTHING();
}

/* ---------------------------------------------------------------- many */

TR_ACTOR(results_of_many_come_in_the_order_of_the_tasks)
{
    enum { COUNT = 20 };
    struct tr_task tasks[COUNT];
    struct tr_reply replies[COUNT] = {0};
    for (int i = 0; i < COUNT; i++)
        CHECK(tr_task_async(&tasks[i], "square", "N", i) == 0);
    CHECK(tr_task_await_many(tasks, COUNT, LONG_MS, replies, NULL) == 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK(tr_match(replies[i].term, "N", i * i) == 0);
        tr_reply_deinit(&replies[i]);
    }
    EXPECT_NOTHING();
}

/* Elixir's caller exits with the reason; the others are not monitored any more. */
TR_ACTOR(awaiting_many_ends_at_the_first_that_fails)
{
    struct tr_reply replies[3] = {0};
    size_t which;
    tr_trap_exit(true);
    struct tr_task tasks[] = {start("wait"), start("{exit, boom}"), start("wait")};
    tr_pid last = tasks[2].pid;
    CHECK(tr_task_await_many(tasks, 3, LONG_MS, replies, &which) == TR_DOWN && which == 1);
    CHECK(tr_is_atom(replies[1].term, "boom"));
    CHECK(tr_is_alive(last));
    CHECK(tr_task_await(&tasks[2], LONG_MS, NULL) == TR_FIRED);
    for (int i = 0; i < 3; i++)
        tr_reply_deinit(&replies[i]);
}

TR_ACTOR(awaiting_many_takes_one_time_for_all)
{
    struct tr_reply replies[2] = {0};
    size_t which;
    struct tr_task tasks[] = {start("nothing"), start("wait")};
    await_death(tasks[0].pid);
    CHECK(tr_task_await_many(tasks, 2, 20, replies, &which) == TR_TIMEOUT && which == 1);
    CHECK(tr_is_atom(replies[0].term, "ok") && tr_is_atom(replies[1].term, "timeout"));
    go();
    for (int i = 0; i < 2; i++)
        tr_reply_deinit(&replies[i]);
}

/* Elixir: [{:ok, 1}, {:exit, :boom}, nil] */
TR_ACTOR(yielding_to_many_tells_the_outcome_of_each)
{
    int results[4];
    struct tr_reply replies[4] = {0};
    tr_trap_exit(true);
    struct tr_task tasks[] = {
        start("nothing"), start("{exit, boom}"), start("wait"), {.pid = TR_NO_PID}};
    await_death(tasks[0].pid);
    await_death(tasks[1].pid);
    CHECK(tr_task_yield_many(tasks, 4, 20, results, replies) == TR_TIMEOUT);
    CHECK(results[0] == 0 && tr_is_atom(replies[0].term, "ok"));
    CHECK(results[1] == TR_DOWN && tr_is_atom(replies[1].term, "boom"));
    CHECK(results[2] == TR_TIMEOUT && results[3] == TR_FIRED);
    go();
    CHECK(tr_task_yield_many(tasks, 4, LONG_MS, results, replies) == 0);
    CHECK(results[0] == TR_FIRED && results[2] == 0 && tr_is_atom(replies[2].term, "done"));
    for (int i = 0; i < 4; i++)
        tr_reply_deinit(&replies[i]);
}

/* ---------------------------------------------------------------- shutdown, as Elixir answers */

/* Elixir: nil. SEMANTICS 11: it is unlinked first, so no EXIT is left to who traps exits. */
TR_ACTOR(shutdown_ends_a_task)
{
    struct tr_task task;
    tr_trap_exit(true);
    CHECK(tr_task_async(&task, "sleeper", "[]") == 0);
    tr_pid pid = task.pid;
    CHECK(tr_task_shutdown(&task, LONG_MS, NULL) == TR_TIMEOUT);
    CHECK(!tr_is_alive(pid));
    CHECK(tr_task_shutdown(&task, LONG_MS, NULL) == TR_FIRED);
    EXPECT_NOTHING();
}

/* Elixir: nil */
TR_ACTOR(shutdown_kills_at_once_when_told_so)
{
    struct tr_task task = start("trap_and_wait");
    tr_pid pid = task.pid;
    await_name("trapping");
    CHECK(tr_task_shutdown(&task, TR_SHUTDOWN_BRUTAL_KILL, NULL) == TR_TIMEOUT);
    CHECK(!tr_is_alive(pid));
}

/* Elixir: {:exit, :killed} */
TR_ACTOR(shutdown_kills_when_the_time_is_over)
{
    TR_REPLY reply = {0};
    struct tr_task task = start("trap_and_wait");
    await_name("trapping");
    CHECK(tr_task_shutdown(&task, 10, &reply) == TR_DOWN && tr_is_atom(reply.term, "killed"));
    EXPECT_NOTHING();
}

/* Elixir: {:ok, 5} */
TR_ACTOR(shutdown_gives_the_result_that_has_come)
{
    TR_REPLY reply = {0};
    struct tr_task task;
    CHECK(tr_task_async(&task, "square", "5") == 0);
    await_death(task.pid);
    CHECK(tr_task_shutdown(&task, LONG_MS, &reply) == 0 && tr_match(reply.term, "25") == 0);
    EXPECT_NOTHING();
}

/* Elixir: {:exit, :boom}; and nil for one that has shut itself down */
TR_ACTOR(shutdown_gives_the_reason_of_one_that_has_ended)
{
    TR_REPLY reply = {0};
    tr_trap_exit(true);
    struct tr_task failed = start("{exit, boom}"), left = start("{exit, shutdown}");
    await_death(failed.pid);
    await_death(left.pid);
    CHECK(tr_task_shutdown(&failed, LONG_MS, &reply) == TR_DOWN && tr_is_atom(reply.term, "boom"));
    CHECK(tr_task_shutdown(&left, LONG_MS, &reply) == TR_TIMEOUT);
}

/* SEMANTICS 5: whatever the race between result and signal, shutdown tells what became of it, and it is dead. */
TR_ACTOR(shutdown_is_right_in_every_race)
{
    TR_REPLY reply = {0};
    for (int round = 0; round < 50; round++) {
        struct tr_task task;
        CHECK(tr_task_async(&task, "square", "3") == 0);
        tr_pid pid = task.pid;
        usleep((useconds_t)(round * 20));
        int r = tr_task_shutdown(&task, LONG_MS, &reply);
        CHECK(r == TR_TIMEOUT || (r == 0 && tr_match(reply.term, "9") == 0));
        CHECK(!tr_is_alive(pid));
    }
    EXPECT_NOTHING();
}

TR_ACTOR(an_ignored_task_goes_on_unlinked)
{
    struct tr_task task = start("wait");
    tr_pid pid = task.pid;
    tr_ref ref = watch(pid);
    tr_task_ignore(&task);
    CHECK(tr_is_alive(pid));
    tr_exit_process(pid, "boom");
    EXPECT("{'DOWN', Ref, process, _, boom}", ref);
    EXPECT_NOTHING();
}

/* SEMANTICS 24: a result may be received like any other message. */
TR_ACTOR(a_received_message_is_checked_for_a_result)
{
    TR_REPLY reply = {0};
    struct tr_message *message;
    int r = TR_NO_MATCH;
    tr_send(tr_self(), "something_else");
    struct tr_task task = start("nothing");
    while (r == TR_NO_MATCH) {
        CHECK(tr_receive_select(NULL, NULL, LONG_MS, &message) == 0);
        r = tr_task_check(tr_message_term(message), &task, &reply);
        CHECK(r == TR_NO_MATCH || tr_is_atom(reply.term, "ok"));
        tr_message_free(message);
    }
    CHECK(r == 0 && tr_task_await(&task, 0, NULL) == TR_FIRED);
}
