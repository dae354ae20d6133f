/* Tasks under a supervisor, by the rules of SEMANTICS.md that bear on them and by what Elixir's Task.Supervisor does. Each
 * case is a root actor. */
#include "conformance/puppet.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

static void plant(tr_term argument, struct tr_tree *tree)
{
    uint32_t max_children = 0;
    tr_match(argument, "{max_children, N}", &max_children);
    tr_tree_set(tree,
                &(struct tr_supervision){.strategy = TR_DYNAMIC, .max_children = max_children});
}
TR_SUPERVISOR(tasks, plant)

TR_TASK(obedient)
{
    tr_term term;
    if (tr_match(argument, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    if (tr_match(argument, "sleep") == 0)
        tr_receive {
            tr_case("never") {
            }
        }
    tr_put_term(result, argument);
}

static tr_pid supervisor_new(const char *argument)
{
    tr_pid pid;
    struct tr_start_options named = {.name = "tasks"};
    struct tr_out out = {0};
    CHECK(tr_parse(argument, &out, NULL, NULL) == 0);
    CHECK(tr_server_start_term("tasks", 0, &named, tr_out_term(&out), &pid, NULL) == 0);
    tr_out_deinit(&out);
    return pid;
}

static void expect_active(uint64_t count)
{
    struct tr_children_count children = {.active = UINT64_MAX};
    for (int ms = 0; children.active != count && ms < LONG_MS; ms++) {
        usleep(1000);
        CHECK(tr_supervisor_count_children("tasks", &children) == 0);
    }
    CHECK(children.active == count);
}

/* SEMANTICS 24 */
TR_ACTOR(a_supervised_task_gives_its_result)
{
    TR_REPLY reply = {0};
    struct tr_task task;
    supervisor_new("[]");
    CHECK(tr_task_async_supervised("tasks", &task, NULL, "obedient", "{value, N}", 7) == 0);
    CHECK(tr_task_await(&task, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{value, 7}") == 0);
    CHECK(tr_task_async_nolink("tasks", &task, NULL, "obedient", "{value, N}", 8) == 0);
    CHECK(tr_task_await(&task, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{value, 8}") == 0);
    EXPECT_NOTHING();
}

/* SEMANTICS 39: it is temporary. */
TR_ACTOR(a_supervised_task_is_never_started_again)
{
    TR_REPLY reply = {0};
    struct tr_task task;
    tr_pid supervisor = supervisor_new("[]");
    for (int i = 0; i < 5; i++) {
        CHECK(tr_task_async_nolink("tasks", &task, NULL, "obedient", "{exit, {boom, N}}", i) == 0);
        CHECK(tr_task_await(&task, LONG_MS, &reply) == TR_DOWN);
        CHECK(tr_match(reply.term, "{boom, N}", i) == 0);
    }
    expect_active(0);
    CHECK(tr_is_alive(supervisor));
}

TR_ACTOR(linked_owner)
{
    struct tr_task task;
    CHECK(tr_task_async_supervised("tasks", &task, NULL, "obedient", "Order", argument) == 0);
    tr_send(tr_parent(), "{adopted, Pid}", task.pid);
    tr_task_await(&task, LONG_MS, NULL);
    tr_exit("lives_on");
}

TR_ACTOR(unlinked_owner)
{
    struct tr_task task;
    CHECK(tr_task_async_nolink("tasks", &task, NULL, "obedient", "Order", argument) == 0);
    tr_send(tr_parent(), "{adopted, Pid}", task.pid);
    tr_task_await(&task, LONG_MS, NULL);
    tr_exit("lives_on");
}

/* SEMANTICS 12: linked, or not. */
TR_ACTOR(a_failing_task_takes_along_only_who_is_linked)
{
    tr_ref ref;
    tr_pid pid;
    supervisor_new("[]");
    CHECK(tr_spawn_monitor(&pid, &ref, "linked_owner", "{exit, boom}") == 0);
    EXPECT("{'DOWN', Ref, process, _, boom}", ref);
    CHECK(tr_spawn_monitor(&pid, &ref, "unlinked_owner", "{exit, boom}") == 0);
    EXPECT("{'DOWN', Ref, process, _, lives_on}", ref);
}

/* SEMANTICS 7, 12 */
TR_ACTOR(an_owner_that_fails_takes_along_only_linked_tasks)
{
    tr_pid linked, unlinked;
    supervisor_new("[]");
    CHECK(tr_spawn(&linked, "linked_owner", "sleep") == 0);
    CHECK(tr_spawn(&unlinked, "unlinked_owner", "sleep") == 0);
    EXPECT("{adopted, _}");
    EXPECT("{adopted, _}");
    expect_active(2);
    tr_exit_process(unlinked, "boom");
    tr_exit_process(linked, "boom");
    expect_active(1);
}

/* SEMANTICS 44, 45: a supervisor that stops takes its tasks along, and their owners hear of it. */
TR_ACTOR(tasks_end_with_their_supervisor)
{
    TR_REPLY reply = {0};
    struct tr_task tasks[3];
    supervisor_new("[]");
    for (int i = 0; i < 3; i++)
        CHECK(tr_task_async_nolink("tasks", &tasks[i], NULL, "obedient", "sleep") == 0);
    CHECK(tr_server_stop("tasks", LONG_MS, NULL, "normal") == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(tr_task_await(&tasks[i], LONG_MS, &reply) == TR_DOWN);
        CHECK(tr_is_atom(reply.term, "shutdown"));
    }
}

/* Elixir raises; the reason is the supervisor's. */
TR_ACTOR(a_supervisor_may_bound_its_tasks)
{
    TR_REPLY reply = {0};
    struct tr_task task, other;
    supervisor_new("{max_children, 1}");
    CHECK(tr_task_async_nolink("tasks", &task, NULL, "obedient", "sleep") == 0);
    CHECK(tr_task_async_nolink("tasks", &other, &reply, "obedient", "sleep") == TR_REFUSED);
    CHECK(tr_is_atom(reply.term, "max_children"));
    CHECK(tr_task_shutdown(&task, LONG_MS, NULL) == TR_TIMEOUT);
    expect_active(0);
    CHECK(tr_task_async_nolink("tasks", &other, NULL, "obedient", "1") == 0);
    CHECK(tr_task_await(&other, LONG_MS, &reply) == 0);
}

TR_ACTOR(a_supervised_task_that_is_not_there_is_refused)
{
    struct tr_task task;
    tr_pid supervisor = supervisor_new("[]");
    CHECK(tr_task_async_nolink("tasks", &task, NULL, "nonexistent", "[]") == TR_REFUSED);
    CHECK(tr_is_alive(supervisor));
    CHECK(tr_server_stop("tasks", LONG_MS, NULL, "normal") == 0);
    CHECK(tr_task_async_nolink("tasks", &task, NULL, "obedient", "[]") == TR_NOPROC);
}

/* Elixir: {:shutdown, reason} */
TR_ACTOR(a_task_whose_owner_is_gone_before_it_begins_ends)
{
    TR_REPLY reply = {0};
    tr_pid owner = dead_process(), task;
    tr_ref ref;
    supervisor_new("[]");
    const struct tr_child child = {
        .entry = "obedient", .restart = TR_TEMPORARY, .is_plain_actor = true};
    CHECK(tr_supervisor_start_child("tasks", &child, &task, &reply, "{'$task', Owner, []}",
                                    owner) == 0);
    expect_active(0);
    CHECK(tr_spawn_monitor(NULL, &ref, "obedient", "{'$task', Owner, []}", owner) == 0);
    EXPECT("{'DOWN', Ref, process, _, {shutdown, noproc}}", ref);
}

/* ---------------------------------------------------------------- streams */

static struct tr_stream *stream_of(const char *arguments, unsigned flags, int64_t timeout_ms)
{
    const struct tr_stream_options options = {.max_concurrency = 2, .timeout_ms = timeout_ms};
    struct tr_stream *stream;
    struct tr_out list = {0};
    CHECK(tr_parse(arguments, &list, NULL, NULL) == 0);
    CHECK(tr_stream_open_list("obedient", &options, tr_out_term(&list), &stream) == 0);
    CHECK(tr_stream_supervise(stream, "tasks", flags) == 0);
    tr_out_deinit(&list);
    return stream;
}

#define EXPECT_RESULT(stream, outcome, ...)                                                        \
    do {                                                                                           \
        TR_REPLY stream_reply = {0};                                                               \
        CHECK(tr_stream_next((stream), &stream_reply) == (outcome));                               \
        CHECK(tr_match(stream_reply.term, __VA_ARGS__) == 0);                                      \
    } while (0)

/* Elixir's Task.Supervisor.async_stream */
TR_ACTOR(a_supervised_stream_gives_results_in_order)
{
    supervisor_new("[]");
    for (unsigned flags = 0; flags <= TR_SPAWN_LINK; flags += TR_SPAWN_LINK) {
        struct tr_stream *stream = stream_of("[0,1,2,3,4,5,6,7]", flags, LONG_MS);
        for (int i = 0; i < 8; i++)
            EXPECT_RESULT(stream, 0, "N", i);
        CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
        tr_stream_close(stream);
    }
    expect_active(0);
    EXPECT_NOTHING();
}

/* Elixir's async_stream_nolink: {:exit, reason} */
TR_ACTOR(a_stream_without_links_tells_of_failures)
{
    supervisor_new("[]");
    struct tr_stream *stream = stream_of("[0,{exit,boom},2]", 0, LONG_MS);
    EXPECT_RESULT(stream, 0, "0");
    EXPECT_RESULT(stream, TR_DOWN, "boom");
    EXPECT_RESULT(stream, 0, "2");
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
    stream = stream_of("[sleep]", 0, 100);
    EXPECT_RESULT(stream, TR_TIMEOUT, "timeout");
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

TR_ACTOR(streaming_owner)
{
    tr_stream_next(stream_of("[{exit,boom}]", TR_SPAWN_LINK, LONG_MS), NULL);
}

/* SEMANTICS 12: one that does not trap exits dies; one that does finds none of them in its mailbox. */
TR_ACTOR(a_supervised_stream_is_linked_where_that_is_asked_for)
{
    tr_ref ref;
    supervisor_new("[]");
    CHECK(tr_spawn_monitor(NULL, &ref, "streaming_owner", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, boom}", ref);
    tr_trap_exit(true);
    struct tr_stream *stream = stream_of("[{exit,boom},{exit,normal},2]", TR_SPAWN_LINK, LONG_MS);
    EXPECT_RESULT(stream, TR_DOWN, "boom");
    EXPECT_RESULT(stream, TR_DOWN, "normal");
    EXPECT_RESULT(stream, 0, "2");
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

TR_ACTOR(a_stream_has_no_more_tasks_than_its_supervisor_allows)
{
    supervisor_new("{max_children, 1}");
    struct tr_stream *stream = stream_of("[sleep,1]", 0, 1000);
    EXPECT_RESULT(stream, TR_TIMEOUT, "timeout");
    EXPECT_RESULT(stream, TR_REFUSED, "max_children");
    tr_stream_close(stream);
}

TR_ACTOR(a_stream_without_its_supervisor_starts_nothing)
{
    struct tr_stream *stream = stream_of("[0,1]", TR_SPAWN_LINK, LONG_MS);
    EXPECT_RESULT(stream, TR_NOPROC, "noproc");
    EXPECT_RESULT(stream, TR_NOPROC, "noproc");
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
}

/* Elixir's halted stream, of which one runs and one may not even be born. */
TR_ACTOR(closing_a_supervised_stream_kills_its_tasks)
{
    supervisor_new("[]");
    struct tr_stream *stream = stream_of("[0,sleep,sleep]", 0, LONG_MS);
    EXPECT_RESULT(stream, 0, "0");
    tr_stream_close(stream);
    expect_active(0);
    EXPECT_NOTHING();
}
