/* Streams of tasks, by what Elixir's Task.async_stream does. Each case is a root actor. */
#include <signal.h>

#include "conformance/puppet.h"
#include "support/process_state.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

enum { LONG_MS = CHECK_DEADLINE_MS };

/* ---------------------------------------------------------------- what tasks do */

/* Waits, deaf, until a name is registered. */
static void wait_for(const char *name)
{
    while (tr_pid_is_none(tr_whereis(name)) &&
           (tr_pid_is_none(tr_parent()) || tr_is_alive(tr_parent())))
        usleep(1000);
}

/* Gives N; {late, N} waits for `go` first, {last, N} says it, {never, N} waits for its death. */
TR_TASK(obedient)
{
    tr_term term;
    if (tr_match(argument, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    if (tr_match(argument, "{late, N}", &term) == 0)
        wait_for("go");
    else if (tr_match(argument, "{never, N}", &term) == 0)
        wait_for("nobody");
    else if (tr_match(argument, "{last, N}", &term) == 0)
        CHECK(tr_register("go", tr_parent()) == 0);
    else
        term = argument;
    tr_put_term(result, term);
}

/* How many run now, and how many did at most. */
TR_AGENT(crowd) { tr_put(state, "{0, 0}"); }

TR_AGENT_FUNCTION(come)
{
    long now, most;
    CHECK(tr_match(state, "{Now, Most}", &now, &most) == 0);
    tr_put(result, "{Now, {Now, Most}}", now + 1, now + 1, now + 1 > most ? now + 1 : most);
}

TR_AGENT_FUNCTION(go_away)
{
    long now, most;
    CHECK(tr_match(state, "{Now, Most}", &now, &most) == 0);
    tr_put(result, "{Now, Most}", now - 1, most);
}

/* Is one of a crowd; as long as nobody has said `go` it waits until it is a crowd of three, which says it. */
TR_TASK(one_of_a_crowd)
{
    TR_REPLY reply = {0};
    long now;
    CHECK(tr_agent_get_and_update("crowd", LONG_MS, &reply, "come", "[]") == 0);
    CHECK(tr_match(reply.term, "Now", &now) == 0);
    if (now == 3)
        tr_register("go", tr_parent());
    wait_for("go");
    CHECK(tr_agent_update("crowd", LONG_MS, "go_away", "[]") == 0);
    tr_put_term(result, argument);
}

/* ---------------------------------------------------------------- verbs */

static struct tr_stream *stream_of(const struct tr_stream_options *options, const char *arguments)
{
    struct tr_stream *stream;
    struct tr_out list = {0};
    CHECK(tr_parse(arguments, &list, NULL, NULL) == 0);
    CHECK(tr_stream_open_list("obedient", options, tr_out_term(&list), &stream) == 0);
    tr_out_deinit(&list);
    return stream;
}

/* The next result is this integer. */
#define EXPECT_RESULT(stream, n)                                                                   \
    do {                                                                                           \
        TR_REPLY stream_reply = {0};                                                               \
        CHECK(tr_stream_next((stream), &stream_reply) == 0);                                       \
        CHECK(tr_match(stream_reply.term, "N", (n)) == 0);                                         \
    } while (0)

/* Counts from 0 to context, without end when that is negative. */
struct count {
    long next, end;
};

static bool count_up(struct tr_out *argument, void *context)
{
    struct count *count = context;
    if (count->next == count->end)
        return false;
    tr_put_integer(argument, count->next++);
    return true;
}

/* ---------------------------------------------------------------- order and number */

/* The last task, which runs when all between have ended, lets the first one go. */
TR_ACTOR(results_come_in_the_order_of_the_arguments)
{
    struct tr_stream_options options = {.max_concurrency = 3};
    struct tr_stream *stream = stream_of(&options, "[{late,0},1,2,3,4,{last,5}]");
    for (int i = 0; i < 6; i++)
        EXPECT_RESULT(stream, i);
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

TR_ACTOR(unordered_results_come_as_they_are_ready)
{
    struct tr_stream_options options = {.max_concurrency = 2, .is_unordered = true};
    struct tr_stream *stream = stream_of(&options, "[{late,0},1,2,3]");
    for (int i = 1; i < 4; i++)
        EXPECT_RESULT(stream, i);
    CHECK(tr_register("go", tr_self()) == 0);
    EXPECT_RESULT(stream, 0);
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
}

TR_ACTOR(as_many_tasks_run_at_once_as_are_allowed)
{
    TR_REPLY reply = {0};
    struct tr_stream *stream;
    struct count count = {.end = 20};
    struct tr_start_options named = {.name = "crowd"};
    struct tr_stream_options options = {.max_concurrency = 3};
    tr_pid crowd;
    long most;
    CHECK(tr_server_start_link(&crowd, "crowd", &named, "[]") == 0);
    CHECK(tr_stream_open("one_of_a_crowd", &options, count_up, &count, &stream) == 0);
    for (int i = 0; i < 20; i++)
        EXPECT_RESULT(stream, i);
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
    CHECK(tr_sys_get_state(crowd, LONG_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{0, Most}", &most) == 0);
    CHECK(most == 3);
}

/* The process from which this binary's actors are forked. */
static int find_template(void)
{
    char file[64], text[4096], *at = text;
    struct tri_osproc child;
    snprintf(file, sizeof file, "task/%d/children", getppid());
    CHECK(tri_osproc_read(getppid(), file, text, sizeof text));
    while (tri_osproc_look((int)strtol(at, &at, 10), &child))
        if (strcmp(child.comm, "template") == 0)
            return child.os_pid;
    CHECK(!"there is a template");
    return 0;
}

/* Nobody is born between the first argument and the last of those that may run at once. */
static bool few_of_the_unborn(struct tr_out *argument, void *context)
{
    struct count *count = context;
    if (count->next == 0)
        CHECK(process_stop(find_template()));
    if (count->next == 2)
        CHECK(kill(find_template(), SIGCONT) == 0);
    return count_up(argument, count);
}

TR_ACTOR(tasks_that_may_run_at_once_are_born_at_once)
{
    struct tr_stream *stream;
    struct count count = {.end = 6};
    struct tr_stream_options options = {.max_concurrency = 3};
    CHECK(tr_stream_open("obedient", &options, few_of_the_unborn, &count, &stream) == 0);
    for (int i = 0; i < 6; i++)
        EXPECT_RESULT(stream, i);
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

/* One that has run, and then one that nobody bears. */
static bool old_and_unborn(struct tr_out *argument, void *context)
{
    int *asked = context;
    if (++*asked == 1)
        return tr_put(argument, "{last, 0}") == 0;
    wait_for("go");
    CHECK(process_stop(find_template()));
    return tr_put(argument, "{never, 1}") == 0;
}

/* Lets births go on when its boss waits. */
TR_ACTOR(obstetrician)
{
    tr_receive {
        tr_case("go") {
        }
    }
    CHECK(kill(find_template(), SIGCONT) == 0);
}

TR_ACTOR(closing_a_stream_kills_what_is_being_born)
{
    struct tr_stream *stream;
    struct tr_stream_options options = {.max_concurrency = 2};
    struct tr_out info = {0};
    tr_pid doctor;
    int asked = 0;
    tr_trap_exit(true);
    CHECK(tr_spawn(&doctor, "obstetrician", "[]") == 0);
    CHECK(tr_stream_open("obedient", &options, old_and_unborn, &asked, &stream) == 0);
    EXPECT_RESULT(stream, 0);
    tr_send_after(50, doctor, NULL, "go");
    tr_stream_close(stream);
    CHECK(tr_process_info(tr_self(), &info) == 0);
    CHECK(tr_match(tr_out_term(&info), "#{links => []}") == 0);
    tr_out_deinit(&info);
    EXPECT_NOTHING();
}

TR_ACTOR(a_source_is_read_no_faster_than_results_are_asked_for)
{
    struct tr_stream *stream;
    struct count count = {.end = -1};
    struct tr_stream_options options = {.max_concurrency = 2};
    CHECK(tr_stream_open("obedient", &options, count_up, &count, &stream) == 0);
    CHECK(count.next == 0);
    for (int i = 0; i < 10; i++)
        EXPECT_RESULT(stream, i);
    CHECK(count.next <= 10 + 2 * (1 + TR_STREAM_HELD));
    tr_stream_close(stream);
}

/* The first argument is {late, 0}, the others are numbers: how many were asked for. */
static bool one_late(struct tr_out *argument, void *context)
{
    long *asked = context;
    if ((*asked)++ == 0)
        return tr_put(argument, "{late, 0}") == 0;
    tr_put_integer(argument, *asked - 1);
    if (*asked == 2 * (1 + TR_STREAM_HELD))
        CHECK(tr_register("go", tr_self()) == 0);
    return true;
}

TR_ACTOR(a_slow_one_holds_back_as_many_as_is_said_and_no_more)
{
    struct tr_stream *stream;
    long asked = 0;
    struct tr_stream_options options = {.max_concurrency = 2};
    CHECK(tr_stream_open("obedient", &options, one_late, &asked, &stream) == 0);
    EXPECT_RESULT(stream, 0);
    CHECK(asked == 2 * (1 + TR_STREAM_HELD));
    EXPECT_RESULT(stream, 1);
    tr_stream_close(stream);
}

TR_ACTOR(an_empty_list_gives_no_results)
{
    struct tr_stream *stream = stream_of(NULL, "[]");
    CHECK(tr_stream_next(stream, NULL) == TR_FIRED);
    tr_stream_close(stream);
    CHECK(tr_stream_open_list("obedient", NULL,
                              (tr_term){.data = (const uint8_t *)"a\1", .size_bytes = 2},
                              &stream) == TR_NO_MATCH);
}

/* ---------------------------------------------------------------- failures */

/* Elixir's on_timeout: :kill_task. */
TR_ACTOR(a_late_task_is_killed_and_the_others_go_on)
{
    TR_REPLY reply = {0};
    struct tr_stream_options options = {.max_concurrency = 2, .timeout_ms = 200};
    struct tr_stream *stream = stream_of(&options, "[{never,0},{never,1}]");
    CHECK(tr_stream_next(stream, &reply) == TR_TIMEOUT && tr_is_atom(reply.term, "timeout"));
    CHECK(tr_stream_next(stream, &reply) == TR_TIMEOUT);
    CHECK(tr_stream_next(stream, &reply) == TR_FIRED);
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

/* Elixir: {:exit, reason}, and no EXIT is left in the mailbox. */
TR_ACTOR(an_owner_that_traps_exits_is_told_of_each_failure)
{
    TR_REPLY reply = {0};
    tr_trap_exit(true);
    struct tr_stream *stream = stream_of(NULL, "[0,{exit,boom},2,{exit,normal}]");
    EXPECT_RESULT(stream, 0);
    CHECK(tr_stream_next(stream, &reply) == TR_DOWN && tr_is_atom(reply.term, "boom"));
    EXPECT_RESULT(stream, 2);
    CHECK(tr_stream_next(stream, &reply) == TR_DOWN && tr_is_atom(reply.term, "normal"));
    CHECK(tr_stream_next(stream, &reply) == TR_FIRED);
    tr_stream_close(stream);
    EXPECT_NOTHING();
}

TR_ACTOR(streaming_owner)
{
    struct tr_stream *stream = stream_of(NULL, "[{exit,boom}]");
    tr_stream_next(stream, NULL);
}

/* SEMANTICS 12 */
TR_ACTOR(an_owner_that_does_not_trap_exits_fails_with_its_tasks)
{
    tr_ref ref;
    tr_pid pid;
    CHECK(tr_spawn_monitor(&pid, &ref, "streaming_owner", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, boom}", ref);
}

TR_ACTOR(a_task_that_cannot_be_started_is_a_result)
{
    TR_REPLY reply = {0};
    struct tr_stream *stream;
    struct count count = {.end = 2};
    CHECK(tr_stream_open("nonexistent", NULL, count_up, &count, &stream) == 0);
    CHECK(tr_stream_next(stream, &reply) == TR_NO_ENTRY);
    CHECK(tr_is_atom(reply.term, "cannot_spawn"));
    CHECK(tr_stream_next(stream, &reply) == TR_NO_ENTRY);
    CHECK(tr_stream_next(stream, &reply) == TR_FIRED);
    tr_stream_close(stream);
}

/* Elixir's halted stream. */
TR_ACTOR(closing_a_stream_kills_what_runs)
{
    struct tr_out info = {0};
    tr_term links;
    struct tr_iter iter;
    struct tr_stream_options options = {.max_concurrency = 3};
    tr_trap_exit(true);
    struct tr_stream *stream = stream_of(&options, "[0,{never,1},{never,2}]");
    EXPECT_RESULT(stream, 0);
    tr_stream_close(stream);
    CHECK(tr_process_info(tr_self(), &info) == 0);
    CHECK(tr_map_get_atom(tr_out_term(&info), "links", &links) && tr_get_list(links, &iter));
    CHECK(iter.left == 0);
    tr_out_deinit(&info);
    EXPECT_NOTHING();
}
