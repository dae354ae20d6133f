/* Pools: each case is a root actor. Its workers do what their jobs say, well or badly. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "system/pools.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

/* ---------------------------------------------------------------- what workers do */

/* A write to nowhere is to be a signal, also where a sanitizer would rather tell of it, or a compiler leave it out. */
static int *volatile nowhere;
static __attribute__((noinline, no_sanitize("undefined"))) void crash(void) { *nowhere = 1; }

/* Keeps so much memory, all of it touched. */
static void eat(long bytes)
{
    memset(mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1,
           (size_t)bytes);
}

static void hog(void)
{
    while (malloc(1 << 20))
        ;
    abort();
}

TR_WORKER(hand)
{
    tr_term term;
    long n;
    if (tr_match(job, "{echo, T}", &term) == 0)
        tr_put_term(result, term);
    else if (tr_match(job, "{sleep, Ms}", &n) == 0)
        pause_ms(n);
    else if (tr_is_atom(job, "crash"))
        crash();
    else if (tr_match(job, "{crash, _}") == 0)
        crash();
    else if (tr_match(job, "{crash_before, N}", &n) == 0 && tr_worker_tries() < (unsigned)n)
        crash();
    else if (tr_match(job, "{exit, Reason}", &term) == 0)
        tr_exit_term(term);
    else if (tr_is_atom(job, "loop"))
        for (;;)
            pause_ms(1000);
    else if (tr_is_atom(job, "spin"))
        for (;;)
            ;
    else if (tr_is_atom(job, "hog"))
        hog();
    else if (tr_is_atom(job, "kill_yourself"))
        kill(getpid(), SIGKILL);
    else if (tr_is_atom(job, "who"))
        tr_put_pid(result, tr_self());
    else if (tr_is_atom(job, "argument"))
        tr_put_term(result, tr_worker_argument());
    else if (tr_match(job, "{eat, N}", &n) == 0)
        eat(n);
}

/* A worker that never lives to see a job. */
TR_ACTOR(stillborn) { tr_exit("no_luck"); }

/* ---------------------------------------------------------------- verbs */

/* Is this process linked with that one? As it was told of. */
static bool shows_link(tr_term info, tr_pid pid)
{
    struct tr_iter iter;
    tr_term links, each;
    tr_pid other;
    bool is_there = false;
    CHECK(tr_map_get_atom(info, "links", &links) && tr_get_list(links, &iter));
    while (tr_next(&iter, &each))
        is_there |= tr_get_pid(each, &other) && tr_pid_equal(other, pid);
    return is_there;
}

/* A job is done as it should be. */
static void expect_echo(tr_pid pool)
{
    struct tr_request request;
    SUBMIT(pool, &request, "{echo, ok}");
    RESULT(&request, "{ok, ok, _}");
}

static void wait_for(const char *name)
{
    for (int left = CHECK_DEADLINE_MS; left > 0 && tr_pid_is_none(tr_whereis(name)); left--)
        pause_ms(1);
    CHECK(!tr_pid_is_none(tr_whereis(name)));
}

/* ---------------------------------------------------------------- results */

TR_ACTOR(each_job_gets_its_own_answer)
{
    enum { JOBS = 200 };
    struct tr_request requests[JOBS];
    tr_pid pool = POOL(.size = 3);
    for (int i = 0; i < JOBS; i++)
        SUBMIT(pool, &requests[i], "{echo, {number, N}}", i);
    for (int i = 0; i < JOBS; i++)
        RESULT(&requests[i], "{ok, {number, N}, #{tries => 1, delivery => at_most_once}}", i);
    is = statistics_of(pool);
    CHECK(is.submitted == JOBS && is.done == JOBS && is.failed == 0 && is.queued == 0);
    CHECK(is.rate > 0 && is.run_us < 1000000 && is.running == 0);
}

TR_ACTOR(a_result_comes_as_a_message)
{
    struct tr_request request;
    tr_pid pool = POOL(.size = 1);
    SUBMIT(pool, &request, "{echo, [1, 2]}");
    EXPECT("{[alias | Ref], {ok, [1, 2], #{ms => _, run_ms => _}}}", request.ref);
    SUBMIT(pool, &request, "{echo, 3}");
    bool is_found = false;
    tr_term message;
    while (!is_found)
        tr_receive {
            tr_case("Message", &message) {
                TR_REPLY reply = {0};
                is_found = tr_check_response(message, &request, &reply) == 0;
                CHECK(tr_match(reply.term, "{ok, 3, _}") == 0);
            }
            tr_after(CHECK_DEADLINE_MS)
                CHECK(!"comes");
        }
    EXPECT_NOTHING();
}

TR_ACTOR(who_submits_can_wait_at_once)
{
    TR_REPLY reply = {0};
    tr_pid pool = POOL(.size = 1);
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "{echo, there}") == 0);
    CHECK(tr_match(reply.term, "{ok, there, _}") == 0);
    CHECK(tr_pool_run(pool, 50, NULL, &reply, "loop") == TR_TIMEOUT);
    AWAIT_STATISTICS(pool, is.cancelled == 1 && is.running == 0);
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "{exit, sorry}") == 0);
    CHECK(tr_match(reply.term, "{error, sorry, #{tries => 1}}") == 0);
    CHECK(tr_pool_run("nobody", -1, NULL, &reply, "{echo, there}") == TR_NOPROC);
    EXPECT_NOTHING();
}

TR_ACTOR(a_worker_knows_its_argument)
{
    struct tr_out out = {0};
    TR_REPLY reply = {0};
    tr_put(&out, "#{model => \"large\"}");
    tr_pid pool = POOL(.size = 1, .argument = tr_out_term(&out));
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "argument") == 0);
    CHECK(tr_match(reply.term, "{ok, #{model => \"large\"}, _}") == 0);
    tr_out_deinit(&out);
}

TR_ACTOR(jobs_and_answers_of_any_size_arrive)
{
    enum { BYTES = 3 << 20 };
    char *bytes = calloc(1, BYTES);
    TR_REPLY reply = {0};
    tr_bin back;
    tr_pid pool = POOL(.size = 1);
    bytes[BYTES - 1] = 7;
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "{echo, B}", bin_of(bytes, BYTES)) == 0);
    CHECK(tr_match(reply.term, "{ok, B, _}", &back) == 0 && back.size_bytes == BYTES);
    CHECK(memcmp(back.data, bytes, BYTES) == 0);
    free(bytes);
}

/* ---------------------------------------------------------------- deaths */

TR_ACTOR(a_crash_costs_one_job)
{
    enum { JOBS = 60 };
    struct tr_request requests[JOBS];
    tr_pid pool = POOL(.size = 2);
    for (int i = 0; i < JOBS; i++)
        if (i % 10 == 3)
            SUBMIT(pool, &requests[i], "{crash, N}", i);
        else
            SUBMIT(pool, &requests[i], "{echo, N}", i);
    for (int i = 0; i < JOBS; i++)
        if (i % 10 == 3)
            RESULT(&requests[i], "{error, {signal, sigsegv, _}, #{tries => 1}}");
        else
            RESULT(&requests[i], "{ok, N, _}", i);
    is = statistics_of(pool);
    CHECK(is.done == JOBS - 6 && is.failed == 6 && is.deaths == 6);
}

TR_ACTOR(a_job_at_least_once_is_tried_again)
{
    struct tr_request request;
    tr_pid pool = POOL(.size = 1, .delivery = TR_AT_LEAST_ONCE);
    SUBMIT(pool, &request, "{crash_before, 3}");
    RESULT(&request, "{ok, ok, #{tries => 3, delivery => at_least_once}}");
    CHECK(tr_pool_submit(pool, &request, &(struct tr_job_options){.retries = -1},
                         "{crash_before, 2}") == 0);
    RESULT(&request, "{error, {signal, sigsegv, _}, #{tries => 1}}");
    CHECK(statistics_of(pool).retried == 2);
}

/* Twice as long each time, and no longer than the longest. */
TR_ACTOR(a_job_is_tried_again_after_waits_that_grow)
{
    struct tr_request request, other;
    tr_pid pool = POOL(.size = 1, .delivery = TR_AT_LEAST_ONCE, .retries = 4, .retry_min_ms = 50,
                       .retry_max_ms = 150, .quarantine_after = -1);
    uint64_t began_ns = tri_clock_ns();
    SUBMIT(pool, &request, "{crash_before, 5}");
    AWAIT_STATISTICS(pool, is.deaths >= 1);
    SUBMIT(pool, &other, "{echo, meanwhile}");
    RESULT(&other, "{ok, meanwhile, _}");
    RESULT(&request, "{ok, ok, #{tries => 5}}");
    CHECK(tri_clock_ns() - began_ns >= (50 + 100 + 150 + 150) * TRI_NS_PER_MS);
}

/* The worker that takes over has been there before. */
TR_ACTOR(a_crash_costs_no_birth)
{
    TR_REPLY answer = {0};
    struct tr_request killing, next;
    tr_pid first, second, third;
    tr_pid pool = POOL(.size = 1, .spares = 1, .recycle_jobs = 1000);
    AWAIT_STATISTICS(pool, is.idle == 2);
    struct tr_out before = {0};
    CHECK(tr_process_info(pool, &before) == 0);
    CHECK(tr_pool_run(pool, -1, NULL, &answer, "who") == 0);
    CHECK(tr_match(answer.term, "{ok, Pid, _}", &first) == 0);
    SUBMIT(pool, &killing, "kill_yourself");
    SUBMIT(pool, &next, "who"); /* which waits already, before there can be a new worker */
    RESULT(&killing, "{error, {signal, sigkill, _}, _}");
    RESULT(&next, "{ok, Pid, _}", &second);
    CHECK(!tr_pid_equal(first, second));
    CHECK(shows_link(tr_out_term(&before), second));
    /* And there is another one again. */
    AWAIT_STATISTICS(pool, is.idle == 2);
    CHECK(kill(actor_os_pid(second), SIGKILL) == 0);
    AWAIT_STATISTICS(pool, is.deaths == 2);
    CHECK(tr_pool_run(pool, -1, NULL, &answer, "who") == 0);
    CHECK(tr_match(answer.term, "{ok, Pid, _}", &third) == 0 && !tr_pid_equal(second, third));
    CHECK(!shows_link(tr_out_term(&before), third));
    tr_out_deinit(&before);
}

TR_ACTOR(a_job_that_kills_three_workers_is_set_aside)
{
    struct tr_request request;
    TR_REPLY reply = {0};
    tr_bin id;
    char path[512];
    tr_pid pool = POOL(.size = 2, .delivery = TR_AT_LEAST_ONCE, .retries = 10);
    SUBMIT(pool, &request, "{crash, \"poison\"}");
    CHECK(tr_wait_response(&request, CHECK_DEADLINE_MS, &reply) == 0);
    CHECK(tr_match(reply.term, "{error, {quarantined, Id, {signal, sigsegv, _}}, #{tries => 3}}",
                   &id) == 0);
    snprintf(path, sizeof path, "%s/quarantine/%.*s/job", getenv("TROUPE_STATE"),
             (int)id.size_bytes, (const char *)id.data);
    CHECK(access(path, R_OK) == 0);
    is = statistics_of(pool);
    CHECK(is.quarantined == 1 && is.deaths == 3 && is.failed == 1);
    expect_echo(pool);
}

TR_ACTOR(a_job_that_cannot_be_set_aside_is_told_of_all_the_same)
{
    struct tr_request request;
    tr_pid pool;
    const char *const environment[] = {"TROUPE_STATE=/proc/nowhere", NULL};
    struct tr_start_options start = {.environment = environment};
    CHECK(tr_pool_start_link(
              &pool, &start,
              &(struct tr_pool_options){.worker = TR_CHILD("hand"), .quarantine_after = 1}) == 0);
    SUBMIT(pool, &request, "{exit, bad}");
    RESULT(&request, "{error, {quarantine_failed, enoent, bad}, _}");
    expect_echo(pool);
}

TR_ACTOR(a_deadline_kills_one_worker_and_nothing_else)
{
    struct tr_request late, request;
    tr_pid pool = POOL(.size = 1, .deadline_ms = 60000);
    CHECK(tr_pool_submit(pool, &late, &(struct tr_job_options){.deadline_ms = 40}, "loop") == 0);
    SUBMIT(pool, &request, "{echo, next}");
    RESULT(&late, "{error, {limit, wall_clock, 40}, #{tries => 1}}");
    RESULT(&request, "{ok, next, _}");
    CHECK(statistics_of(pool).deaths == 1);
}

/* What bounds a worker is told where the worker is described. */
TR_ACTOR(a_worker_that_hangs_costs_one_job)
{
    struct tr_request request;
    tr_pid pool = POOL(.worker = TR_CHILD("hand", .hang_ms = 200), .size = 1);
    SUBMIT(pool, &request, "spin");
    RESULT(&request, "{error, {hang, _}, #{tries => 1}}");
    expect_echo(pool);
}

TR_ACTOR(a_worker_that_takes_too_much_memory_costs_one_job)
{
    struct tr_request request;
    const struct tr_resource_limits limits = {.memory_bytes = 64 << 20};
    tr_pid pool = POOL(.worker = TR_CHILD("hand", .limits = &limits), .size = 1);
    SUBMIT(pool, &request, "hog");
    RESULT(&request, "{error, {limit, memory, _}, #{tries => 1}}");
    expect_echo(pool);
}

TR_ACTOR(a_worker_that_dies_idle_blames_nobody)
{
    tr_pid pool = POOL(.size = 2), worker;
    TR_REPLY reply = {0};
    for (int i = 0; i < 5; i++) {
        CHECK(tr_pool_run(pool, -1, NULL, &reply, "who") == 0);
        CHECK(tr_match(reply.term, "{ok, Pid, _}", &worker) == 0);
        CHECK(kill(actor_os_pid(worker), SIGKILL) == 0);
        AWAIT_STATISTICS(pool, is.deaths == (uint64_t)i + 1 && is.idle == 3);
    }
    is = statistics_of(pool);
    CHECK(is.done == 5 && is.failed == 0);
}

TR_ACTOR(a_worker_leaves_with_a_large_job)
{
    static char large[100000];
    (void)argument;
    memset(large, 'x', sizeof large);
    tr_pid pool = POOL(.size = 1);
    struct tr_request request;
    SUBMIT(pool, &request, "{exit, {enough, Large}}", bin_of(large, sizeof large));
    RESULT(&request, "{error, {enough, _}, _}");
}

/* ---------------------------------------------------------------- cancelling */

TR_ACTOR(a_queued_job_is_cancelled)
{
    struct tr_request running, queued;
    tr_pid pool = POOL(.size = 1);
    SUBMIT(pool, &running, "loop");
    AWAIT_STATISTICS(pool, is.running == 1);
    SUBMIT(pool, &queued, "{echo, never}");
    CHECK(tr_pool_cancel(pool, &queued, false) == 0);
    RESULT(&queued, "{error, cancelled, #{tries => 0}}");
    CHECK(tr_pool_cancel(pool, &queued, false) == TR_FIRED);
    CHECK(tr_pool_cancel(pool, &running, false) == TR_BUSY);
    CHECK(tr_pool_cancel(pool, &running, true) == 0);
    RESULT(&running, "{error, cancelled, #{tries => 1}}");
    expect_echo(pool);
    CHECK(statistics_of(pool).cancelled == 2);
}

TR_ACTOR(submits_and_stays)
{
    tr_pid pool = tr_whereis("pool");
    struct tr_request running, queued;
    SUBMIT(pool, &running, "loop");
    SUBMIT(pool, &queued, "{echo, never}");
    tr_receive {
        tr_case("never") {
        }
    }
}

/* Its submitter is killed while one of its jobs runs and one waits. */
static tr_pid pool_with_orphans(bool cancels_orphans)
{
    tr_pid pool = POOL(.size = 1, .cancels_orphans = cancels_orphans, .deadline_ms = 1000), client;
    CHECK(tr_register("pool", pool) == 0);
    CHECK(tr_spawn(&client, "submits_and_stays", "[]") == 0);
    AWAIT_STATISTICS(pool, is.running == 1 && is.queued == 1);
    tr_exit_process(client, "kill");
    AWAIT_STATISTICS(pool, is.cancelled >= 1);
    return pool;
}

TR_ACTOR(what_a_dead_submitter_had_queued_is_dropped)
{
    tr_pid pool = pool_with_orphans(false);
    is = statistics_of(pool);
    CHECK(is.running == 1 && is.queued == 0 && is.cancelled == 1);
    AWAIT_STATISTICS(pool, is.running == 0 && is.deaths == 1); /* the deadline */
    expect_echo(pool);
}

TR_ACTOR(what_a_dead_submitter_had_running_is_cancelled_if_asked)
{
    tr_pid pool = pool_with_orphans(true);
    AWAIT_STATISTICS(pool, is.running == 0 && is.cancelled == 2);
    expect_echo(pool);
}

/* ---------------------------------------------------------------- the queue */

TR_ACTOR(jobs_of_high_priority_go_first)
{
    struct tr_request running, requests[5];
    const int priorities[] = {0, -3, 3, 0, 1};
    tr_pid pool = POOL(.size = 1);
    SUBMIT(pool, &running, "{sleep, 100}");
    for (int i = 0; i < 5; i++)
        CHECK(tr_pool_submit(pool, &requests[i],
                             &(struct tr_job_options){.priority = priorities[i]}, "{echo, N}",
                             i) == 0);
    RESULT(&running, "{ok, ok, _}");
    EXPECT_NEXT("{_, {ok, 2, _}}");
    EXPECT_NEXT("{_, {ok, 4, _}}");
    EXPECT_NEXT("{_, {ok, 0, _}}");
    EXPECT_NEXT("{_, {ok, 3, _}}");
    EXPECT_NEXT("{_, {ok, 1, _}}");
}

TR_ACTOR(a_full_queue_refuses)
{
    struct tr_request running, queued[2], refused;
    tr_pid pool = POOL(.size = 1, .max_queue = 2, .when_full = TR_FULL_REFUSES);
    SUBMIT(pool, &running, "{sleep, 300}");
    for (int i = 0; i < 2; i++)
        SUBMIT(pool, &queued[i], "{echo, N}", i);
    SUBMIT(pool, &refused, "{echo, no}");
    RESULT(&refused, "{error, refused, #{tries => 0}}");
    RESULT(&queued[0], "{ok, 0, _}");
    RESULT(&queued[1], "{ok, 1, _}");
    CHECK(statistics_of(pool).refused == 1);
}

TR_ACTOR(a_full_queue_drops_the_oldest)
{
    struct tr_request running, queued[3];
    tr_pid pool = POOL(.size = 1, .max_queue = 2, .when_full = TR_FULL_DROPS);
    SUBMIT(pool, &running, "{sleep, 300}");
    for (int i = 0; i < 3; i++)
        SUBMIT(pool, &queued[i], "{echo, N}", i);
    RESULT(&queued[0], "{error, dropped, #{tries => 0}}");
    RESULT(&queued[1], "{ok, 1, _}");
    RESULT(&queued[2], "{ok, 2, _}");
    CHECK(statistics_of(pool).dropped == 1);
}

/* Who submits more than there is room for waits, so that no more is ever there. */
TR_ACTOR(a_full_queue_lets_submitters_wait)
{
    enum { JOBS = 40 };
    struct tr_request requests[JOBS];
    tr_pid pool = POOL(.size = 1, .max_queue = 3);
    for (int i = 0; i < JOBS; i++) {
        SUBMIT(pool, &requests[i], "{sleep, 5}");
        is = statistics_of(pool);
        CHECK(is.queued <= 3);
        CHECK(is.done + 5 >= (uint64_t)i);
    }
    for (int i = 0; i < JOBS; i++)
        RESULT(&requests[i], "{ok, ok, _}");
}

/* ---------------------------------------------------------------- the number of workers */

TR_ACTOR(a_worker_is_replaced_after_so_many_jobs)
{
    tr_pid pool = POOL(.size = 1, .recycle_jobs = 3), first, next;
    TR_REPLY reply = {0};
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "who") == 0);
    CHECK(tr_match(reply.term, "{ok, Pid, _}", &first) == 0);
    for (int i = 0; i < 2; i++) {
        CHECK(tr_pool_run(pool, -1, NULL, &reply, "who") == 0);
        CHECK(tr_match(reply.term, "{ok, Pid, _}", first) == 0);
    }
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "who") == 0);
    CHECK(tr_match(reply.term, "{ok, Pid, _}", &next) == 0 && !tr_pid_equal(first, next));
    AWAIT_STATISTICS(pool, is.recycled == 1 && is.idle == 2 && is.deaths == 0);
}

TR_ACTOR(a_worker_that_has_grown_is_replaced)
{
    tr_pid pool = POOL(.size = 1, .recycle_bytes = 64 << 20);
    TR_REPLY reply = {0};
    for (int i = 0; i < 4; i++)
        CHECK(tr_pool_run(pool, -1, NULL, &reply, "{eat, N}", 1 << 20) == 0);
    CHECK(statistics_of(pool).recycled == 0);
    CHECK(tr_pool_run(pool, -1, NULL, &reply, "{eat, N}", 80 << 20) == 0);
    AWAIT_STATISTICS(pool, is.recycled == 1 && is.idle == 2);
}

TR_ACTOR(a_pool_grows_and_shrinks)
{
    enum { JOBS = 6 };
    struct tr_request requests[JOBS];
    tr_pid pool = POOL(.size = 1, .max_size = 4, .idle_ms = 200);
    for (int i = 0; i < JOBS; i++)
        SUBMIT(pool, &requests[i], "{sleep, 300}");
    AWAIT_STATISTICS(pool, is.busy == 4 && is.size == 4);
    for (int i = 0; i < JOBS; i++)
        RESULT(&requests[i], "{ok, ok, _}");
    AWAIT_STATISTICS(pool, is.size == 1 && is.idle == 2 && is.stopping == 0);
    CHECK(tr_pool_resize(pool, 3, 0) == 0);
    AWAIT_STATISTICS(pool, is.size == 3 && is.idle == 4);
    CHECK(tr_pool_resize(pool, 0, 0) == TR_REFUSED);
    CHECK(statistics_of(pool).deaths == 0);
}

TR_ACTOR(a_pool_without_worker_does_not_start)
{
    TR_REPLY reason = {0};
    tr_pid pool;
    struct tr_start_options start = {.ret_reason = &reason};
    CHECK(tr_pool_start(&(struct tr_pool_options){.worker = TR_CHILD("nobody")}, 0, &start, &pool,
                        NULL) == TR_DOWN);
    CHECK(tr_match(reason.term, "{failed_to_start_worker, {cannot_spawn, _}}") == 0);
    CHECK(tr_pool_start(&(struct tr_pool_options){.worker = TR_CHILD("stillborn")}, 0, &start,
                        &pool, NULL) == TR_DOWN);
    CHECK(tr_match(reason.term, "{failed_to_start_worker, no_luck}") == 0);
}

/* ---------------------------------------------------------------- the end */

TR_ACTOR(a_drained_pool_has_done_everything)
{
    enum { JOBS = 8 };
    struct tr_request requests[JOBS], refused;
    tr_pid pool = POOL(.size = 2);
    for (int i = 0; i < JOBS; i++)
        SUBMIT(pool, &requests[i], "{sleep, 20}");
    CHECK(tr_pool_drain(pool, 1) == TR_TIMEOUT);
    SUBMIT(pool, &refused, "{echo, late}");
    RESULT(&refused, "{error, refused, _}");
    CHECK(tr_pool_drain(pool, CHECK_DEADLINE_MS) == 0);
    is = statistics_of(pool);
    CHECK(is.done == JOBS && is.is_draining);
    for (int i = 0; i < JOBS; i++)
        RESULT(&requests[i], "{ok, ok, _}");
    CHECK(tr_pool_stop(pool, CHECK_DEADLINE_MS) == 0);
}

/* Linked as it is: the end is an ordinary one. */
TR_ACTOR(who_stops_a_pool_outlives_it)
{
    tr_pid pool = POOL(.size = 1);
    tr_trap_exit(true);
    CHECK(tr_pool_stop(pool, CHECK_DEADLINE_MS) == 0);
    EXPECT("{'EXIT', Pid, normal}", pool);
}

TR_ACTOR(who_waits_for_a_job_hears_of_the_end_of_the_pool)
{
    struct tr_request running, queued;
    tr_pid pool = POOL(.size = 1);
    tr_trap_exit(true);
    SUBMIT(pool, &running, "loop");
    SUBMIT(pool, &queued, "{echo, never}");
    CHECK(tr_pool_stop(pool, CHECK_DEADLINE_MS) == 0);
    TR_REPLY reply = {0};
    CHECK(tr_wait_response(&running, CHECK_DEADLINE_MS, &reply) == TR_DOWN);
    CHECK(tr_is_atom(reply.term, "normal"));
    EXPECT("{'DOWN', Ref, process, _, normal}", queued.ref);
    CHECK(tr_pool_submit(pool, &queued, NULL, "{echo, never}") == TR_NOPROC);
}

static void plant(tr_term argument, struct tr_tree *tree)
{
    struct tr_out pool = {0};
    (void)argument;
    tr_pool_put(&pool, &(struct tr_pool_options){.worker = TR_CHILD("hand"), .size = 1});
    tr_tree_add(tree, TR_CHILD(TR_POOL_ENTRY, .id = "hands", .name = "hands"), "Pool",
                tr_out_term(&pool));
    tr_out_deinit(&pool);
}
TR_SUPERVISOR(tree, plant)

TR_ACTOR(a_supervised_pool_is_started_again)
{
    tr_pid tree, pool;
    struct tr_request request;
    CHECK(tr_server_start_link(&tree, "tree", NULL, "[]") == 0);
    pool = tr_whereis("hands");
    expect_echo(pool);
    SUBMIT(pool, &request, "loop");
    tr_exit_process(pool, "kill");
    EXPECT("{'DOWN', Ref, process, _, killed}", request.ref);
    wait_for("hands");
    expect_echo(tr_whereis("hands"));
}

/* ---------------------------------------------------------------- clients that do not read */

TR_ACTOR(submits_and_sleeps)
{
    enum { JOBS = 30, BYTES = 60000 };
    char *bytes = calloc(1, BYTES);
    struct tr_request request;
    for (int i = 0; i < JOBS; i++)
        SUBMIT(tr_whereis("pool"), &request, "{echo, B}", bin_of(bytes, BYTES));
    tr_send("root", "submitted");
    raise(SIGSTOP);
    for (int i = 0; i < JOBS; i++)
        EXPECT("{_, {ok, _, _}}");
    tr_send("root", "done");
    free(bytes);
}

TR_ACTOR(a_client_that_is_stopped_delays_nobody)
{
    tr_pid pool = POOL(.size = 2), client;
    CHECK(tr_register("pool", pool) == 0 && tr_register("root", tr_self()) == 0);
    CHECK(tr_spawn_link(&client, "submits_and_sleeps", "[]") == 0);
    EXPECT("submitted");
    AWAIT_STATISTICS(pool, is.done == 30);
    for (int i = 0; i < 50; i++)
        expect_echo(pool);
    CHECK(kill(actor_os_pid(client), SIGCONT) == 0);
    EXPECT("done");
}
