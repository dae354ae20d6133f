/* Program pools: each case is a root actor, and the workers of its pool are programs, in step with their jobs or not. */
#include "system/pools.h"

int main(int argc, char **argv) { return tr_main(argc, argv); }

static tr_pid pool_of_shell(const char *script)
{
    const char *const arguments[] = {"-c", script, NULL};
    const struct tr_program program = {
        .path = "/bin/sh", .arguments = arguments, .framing = TR_FRAMING_LINE};
    return POOL(.worker = TR_PROGRAM_CHILD(&program), .size = 2);
}

TR_ACTOR(a_program_does_jobs_line_by_line)
{
    enum { JOBS = 26 };
    struct tr_request requests[JOBS];
    tr_pid pool = pool_of_shell("while read line; do echo \"<$line>\"; done");
    for (int i = 0; i < JOBS; i++) {
        const char letter[] = {(char)('a' + i), '\0'};
        SUBMIT(pool, &requests[i], "[\"job \", Letter]", letter);
    }
    for (int i = 0; i < JOBS; i++) {
        const char line[] = {'<', 'j', 'o', 'b', ' ', (char)('a' + i), '>', '\0'};
        RESULT(&requests[i], "{ok, Line, #{tries => 1}}", line);
    }
    SUBMIT(pool, &requests[0], "\"two\nlines\"");
    RESULT(&requests[0], "{error, {badarg, job}, #{tries => 0}}");
    SUBMIT(pool, &requests[0], "{not, iodata}");
    RESULT(&requests[0], "{error, {badarg, job}, #{tries => 0}}");
}

TR_ACTOR(a_program_that_dies_costs_one_job)
{
    struct tr_request bad, worse, good;
    tr_pid pool = pool_of_shell("while read line; do [ \"$line\" = crash ] && kill -9 $$; "
                                "[ \"$line\" = exit ] && exit 3; echo \"<$line>\"; done");
    SUBMIT(pool, &bad, "\"crash\"");
    SUBMIT(pool, &worse, "\"exit\"");
    SUBMIT(pool, &good, "\"good\"");
    RESULT(&bad, "{error, {signal, sigkill, _}, #{tries => 1}}");
    RESULT(&worse, "{error, {exit_status, 3}, _}");
    RESULT(&good, "{ok, \"<good>\", _}");
}

TR_ACTOR(a_program_that_hangs_is_killed_at_the_deadline)
{
    struct tr_request late, good;
    tr_pid pool = pool_of_shell(
        "while read line; do [ \"$line\" = hang ] && sleep 1000; echo \"$line\"; done");
    CHECK(tr_pool_submit(pool, &late, &(struct tr_job_options){.deadline_ms = 50}, "\"hang\"") ==
          0);
    SUBMIT(pool, &good, "\"good\"");
    RESULT(&late, "{error, {limit, wall_clock, 50}, _}");
    RESULT(&good, "{ok, \"good\", _}");
}

TR_ACTOR(a_program_does_jobs_in_packets)
{
    struct tr_request request;
    const struct tr_program cat = {.path = "cat", .framing = TR_FRAMING_PACKET_4};
    tr_pid pool = POOL(.worker = TR_PROGRAM_CHILD(&cat), .size = 1);
    SUBMIT(pool, &request, "\"two\nlines\"");
    RESULT(&request, "{ok, \"two\nlines\", _}");
}

TR_ACTOR(a_program_that_is_out_of_step_is_ended)
{
    struct tr_request request;
    tr_pid pool = pool_of_shell("read line; echo one; echo two; sleep 1000");
    SUBMIT(pool, &request, "\"a\"");
    RESULT(&request, "{ok, \"one\", _}");
    AWAIT_STATISTICS(pool, is.deaths == 1 && is.idle == 3);
    SUBMIT(pool, &request, "\"b\"");
    RESULT(&request, "{ok, \"one\", _}");
}
