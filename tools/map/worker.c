/* Worker: pipes and a keeper. Nothing here blocks but the start, for as long as a fork takes. */
#include "map/worker.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/fd.h"
#include "wire/denied.h"

/* Memory that is kept when nothing waits in it. */
#define KEPT_PENDING_BYTES ((size_t)1 << 20)

#define NO_KEEPER                                                                                  \
    {                                                                                              \
        .channel_fd = -1, .in_fd = -1, .out_fd = -1, .err_fd = -1                                  \
    }

void map_worker_init(struct map_worker *worker, const struct tri_framing *answers)
{
    *worker = (struct map_worker){
        .keeper = NO_KEEPER,
        .answers.framing = *answers,
        .errors.framing = {.kind = TR_FRAMING_LINE, .max_bytes = TR_PROGRAM_LINE_BYTES}};
    map_hand_init(&worker->hand);
}

int map_worker_start(struct map_worker *worker, const struct tri_program_spec *spec,
                     const struct tri_user *user, struct tri_confined *confined, int control_fd)
{
    int r = tri_keeper_start(spec, user, confined, control_fd, spec->path, &worker->keeper);
    worker->is_there = r == 0;
    if (r)
        worker->keeper = (struct tri_keeper)NO_KEEPER;
    worker->has_cpu_limit = confined && confined->confinement->limits.cpu_s;
    return r;
}

/* ---------------------------------------------------------------- to it */

int map_worker_feed(struct map_worker *worker, const struct tri_framing *framing,
                    const struct map_job *job)
{
    size_t bytes;
    return map_pending_put(&worker->pending, framing, job->bytes, job->size_bytes, &bytes);
}

/* What was written to it, or is to be, and is not read yet. */
static size_t unread_bytes(const struct map_worker *worker)
{
    int in_pipe = 0;
    if (worker->keeper.in_fd < 0)
        return worker->lost_bytes;
    ioctl(worker->keeper.in_fd, FIONREAD, &in_pipe);
    return (size_t)in_pipe + map_pending_bytes(&worker->pending);
}

/* Nobody has the other end. */
static void lose_input(struct map_worker *worker)
{
    worker->lost_bytes = unread_bytes(worker);
    map_worker_close_input(worker);
}

void map_worker_write(struct map_worker *worker)
{
    struct map_pending *pending = &worker->pending;
    size_t waiting = map_pending_bytes(pending);
    if (!waiting || worker->keeper.in_fd < 0)
        return;
    ssize_t n = write(worker->keeper.in_fd, pending->bytes + pending->begin, waiting);
    if (n > 0)
        map_pending_written(pending, (size_t)n, KEPT_PENDING_BYTES);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        lose_input(worker);
}

unsigned map_worker_unread(const struct map_worker *worker, const struct tri_framing *framing)
{
    size_t left = unread_bytes(worker);
    unsigned count = 0;
    const struct map_job *job;
    TAILQ_FOREACH_REVERSE(job, &worker->hand.jobs, map_jobs, of_queue) {
        size_t bytes = map_pending_framed_bytes(framing, job->size_bytes);
        if (bytes > left)
            break;
        left -= bytes;
        count++;
    }
    return count;
}

void map_worker_close_input(struct map_worker *worker)
{
    map_pending_deinit(&worker->pending);
    tri_fd_close(&worker->keeper.in_fd);
}

/* ---------------------------------------------------------------- from it */

int map_worker_read(int *fd, struct tri_framer *framer)
{
    uint8_t *at;
    size_t bytes;
    if (*fd < 0)
        return 0;
    int r = tri_framer_room(framer, &at, &bytes);
    if (r)
        return r;
    ssize_t n = read(*fd, at, bytes);
    if (n > 0) {
        tri_framer_came(framer, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        framer->is_at_end = true;
        tri_fd_close(fd);
    }
    return 0;
}

int map_worker_spill(struct map_worker *worker)
{
    for (struct tri_frame frame;
         (frame = tri_framer_next(&worker->answers)).kind == TRI_FRAME_WHOLE;) {
        int r = map_spill_put(&worker->spill, frame.data, frame.size_bytes);
        if (r)
            return r;
        tri_framer_drop(&worker->answers);
    }
    return 0;
}

void map_worker_drop_answers(struct map_worker *worker)
{
    while (tri_framer_next(&worker->answers).kind == TRI_FRAME_WHOLE)
        tri_framer_drop(&worker->answers);
    map_spill_free(TRI_TAKE(worker->spill));
}

/* ---------------------------------------------------------------- its end */

void map_worker_kill(struct map_worker *worker, enum map_kill why)
{
    if (!worker->is_there || worker->has_ended || worker->killed_for)
        return;
    worker->killed_for = why;
    worker->killed_ns = tri_clock_ns();
    tri_keeper_kill(&worker->keeper);
}

void map_worker_hear(struct map_worker *worker)
{
    struct tri_keeper_news news;
    while (!worker->has_ended && tri_keeper_hear(&worker->keeper, &news)) {
        switch (news.word) {
        case TRI_KEEPER_STARTED:
            worker->has_started = true;
            break;
        case TRI_KEEPER_LIMIT:
        case TRI_KEEPER_DENIED:
            worker->broken = news;
            break;
        case TRI_KEEPER_CONFINED:
            worker->lacks = (unsigned)news.first;
            break;
        default:
            worker->end = news;
            worker->has_ended = true;
        }
    }
}

void map_worker_forget(struct map_worker *worker)
{
    if (worker->is_there)
        tri_keeper_leave(&worker->keeper);
    tri_fd_close(&worker->keeper.in_fd);
    tri_fd_close(&worker->keeper.out_fd);
    tri_fd_close(&worker->keeper.err_fd);
    tri_framer_deinit(&worker->answers);
    tri_framer_deinit(&worker->errors);
    map_spill_free(worker->spill);
    map_pending_deinit(&worker->pending);
    *worker = (struct map_worker){.keeper = NO_KEEPER};
}

static void signal_why(int number, char *why, size_t why_bytes)
{
    const char *name = sigabbrev_np(number);
    if (name)
        snprintf(why, why_bytes, "sig%s", name);
    else
        snprintf(why, why_bytes, "signal %d", number);
    for (char *at = why; *at; at++)
        *at = (char)tolower((unsigned char)*at);
}

static void broken_why(const struct tri_keeper_news *broken, char *why, size_t why_bytes)
{
    const char *call = tri_denied_name(broken->first);
    if (broken->word == TRI_KEEPER_LIMIT)
        snprintf(why, why_bytes, "%s limit",
                 broken->first == TRI_LIMIT_MEMORY ? "memory" : "process");
    else if (call)
        snprintf(why, why_bytes, "denied call: %s", call);
    else
        snprintf(why, why_bytes, "denied call %d", broken->first);
}

void map_worker_why(const struct map_worker *worker, char *why, size_t why_bytes)
{
    static const char *const killed[] = {[MAP_KILL_TIMEOUT] = "timeout",
                                         [MAP_KILL_OUT_OF_STEP] = "more answers than jobs",
                                         [MAP_KILL_TOO_LONG] = "answer too long",
                                         [MAP_KILL_CLOSED] = "closed its output",
                                         [MAP_KILL_NO_ROOM] = "no room for what it prints"};
    const struct tri_keeper_news *end = &worker->end;
    if (worker->killed_for)
        snprintf(why, why_bytes, "%s", killed[worker->killed_for]);
    else if (worker->broken.word)
        broken_why(&worker->broken, why, why_bytes);
    else if (end->word == TRI_KEEPER_FAILED)
        snprintf(why, why_bytes, "cannot be started: %s", strerror(end->second));
    else if (end->word != TRI_KEEPER_ENDED)
        snprintf(why, why_bytes, "its keeper was killed");
    else if (end->first != CLD_EXITED && worker->has_cpu_limit && end->second == SIGXCPU)
        snprintf(why, why_bytes, "cpu limit");
    else if (end->first != CLD_EXITED)
        signal_why(end->second, why, why_bytes);
    else if (end->second)
        snprintf(why, why_bytes, "exit status %d", end->second);
    else
        why[0] = '\0';
}
