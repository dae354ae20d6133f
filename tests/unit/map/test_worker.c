/* Worker: what it has not read of its jobs, wherever its reading has stopped. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/fd.h"
#include "map/worker.h"

static const char *const texts[] = {"one", "", "three", "4"};

/* A worker that has been given all texts, and the other end of its input. */
static int feed_all(struct map_worker *worker, const struct tri_framing *framing)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    map_worker_init(worker, framing);
    worker->keeper.in_fd = ends[1];
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(texts); i++) {
        size_t size_bytes = strlen(texts[i]);
        struct map_job *job = calloc(1, sizeof *job + size_bytes);
        assert_non_null(job);
        job->size_bytes = size_bytes;
        memcpy(job->bytes, texts[i], size_bytes);
        TAILQ_INSERT_TAIL(&worker->hand.jobs, job, of_queue);
        worker->hand.count++;
        assert_int_equal(map_worker_feed(worker, framing, job), 0);
    }
    return ends[0];
}

static void leave(struct map_worker *worker, int other_end)
{
    struct map_job *job;
    close(other_end);
    while ((job = TAILQ_FIRST(&worker->hand.jobs))) {
        TAILQ_REMOVE(&worker->hand.jobs, job, of_queue);
        free(job);
    }
    map_worker_forget(worker);
}

/* How many of the texts begin at that byte of the stream or behind it, when each has so much around it. */
static unsigned beginning_from(size_t place, size_t around)
{
    unsigned count = 0;
    size_t at = 0;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(texts); i++) {
        count += at >= place;
        at += strlen(texts[i]) + around;
    }
    return count;
}

static void expect_unread(const struct tri_framing *framing, size_t around)
{
    size_t all = beginning_from(0, around) * around + strlen("onethree4");
    for (size_t place = 0; place <= all; place++) {
        struct map_worker worker;
        char taken[64];
        int other_end = feed_all(&worker, framing);
        assert_int_equal(map_worker_unread(&worker, framing), TRI_ARRAY_LENGTH(texts));
        map_worker_write(&worker);
        if (place > 0)
            assert_int_equal(read(other_end, taken, place), place);
        assert_int_equal(map_worker_unread(&worker, framing), beginning_from(place, around));
        leave(&worker, other_end);
    }
}

static void a_job_of_which_a_byte_was_read_is_in_hand(void **state)
{
    (void)state;
    static const struct tri_framing line = {TR_FRAMING_LINE, 64, .has_own_end = true, .end = '\n'},
                                    null = {TR_FRAMING_LINE, 64, .has_own_end = true, .end = 0},
                                    packet_1 = {.kind = TR_FRAMING_PACKET_1, .max_bytes = 64},
                                    packet_4 = {.kind = TR_FRAMING_PACKET_4, .max_bytes = 64};
    expect_unread(&line, 1);
    expect_unread(&null, 1);
    expect_unread(&packet_1, 1);
    expect_unread(&packet_4, 4);
}

static void what_a_closed_pipe_had_in_it_is_unread(void **state)
{
    (void)state;
    static const struct tri_framing line = {TR_FRAMING_LINE, 64, .has_own_end = true, .end = '\n'};
    struct map_worker worker;
    char taken[64];
    int other_end = feed_all(&worker, &line);
    size_t all = worker.pending.end;
    worker.pending.end = 6; /* the rest waits */
    map_worker_write(&worker);
    assert_int_equal(read(other_end, taken, 4), 4);
    worker.pending.end = all;
    tri_fd_close(&other_end);
    worker.pending.begin = 6;
    map_worker_write(&worker);
    assert_int_equal(worker.keeper.in_fd, -1);
    assert_int_equal(map_worker_unread(&worker, &line), 3);
    leave(&worker, other_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_of_which_a_byte_was_read_is_in_hand),
        cmocka_unit_test(what_a_closed_pipe_had_in_it_is_unread),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
