/* Mailbox: what a process does with its mail, put together from outbox (to others) and intake (from others). */
#include "mailbox/mailbox.h"

#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "mailbox/built.h"
#include "mailbox/care.h"
#include "mailbox/door.h"
#include "mailbox/frame.h"
#include "mailbox/knot.h"
#include "mailbox/message.h"
#include "mailbox/send_blob.h"

/* How much one call takes in at most: the program must get its turn, while the messages are still in the cache. The frame
 * with which so many bytes have come is the last: large messages are handled one by one, in the same buffer. */
#define FRAMES_AT_ONCE 64
#define MESSAGES_AT_ONCE 256
#define BYTES_AT_ONCE ((uint64_t)1 << 20)
/* What has been held for so long is not going to share a frame with more. */
#define HELD_NS 100000ull
/* Who was away for longer than this while mail came computes for long. */
#define LONG_ABSENCE_NS (5 * TRI_NS_PER_MS)
/* Every how many looks for mail the doorbell is looked at, when nothing says that somebody has knocked. */
#define FINDS_PER_LOOK 8
/* Every how many calls that bring nothing the clock is read, for the sake of care. */
#define CLOCK_EVERY 64

static struct tri_box *box_of(struct tri_mailbox *mailbox) { return mailbox->recorder.box; }

/* Shows the queue's state to ps. */
static void show_queue(struct tri_mailbox *mailbox)
{
    const struct tri_queue *queue = &mailbox->intake.queue;
    tri_show(&box_of(mailbox)->mailbox_length, queue->length);
    tri_show(&box_of(mailbox)->mailbox_bytes, queue->bytes);
    tri_show(&box_of(mailbox)->oldest_arrival_ns, queue->oldest ? queue->oldest->arrived_ns : 0);
}

/* The next frame from nanomsg; one that is none is dropped, and there seems to be nothing. */
static int receive(struct tri_mailbox *mailbox, void **ret_frame)
{
    size_t size_bytes;
    struct tri_frame head;
    if (!tri_socket_is_open(&mailbox->socket))
        return -EAGAIN;
    int r = tri_socket_receive(&mailbox->socket, ret_frame, &size_bytes);
    if (r || tri_frame_check(*ret_frame, size_bytes, mailbox->options.self, mailbox->recorder.slots,
                             &head))
        return r;
    tri_count(&box_of(mailbox)->bad_frames, 1);
    tri_socket_free(TRI_TAKE(*ret_frame));
    return -EAGAIN;
}

int tri_mailbox_find(struct tri_mailbox *mailbox, void **ret_frame)
{
    struct tri_fetch *fetch = &mailbox->intake.fetch;
    if (mailbox->is_knocked || mailbox->finds % FINDS_PER_LOOK == 0)
        tri_door_answer(mailbox);
    bool fetches = mailbox->finds++ % 2;
    size_t size_bytes;
    int r = -EAGAIN;
    for (int tries = 0; r == -EAGAIN && tries < 2; tries++, fetches = !fetches)
        r = fetches ? tri_fetch_next(fetch, ret_frame, &size_bytes) : receive(mailbox, ret_frame);
    return r;
}

/* Takes in the next frame, or what is left of the last one. 0; -EAGAIN when there is none, or it must stay; another
 * negative errno. */
static int take_frame(struct tri_mailbox *mailbox, uint64_t *now_ns)
{
    struct tri_intake *intake = &mailbox->intake;
    void *frame = TRI_TAKE(mailbox->found);
    int r = 0;
    if (!tri_intake_is_pending(intake) && !frame)
        r = tri_mailbox_find(mailbox, &frame);
    if (r)
        return r;
    if (*now_ns == 0)
        *now_ns = tri_clock_ns();
    bool is_whole =
        frame ? tri_intake_frame(intake, frame, *now_ns) : tri_intake_go_on(intake, *now_ns);
    return is_whole ? 0 : -EAGAIN;
}

/* Takes in some frames. How many messages, or a negative errno.
 *   now_ns   0, or the time; it is read when something has come */
static int take_frames(struct tri_mailbox *mailbox, uint64_t *now_ns)
{
    uint64_t before = mailbox->intake.queue.arrivals;
    const _Atomic uint64_t *bytes_in = &box_of(mailbox)->bytes_in;
    uint64_t enough = atomic_load_explicit(bytes_in, memory_order_relaxed) + BYTES_AT_ONCE;
    int r = 0;
    for (int i = 0; i < FRAMES_AT_ONCE && r == 0; i++) {
        r = take_frame(mailbox, now_ns);
        if (mailbox->intake.queue.arrivals - before >= MESSAGES_AT_ONCE ||
            atomic_load_explicit(bytes_in, memory_order_relaxed) >= enough)
            break;
    }
    if (mailbox->intake.queue.arrivals > before)
        show_queue(mailbox);
    return r < 0 && r != -EAGAIN ? r : (int)(mailbox->intake.queue.arrivals - before);
}

/* What the helper does while the owner computes: sends, takes in, looks after what does not arrive. */
static bool help(void *context)
{
    struct tri_mailbox *mailbox = context;
    uint64_t now_ns = 0;
    bool had_unsent = mailbox->outbox.unsent != NULL;
    mailbox->intake.is_helped = mailbox->outbox.is_helped = true;
    if (had_unsent)
        tri_outbox_flush(&mailbox->outbox);
    bool has_mail = take_frames(mailbox, &now_ns) > 0;
    mailbox->was_helped |= has_mail;
    if (mailbox->outbox.watched || mailbox->pool.count > 0) {
        now_ns = tri_clock_ns();
        tri_care(&mailbox->outbox, now_ns);
        tri_tidy(&mailbox->tidy, &mailbox->pool, now_ns);
    }
    mailbox->intake.is_helped = mailbox->outbox.is_helped = false;
    return has_mail || (had_unsent && !mailbox->outbox.unsent);
}

static enum tri_helper_need need_for_help(void *context)
{
    struct tri_mailbox *mailbox = context;
    if (atomic_load_explicit(&mailbox->is_waiting, memory_order_relaxed))
        return TRI_HELPER_NOT_NEEDED;
    uint64_t since = atomic_load_explicit(&mailbox->outbox.held_since_ns, memory_order_relaxed);
    if (since == 0)
        return TRI_HELPER_WATCHES;
    return tri_clock_ns() - since > HELD_NS ? TRI_HELPER_IS_NEEDED : TRI_HELPER_IS_CLOSE;
}

static int open_parts(struct tri_mailbox *mailbox)
{
    const struct tri_mailbox_options *options = &mailbox->options;
    int r = tri_recorder_open(&mailbox->recorder, options->dir, options->table->header->slots,
                              options->self);
    if (r)
        return r;
    mailbox->recorder.box->bound = options->bound;
    mailbox->intake.options = options;
    mailbox->intake.recorder = &mailbox->recorder;
    mailbox->intake.fetch.recorder = &mailbox->recorder;
    tri_outbox_init(&mailbox->outbox, &mailbox->recorder, options->dir, options->table,
                    &mailbox->helper);
    tri_pool_init(&mailbox->pool, options->dir, options->self);
    mailbox->tidy.when_ns = TRI_NEVER;
    mailbox->helper.help = help;
    mailbox->helper.need = need_for_help;
    mailbox->helper.context = mailbox;
    return tri_door_open(mailbox);
}

void tri_mailbox_prepare(void)
{
    int r = tri_socket_ask_for_thread();
    if (r)
        tri_debug("no thread in the template: %s", tr_strerror(r));
}

int tri_mailbox_open(struct tri_mailbox **ret_mailbox, const struct tri_mailbox_options *options)
{
    struct tri_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox)
        return -ENOMEM;
    mailbox->options = *options;
    mailbox->socket = TRI_SOCKET_CLOSED;
    mailbox->doorbell_fd = -1;
    int r = open_parts(mailbox);
    if (r) {
        tri_mailbox_close(mailbox);
        return r;
    }
    if (tri_bound_is_set(&options->bound) && options->bound.policy == TRI_POLICY_KILLS)
        tri_helper_start(
            &mailbox->helper); /* whoever computes for ever dies of a full mailbox, too */
    *ret_mailbox = mailbox;
    return 0;
}

int tri_mailbox_reserve(struct tri_mailbox *mailbox, tr_pid with)
{
    TRI_IN_TURN(mailbox);
    if (!tri_recorder_cell(&mailbox->recorder, tr_pid_slot(with)))
        return -ENOSPC;
    return tri_recorder_grow_ring(&mailbox->recorder, 1);
}

int tri_mailbox_seal(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    return tri_recorder_seal(&mailbox->recorder, mailbox->options.dir);
}

void tri_mailbox_close(struct tri_mailbox *mailbox)
{
    if (!mailbox)
        return;
    tri_helper_stop(&mailbox->helper);
    tri_socket_free(mailbox->found);
    tri_door_close(mailbox);
    tri_socket_close(&mailbox->socket);
    tri_outbox_deinit(&mailbox->outbox);
    tri_intake_deinit(&mailbox->intake);
    tri_message_spares_free();
    tri_pool_deinit(&mailbox->pool);
    tri_recorder_close(&mailbox->recorder);
    free(mailbox);
}

/* ---------------------------------------------------------------- sending */

static void enter(struct tri_mailbox *mailbox, struct tr_message *message)
{
    tri_queue_put(&mailbox->intake.queue, message, tri_clock_ns());
    show_queue(mailbox);
}

static int put(struct tri_mailbox *mailbox, tr_pid from, uint64_t alias, tr_term term)
{
    struct tr_message *message = tri_message_copy(from, alias, term);
    if (!message)
        return -ENOMEM;
    enter(mailbox, message);
    return 0;
}

static void count_sent(struct tri_mailbox *mailbox, size_t size_bytes)
{
    tri_count(&box_of(mailbox)->messages_out, 1);
    tri_count(&box_of(mailbox)->bytes_out, size_bytes);
}

static bool accepts_own(const struct tri_mailbox *mailbox, uint64_t alias)
{
    const struct tri_mailbox_options *options = &mailbox->options;
    return alias == 0 ||
           (options->accepts_alias && options->accepts_alias(alias, options->context));
}

/* A message from oneself to oneself, which never leaves this process. */
static void enter_own(struct tri_mailbox *mailbox, struct tr_message *message)
{
    size_t size_bytes = message->term.size_bytes;
    enter(mailbox, message);
    tri_count(&box_of(mailbox)->messages_in, 1);
    tri_count(&box_of(mailbox)->bytes_in, size_bytes);
    count_sent(mailbox, size_bytes);
}

static int send_to_self(struct tri_mailbox *mailbox, uint64_t alias, tr_term term)
{
    if (!accepts_own(mailbox, alias))
        return 0;
    struct tr_message *message = tri_message_copy(mailbox->options.self, alias, term);
    if (!message)
        return -ENOMEM;
    enter_own(mailbox, message);
    return 0;
}

static int send_to_dead(struct tri_mailbox *mailbox, tr_pid to)
{
    struct tri_peer *peer = tri_outbox_find(&mailbox->outbox, to);
    if (peer)
        tri_outbox_drop(&mailbox->outbox, peer);
    tri_count(&box_of(mailbox)->dead_letters, 1);
    return 0;
}

static int send_record(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                       const struct iovec *parts, size_t count, size_t size_bytes)
{
    struct tri_peer *peer;
    int r = tri_outbox_admit(&mailbox->outbox, to, size_bytes, 0, &peer);
    if (r == 0)
        tri_outbox_send(&mailbox->outbox, peer, TRI_RECORD_TERM, alias, parts, count, size_bytes);
    return r;
}

int tri_mailbox_send(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias, tr_term term)
{
    if (term.size_bytes > TRI_RECORD_BODY_BYTES) {
        struct tri_letter letter;
        tri_letter_of_term(&letter, term);
        return tri_mailbox_send_letter(mailbox, to, alias, &letter);
    }
    TRI_IN_TURN(mailbox);
    if (tr_pid_equal(to, mailbox->options.self))
        return send_to_self(mailbox, alias, term);
    if (!tri_table_is_alive(mailbox->options.table, to))
        return send_to_dead(mailbox, to);
    const struct iovec part = {(void *)(uintptr_t)term.data, term.size_bytes};
    int r = send_record(mailbox, to, alias, &part, 1, term.size_bytes);
    if (r == 0)
        count_sent(mailbox, term.size_bytes);
    return r;
}

/* A letter to oneself: what was built in place stays where it is. */
static struct tr_message *message_of_letter(tr_pid self, uint64_t alias,
                                            const struct tri_letter *letter)
{
    struct tr_message *message = tri_built_message(self, alias, letter);
    if (message)
        return message;
    message = tri_message_new(self, alias, letter->size_bytes);
    if (!message)
        return NULL;
    tri_letter_copy(letter, tri_message_room(message));
    message->term = (tr_term){tri_message_room(message), letter->size_bytes};
    tri_built_free(letter->blob);
    return message;
}

static int send_letter_to_self(struct tri_mailbox *mailbox, uint64_t alias,
                               const struct tri_letter *letter)
{
    if (!accepts_own(mailbox, alias)) {
        tri_built_free(letter->blob);
        return 0;
    }
    struct tr_message *message = message_of_letter(mailbox->options.self, alias, letter);
    if (!message)
        return -ENOMEM;
    enter_own(mailbox, message);
    return 0;
}

/* A letter that fits into a record; a blob in it was cut to that size. */
static int send_small_letter(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                             const struct tri_letter *letter)
{
    int r = send_record(mailbox, to, alias, letter->parts, letter->count, letter->size_bytes);
    if (r == 0)
        tri_built_free(letter->blob);
    return r;
}

int tri_mailbox_send_letter(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                            const struct tri_letter *letter)
{
    TRI_IN_TURN(mailbox);
    if (tr_pid_equal(to, mailbox->options.self))
        return send_letter_to_self(mailbox, alias, letter);
    if (!tri_table_is_alive(mailbox->options.table, to)) {
        tri_built_free(letter->blob);
        return send_to_dead(mailbox, to);
    }
    int r = letter->size_bytes > TRI_RECORD_BODY_BYTES
                ? tri_send_blob(mailbox, to, alias, letter)
                : send_small_letter(mailbox, to, alias, letter);
    if (r == TR_NOPROC)
        return send_to_dead(mailbox, to);
    if (r == 0)
        count_sent(mailbox, letter->size_bytes);
    return r;
}

uint64_t tri_mailbox_last_sent(struct tri_mailbox *mailbox, tr_pid to)
{
    TRI_IN_TURN(mailbox);
    const struct tri_peer *peer = tri_outbox_find(&mailbox->outbox, to);
    return peer ? peer->last : 0;
}

void tri_mailbox_flush(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    mailbox->outbox.batch++;
    if (mailbox->outbox.unsent)
        tri_outbox_flush(&mailbox->outbox);
}

int tri_mailbox_signalled(struct tri_mailbox *mailbox, tr_pid to)
{
    TRI_IN_TURN(mailbox);
    return tri_outbox_signalled(&mailbox->outbox, to);
}

/* ---------------------------------------------------------------- taking in */

/* Mail that comes while its owner computes for long is a task for the helper. */
static void notice_long_absence(struct tri_mailbox *mailbox, uint64_t now_ns)
{
    if (mailbox->left_ns && now_ns - mailbox->left_ns > LONG_ABSENCE_NS)
        tri_helper_start(&mailbox->helper);
    mailbox->left_ns = now_ns;
}

int tri_mailbox_take_in(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    uint64_t now_ns = 0;
    int r = take_frames(mailbox, &now_ns);
    if (now_ns)
        notice_long_absence(mailbox, now_ns);
    else if ((mailbox->outbox.watched || mailbox->pool.count > 0) &&
             ++mailbox->take_ins % CLOCK_EVERY == 0)
        now_ns = tri_clock_ns();
    if (now_ns) {
        tri_care(&mailbox->outbox, now_ns);
        tri_tidy(&mailbox->tidy, &mailbox->pool, now_ns);
    }
    return r;
}

uint64_t tri_mailbox_last_taken(struct tri_mailbox *mailbox, tr_pid from)
{
    TRI_IN_TURN(mailbox);
    return tri_recorder_taken(&mailbox->recorder, from);
}

int tri_mailbox_deliver(struct tri_mailbox *mailbox, tr_pid from, const void *bytes,
                        size_t size_bytes)
{
    TRI_IN_TURN(mailbox);
    int r = tri_intake_record(&mailbox->intake, from, bytes, size_bytes, tri_clock_ns());
    show_queue(mailbox);
    return r;
}

int tri_mailbox_put(struct tri_mailbox *mailbox, tr_pid from, tr_term term)
{
    TRI_IN_TURN(mailbox);
    return put(mailbox, from, 0, term);
}

void tri_mailbox_forget(struct tri_mailbox *mailbox, tr_pid dead)
{
    TRI_IN_TURN(mailbox);
    struct tri_peer *peer = tri_outbox_find(&mailbox->outbox, dead);
    if (tri_table_is_alive(mailbox->options.table, dead))
        return; /* its numbers go on */
    if (peer)
        tri_outbox_drop(&mailbox->outbox, peer);
    tri_intake_forget(&mailbox->intake, dead);
}

/* ---------------------------------------------------------------- bounds */

void tri_mailbox_set_bound(struct tri_mailbox *mailbox, uint64_t max_messages, uint64_t max_bytes)
{
    TRI_IN_TURN(mailbox);
    if (tri_bound_is_set(&mailbox->options.bound))
        return;
    mailbox->options.bound = (struct tri_bound){
        .max_messages = max_messages, .max_bytes = max_bytes, .policy = TRI_POLICY_WAITS};
    mailbox->recorder.box->bound = mailbox->options.bound;
}

void tri_mailbox_want(struct tri_mailbox *mailbox, unsigned messages)
{
    if (!tri_bound_is_set(&mailbox->options.bound))
        return;
    TRI_IN_TURN(mailbox);
    if (mailbox->intake.guest) {
        tri_intake_drop_unwanted(&mailbox->intake);
        show_queue(mailbox);
    }
    mailbox->intake.is_wanting = messages > 0;
    mailbox->intake.wanted = messages;
}

void tri_mailbox_have_enough(struct tri_mailbox *mailbox)
{
    if (!tri_bound_is_set(&mailbox->options.bound))
        return;
    TRI_IN_TURN(mailbox);
    mailbox->intake.wanted = 0;
}

bool tri_mailbox_is_full(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    return tri_intake_is_stuck(&mailbox->intake);
}

bool tri_mailbox_is_in_knot(const struct tri_mailbox *mailbox, tr_pid receiver)
{
    return tri_knot_leads_back(&mailbox->recorder, receiver);
}

/* ---------------------------------------------------------------- the queue */

uint64_t tri_mailbox_length(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    return mailbox->intake.queue.length;
}

uint64_t tri_mailbox_arrivals(struct tri_mailbox *mailbox)
{
    TRI_IN_TURN(mailbox);
    return mailbox->intake.queue.arrivals;
}

struct tr_message *tri_mailbox_next(struct tri_mailbox *mailbox, uint64_t after)
{
    TRI_IN_TURN(mailbox);
    return tri_queue_next(&mailbox->intake.queue, after);
}

void tri_mailbox_remove(struct tri_mailbox *mailbox, struct tr_message *message)
{
    TRI_IN_TURN(mailbox);
    tri_queue_remove(&mailbox->intake.queue, message);
    show_queue(mailbox);
}

void tri_mailbox_take(struct tri_mailbox *mailbox, struct tr_message *message)
{
    TRI_IN_TURN(mailbox);
    tri_queue_remove(&mailbox->intake.queue, message);
    show_queue(mailbox);
    mailbox->intake.is_wanting = false;
    tri_recorder_in_hand(&mailbox->recorder, message);
}

void tri_mailbox_let_go(struct tri_mailbox *mailbox, struct tr_message *message, bool was_in_hand,
                        const struct tr_message *in_hand)
{
    TRI_IN_TURN(mailbox);
    if (was_in_hand && in_hand)
        tri_recorder_in_hand(&mailbox->recorder, in_hand);
    else if (was_in_hand)
        tri_recorder_done(&mailbox->recorder);
    tri_message_recycle(message, &mailbox->intake.spare);
}

void tri_mailbox_free(struct tri_mailbox *mailbox, struct tr_message *message)
{
    TRI_IN_TURN(mailbox);
    tri_message_recycle(message, &mailbox->intake.spare);
}

struct tri_box *tri_mailbox_box(struct tri_mailbox *mailbox) { return box_of(mailbox); }

int tri_mailbox_boxes(const struct tri_mailbox *mailbox) { return mailbox->recorder.fd; }
