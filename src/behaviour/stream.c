/* Stream: tasks for many arguments, a few at a time.
 *
 * Each argument has a place from its task's start until its result has been given out. Ordered, place number i is for
 * argument i, i + places, …, so a slow task stops the stream when the places behind it are full; unordered, any free
 * place is taken, and there are as many as tasks may run. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/question.h"
#include "behaviour/requests.h"
#include "troupe/task.h"

enum { DONE = 1, RUNNING };

struct place {
    int state; /* 0: free */
    tr_pid pid;
    tr_ref ref;
    uint64_t deadline_ns;
    int result; /* of one that is done */
    struct tr_reply reply;
};

struct tr_stream {
    char *entry;
    unsigned max_running, running;
    bool is_ordered;
    int64_t timeout_ms;
    tr_stream_source_fn *source; /* NULL: it has no more */
    void *context;
    struct tr_out list; /* of tr_stream_open_list, and how far it has been read */
    struct tr_iter elements;
    uint64_t started, given; /* counted: arguments */
    size_t count;
    struct place *places;
    struct tr_request *requests; /* the places', in one piece for tri_wait_responses */
};

/* ---------------------------------------------------------------- opening and closing */

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

static void free_stream(struct tr_stream *stream)
{
    for (size_t i = 0; stream->places && i < stream->count; i++)
        tr_reply_deinit(&stream->places[i].reply);
    tr_out_deinit(&stream->list);
    free(stream->entry);
    free(stream->places);
    free(stream->requests);
    free(stream);
}

int tr_stream_open(const char *entry, const struct tr_stream_options *options,
                   tr_stream_source_fn *source, void *context, struct tr_stream **ret_stream)
{
    static const struct tr_stream_options defaults;
    struct tr_stream *stream = calloc(1, sizeof *stream);
    options = options ? options : &defaults;
    if (!stream)
        return -ENOMEM;
    stream->entry = strdup(entry);
    stream->source = source;
    stream->context = context;
    stream->is_ordered = !options->is_unordered;
    stream->max_running = options->max_concurrency ? options->max_concurrency : processors();
    stream->timeout_ms = options->timeout_ms ? options->timeout_ms : TR_CALL_TIMEOUT_MS;
    stream->count = (size_t)stream->max_running * (stream->is_ordered ? 1 + TR_STREAM_HELD : 1);
    stream->places = calloc(stream->count, sizeof *stream->places);
    stream->requests = calloc(stream->count, sizeof *stream->requests);
    if (!stream->entry || !stream->places || !stream->requests) {
        free_stream(stream);
        return -ENOMEM;
    }
    *ret_stream = stream;
    return 0;
}

static bool next_element(struct tr_out *argument, void *context)
{
    struct tr_stream *stream = context;
    tr_term element;
    if (!tr_next(&stream->elements, &element))
        return false;
    tr_put_term(argument, element);
    return true;
}

int tr_stream_open_list(const char *entry, const struct tr_stream_options *options, tr_term list,
                        struct tr_stream **ret_stream)
{
    struct tr_stream *stream;
    int r = tr_stream_open(entry, options, next_element, NULL, &stream);
    if (r)
        return r;
    stream->context = stream;
    r = tr_out_copy(&stream->list, list);
    if (r == 0 && !tr_get_list(tr_out_term(&stream->list), &stream->elements))
        r = TR_NO_MATCH;
    if (r)
        free_stream(stream);
    else
        *ret_stream = stream;
    return r;
}

/* ---------------------------------------------------------------- places */

/* Where the next argument goes, or NULL: everything is full. */
static struct place *free_place(const struct tr_stream *stream)
{
    struct place *place = &stream->places[stream->started % stream->count];
    if (!stream->is_ordered)
        for (place = stream->places; place->state; place++)
            if (place == &stream->places[stream->count - 1])
                return NULL;
    return place->state ? NULL : place;
}

/* Whose result is to be given out now, or NULL. */
static struct place *ready_place(const struct tr_stream *stream)
{
    struct place *place = &stream->places[stream->given % stream->count];
    if (stream->is_ordered)
        return place->state == DONE ? place : NULL;
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == DONE)
            return &stream->places[i];
    return NULL;
}

static struct tr_request *request_of(const struct tr_stream *stream, const struct place *place)
{
    return &stream->requests[place - stream->places];
}

/* ---------------------------------------------------------------- tasks */

/* The task has ended, or is about to: an owner that traps exits finds no EXIT of it in its mailbox. */
static void sweep(const struct place *place)
{
    if (!atomic_load(&tri_process_here()->box->traps_exits))
        return;
    tr_unlink(place->pid);
    tr_receive_since(place->ref)
    {
        tr_case("{'EXIT', Pid, _}", place->pid) {
        }
        tr_after(0) {
        }
    }
}

static void finish(struct tr_stream *stream, struct place *place, int result)
{
    if (place->state == RUNNING) {
        stream->running--;
        sweep(place);
    }
    place->state = DONE;
    place->result = result;
}

static void start(struct tr_stream *stream, struct place *place, tr_term argument)
{
    struct tr_task task;
    int r = tr_task_async_term(stream->entry, argument, &task);
    stream->started++;
    if (r) {
        tri_reply_atom(&place->reply, "cannot_spawn");
        finish(stream, place, r);
        return;
    }
    stream->running++;
    place->state = RUNNING;
    place->pid = task.pid;
    place->ref = task.request.ref;
    place->deadline_ns = tri_deadline_ns(stream->timeout_ms);
    *request_of(stream, place) = task.request;
}

static void start_more(struct tr_stream *stream)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    struct place *place;
    while (stream->source && stream->running < stream->max_running &&
           (place = free_place(stream))) {
        tr_out_reset(&argument);
        if (!stream->source(&argument, stream->context)) {
            stream->source = NULL;
        } else if (argument.fault) {
            stream->started++;
            tri_reply_atom(&place->reply, "system_limit");
            finish(stream, place, argument.fault);
        } else {
            start(stream, place, tr_out_term(&argument));
        }
    }
}

static void kill_task(struct tr_stream *stream, struct place *place)
{
    struct tr_request *request = request_of(stream, place);
    struct tr_task task = {.pid = place->pid, .request = *request};
    int r = tr_task_shutdown(&task, TR_SHUTDOWN_BRUTAL_KILL, &place->reply);
    *request = task.request;
    if (r == TR_TIMEOUT)
        tri_reply_atom(&place->reply, "timeout");
    finish(stream, place, r);
}

static uint64_t first_deadline(const struct tr_stream *stream)
{
    uint64_t first_ns = TRI_NEVER;
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == RUNNING && stream->places[i].deadline_ns < first_ns)
            first_ns = stream->places[i].deadline_ns;
    return first_ns;
}

static void kill_late_ones(struct tr_stream *stream)
{
    uint64_t now_ns = tri_clock_ns();
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == RUNNING && stream->places[i].deadline_ns <= now_ns)
            kill_task(stream, &stream->places[i]);
}

/* Waits until one has answered, has ended, or is late. Faults: as tri_answer_await. */
static int await_one(struct tr_stream *stream)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    size_t which;
    int r =
        tri_wait_responses(stream->requests, stream->count, first_deadline(stream), &which, &reply);
    if (r == TR_TIMEOUT)
        kill_late_ones(stream);
    if (r != 0 && r != TR_DOWN && r != TR_NOPROC)
        return r < 0 ? r : 0;
    struct place *place = &stream->places[which];
    tr_reply_deinit(&place->reply);
    place->reply = reply;
    reply = (struct tr_reply){.message = NULL};
    finish(stream, place, r ? TR_DOWN : 0);
    return 0;
}

/* ---------------------------------------------------------------- results */

static int give_out(struct tr_stream *stream, struct place *place, struct tr_reply *ret_reply)
{
    int result = place->result;
    stream->given++;
    if (ret_reply) {
        tr_reply_deinit(ret_reply);
        *ret_reply = place->reply;
    } else {
        tr_reply_deinit(&place->reply);
    }
    *place = (struct place){.state = 0};
    return result;
}

int tr_stream_next(struct tr_stream *stream, struct tr_reply *ret_reply)
{
    for (;;) {
        start_more(stream);
        struct place *ready = ready_place(stream);
        if (ready)
            return give_out(stream, ready, ret_reply);
        if (stream->running == 0)
            return TR_FIRED;
        int r = await_one(stream);
        if (r)
            return r;
    }
}

void tr_stream_close(struct tr_stream *stream)
{
    if (!stream)
        return;
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == RUNNING)
            kill_task(stream, &stream->places[i]);
    free_stream(stream);
}
