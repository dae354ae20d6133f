/* Stream: tasks for many arguments, a few at a time. Nobody waits for a birth: as many as may run are asked for at once, and
 * what becomes of each is heard by one wait.
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
#include "behaviour/task.h"
#include "process/answer.h"

enum { DONE = 1, BEING_BORN, RUNNING };

struct place {
    int state; /* 0: free */
    tr_pid pid;
    tr_ref ref;   /* what news of it bears: of its birth, and of its end */
    tr_ref since; /* nothing of it is older */
    uint64_t deadline_ns;
    int result; /* of one that is done */
    struct tr_reply reply;
};

struct tr_stream {
    char *entry;
    bool is_supervised;
    struct tr_to supervisor; /* its name is owned */
    bool is_linked;
    unsigned max_running, running; /* those that are being born count */
    bool is_ordered;
    int64_t timeout_ms;
    tr_stream_source_fn *source; /* NULL: it has no more */
    void *context;
    struct tr_out list; /* of tr_stream_open_list, and how far it has been read */
    struct tr_iter elements;
    uint64_t started, given; /* counted: arguments */
    size_t count;
    struct place *places;
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
    free((char *)tri_name_of(stream->supervisor));
    free(stream->places);
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
    stream->is_linked = true;
    stream->places = calloc(stream->count, sizeof *stream->places);
    if (!stream->entry || !stream->places) {
        free_stream(stream);
        return -ENOMEM;
    }
    *ret_stream = stream;
    return 0;
}

int tri_stream_supervise(struct tr_stream *stream, struct tr_to supervisor, unsigned flags)
{
    if (tri_name_of(supervisor) && !(supervisor.name = strdup(supervisor.name)))
        return -ENOMEM;
    free((char *)tri_name_of(stream->supervisor));
    stream->supervisor = supervisor;
    stream->is_supervised = true;
    stream->is_linked = flags & TR_SPAWN_LINK;
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

/* Is there a task of which something will be heard? */
static bool is_under_way(const struct place *place) { return place->state > DONE; }

/* ---------------------------------------------------------------- tasks */

/* The task has ended, or is about to: an owner that traps exits finds no EXIT of it in its mailbox. */
static void sweep(const struct tr_stream *stream, const struct place *place)
{
    if (!stream->is_linked || !atomic_load(&tri_process_here()->box->traps_exits))
        return;
    tr_unlink(place->pid);
    tr_receive_since(place->since)
    {
        tr_case("{'EXIT', Pid, _}", place->pid) {
        }
        tr_after(0) {
        }
    }
}

static void finish(struct tr_stream *stream, struct place *place, int result)
{
    if (place->state == RUNNING)
        sweep(stream, place);
    stream->running -= is_under_way(place);
    place->state = DONE;
    place->result = result;
}

static void not_born(struct tr_stream *stream, struct place *place, int result)
{
    tri_reply_atom(&place->reply, "cannot_spawn");
    finish(stream, place, result);
}

static void start(struct tr_stream *stream, struct place *place, tr_term argument)
{
    struct tr_request request;
    int r = stream->is_supervised
                ? tri_task_request_supervised(stream->supervisor, stream->entry, argument, &request)
                : tri_task_request(stream->entry, argument, &request.ref);
    stream->started++;
    if (r) {
        not_born(stream, place, r);
        return;
    }
    stream->running++;
    place->state = BEING_BORN;
    place->ref = place->since = request.ref;
}

/* Its time begins. */
static void runs(struct tr_stream *stream, struct place *place, tr_pid pid)
{
    place->state = RUNNING;
    place->pid = pid;
    place->deadline_ns = tri_deadline_ns(stream->timeout_ms);
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
    struct tr_task task = {.pid = place->pid, .request = {.ref = place->ref}};
    int r = tr_task_shutdown(&task, TR_SHUTDOWN_BRUTAL_KILL, &place->reply);
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

/* ---------------------------------------------------------------- what is heard of them */

enum kind { OF_BIRTH, ANSWER, DOWN };

struct news {
    const struct tr_stream *stream;
    struct place *place; /* of whom */
    enum kind kind;
    tr_term term; /* the answer, or the reason; of a birth the whole message */
};

static bool read_news(tr_term message, struct news *news, tr_ref *ret_ref)
{
    if (tr_match(message, "{[alias | Ref], Answer}", ret_ref, &news->term) == 0)
        news->kind = ANSWER;
    else if (tr_match(message, "{'DOWN', Ref, process, _, Reason}", ret_ref, &news->term) == 0)
        news->kind = DOWN;
    else if (tr_match(message, "{spawn_reply, Ref, _, _}", ret_ref) == 0)
        news->kind = OF_BIRTH;
    else
        return false;
    if (news->kind == OF_BIRTH)
        news->term = message;
    return true;
}

/* The node tells of a birth, and the task of its result, on two ways: a result that is first waits in the mailbox. Of a birth
 * that a supervisor was asked for its answer tells. */
static bool is_its_turn(const struct tr_stream *stream, const struct place *place, enum kind kind)
{
    bool is_told_by_node = place->state == BEING_BORN && !stream->is_supervised;
    return is_under_way(place) && is_told_by_node == (kind == OF_BIRTH);
}

static bool is_news(tr_term message, void *context)
{
    struct news *news = context;
    const struct tr_stream *stream = news->stream;
    tr_ref ref;
    if (!read_news(message, news, &ref))
        return false;
    for (size_t i = 0; i < stream->count; i++)
        if (is_under_way(&stream->places[i]) && tr_ref_equal(stream->places[i].ref, ref)) {
            news->place = &stream->places[i];
            return is_its_turn(stream, news->place, news->kind);
        }
    return false;
}

/* The oldest reference: no news is older. */
static uint64_t first_number(const struct tr_stream *stream)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < stream->count; i++)
        if (is_under_way(&stream->places[i]) && stream->places[i].ref.number < first)
            first = stream->places[i].ref.number;
    return first;
}

static void take_birth(struct tr_stream *stream, struct place *place, tr_term reply)
{
    tr_pid pid;
    int r = TR_DOWN;
    if (tr_match(reply, "{_, _, ok, Pid}", &pid) == 0)
        runs(stream, place, pid);
    else {
        tr_match(reply, "{_, _, error, R}", &r);
        not_born(stream, place, r);
    }
}

/* The reply holds what the supervisor has said. */
static void take_supervisors_word(struct tr_stream *stream, struct place *place)
{
    struct tr_task task = {.pid = TR_NO_PID};
    int r = tri_supervisor_judge(&place->reply, &task.pid);
    if (r) {
        finish(stream, place, r);
        return;
    }
    tr_reply_deinit(&place->reply);
    r = tri_task_adopt(&task, stream->is_linked ? TR_SPAWN_LINK : 0);
    if (r) {
        not_born(stream, place, r);
        return;
    }
    place->ref = task.request.ref;
    runs(stream, place, task.pid);
}

static void take_end(struct tr_stream *stream, struct place *place)
{
    bool is_of_supervisor = place->state == BEING_BORN;
    bool is_none = is_of_supervisor && tr_is_atom(place->reply.term, "noproc");
    finish(stream, place, is_none ? TR_NOPROC : TR_DOWN);
}

/* Takes the message over. */
static void take(struct tr_stream *stream, const struct news *news, struct tr_message *message)
{
    struct place *place = news->place;
    if (news->kind == OF_BIRTH) {
        take_birth(stream, place, news->term);
        tr_message_free(message);
        return;
    }
    tri_reply_hold(&place->reply, message, news->term);
    if (news->kind == DOWN)
        take_end(stream, place);
    else if (place->state == BEING_BORN)
        take_supervisors_word(stream, place);
    else
        finish(stream, place, 0);
}

/* Waits until something is heard of one, or one is late. 0, or -ENOTCONN: a guest whose node is gone. */
static int await_one(struct tr_stream *stream)
{
    struct news news = {.stream = stream};
    struct tr_message *message;
    int r = tri_answer_await(tri_process_here(), first_number(stream), is_news, &news,
                             first_deadline(stream), &message);
    if (r == 0)
        take(stream, &news, message);
    else if (r == TR_TIMEOUT)
        kill_late_ones(stream);
    return r < 0 ? r : 0;
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

static bool has_unborn(const struct tr_stream *stream)
{
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == BEING_BORN)
            return true;
    return false;
}

/* What is being born has no pid yet by which it could be killed. */
void tr_stream_close(struct tr_stream *stream)
{
    if (!stream)
        return;
    while (has_unborn(stream) && await_one(stream) == 0)
        ;
    for (size_t i = 0; i < stream->count; i++)
        if (stream->places[i].state == RUNNING)
            kill_task(stream, &stream->places[i]);
    free_stream(stream);
}
