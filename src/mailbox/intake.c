/* Intake: from bytes to messages in the queue. */
#include "mailbox/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "mailbox/blob.h"
#include "mailbox/frame.h"
#include "mailbox/message.h"
#include "mailbox/socket.h"

/* Published for a dead sender when it is forgotten: whatever still comes is older. */
#define EVERYTHING UINT64_MAX

/* What becomes of a record. */
enum fate {
    DONE,  /* taken in, or dropped for a reason that will not change */
    AGAIN, /* memory is short: it and what follows must come again   */
    LATER, /* not now: it stays where it is                          */
    FULL,  /* there is no room for it: it stays where it is          */
};

/* As a fault of a record that is to wait because it finds no room. */
#define HELD_BACK (-EXFULL)

static struct tri_box *box_of(struct tri_intake *intake) { return intake->recorder->box; }

/* Of a frame: the block of its messages, made when there is none yet. False: no memory. */
static bool has_block(struct tri_intake *intake, struct tri_source *source)
{
    if (!source->block)
        source->block = tri_message_block_new(source->frame, source->count, &intake->spare);
    return source->block;
}

static int make_message(struct tri_intake *intake, struct tri_source *source, uint64_t alias,
                        tr_term term, struct tr_message **ret_message)
{
    if (source->frame)
        *ret_message = has_block(intake, source)
                           ? tri_message_in_block(source->block, source->from, alias, term)
                           : NULL;
    else
        *ret_message = tri_message_copy(source->from, alias, term);
    return *ret_message ? 0 : -ENOMEM;
}

static bool name_of_blob(const struct tri_source *source, const struct tri_record *record,
                         const uint8_t *body, struct tri_blob_name *ret_name)
{
    if (record->size_bytes != sizeof *ret_name)
        return false;
    memcpy(ret_name, body, sizeof *ret_name);
    return ret_name->sender == source->from.id;
}

static int take_blob(struct tri_intake *intake, const struct tri_source *source,
                     const struct tri_record *record, const uint8_t *body,
                     struct tr_message **ret_message)
{
    struct tri_blob_name name;
    const struct tri_mailbox_options *options = intake->options;
    if (!name_of_blob(source, record, body, &name))
        return TR_MALFORMED;
    return tri_blob_take(options->dir, options->self, &name, record->alias, ret_message);
}

/* Makes a message of a record. 0, TR_MALFORMED, or a fault. */
static int open_record(struct tri_intake *intake, struct tri_source *source,
                       const struct tri_record *record, const uint8_t *body,
                       struct tr_message **ret_message)
{
    tr_term term;
    if (record->kind == TRI_RECORD_BLOB)
        return take_blob(intake, source, record, body, ret_message);
    if (tr_check(body, record->size_bytes, NULL, &term))
        return TR_MALFORMED;
    return make_message(intake, source, record->alias, term, ret_message);
}

/* Asked last of all, because an alias may be good for one message only. */
static bool is_accepted(const struct tri_mailbox_options *options, uint64_t alias)
{
    return alias == 0 ||
           (options->accepts_alias && options->accepts_alias(alias, options->context));
}

/* The mailbox has overflowed, which ends this process: from whichever thread, and whatever the program does just now. */
TR_NORETURN static void overflow(struct tri_intake *intake)
{
    atomic_store(&box_of(intake)->fate, TRI_FATE_MAILBOX);
    if (intake->options->overflowed)
        intake->options->overflowed(intake->options->context);
    _exit(TRI_FATE_STATUS);
}

static void drop(struct tri_intake *intake, const struct tri_source *source,
                 const struct tri_record *record, const uint8_t *body)
{
    struct tri_blob_name name;
    const struct tri_mailbox_options *options = intake->options;
    if (record->kind == TRI_RECORD_BLOB && name_of_blob(source, record, body, &name))
        tri_blob_drop(options->dir, options->self, &name);
    tri_count(&box_of(intake)->dropped, 1);
}

/* A message has entered a full mailbox because it may be wanted. */
static void be_guest(struct tri_intake *intake, struct tr_message *message)
{
    message->is_guest = true;
    intake->wanted -= intake->wanted > 0;
    if (intake->guest == 0)
        intake->guest = message->arrival;
}

static enum tri_bound_want want_of(const struct tri_intake *intake)
{
    if (intake->wanted > 0)
        return TRI_BOUND_WANTED;
    return intake->is_wanting ? TRI_BOUND_SATED : TRI_BOUND_NOT_WANTED;
}

/* Asks the bound. What comes from its own process through the node is its own, as any timer of its own. */
static enum tri_bound_verdict judge(struct tri_intake *intake, const struct tri_source *source,
                                    const struct tri_record *record, const uint8_t *body)
{
    struct tri_blob_name name;
    uint64_t size_bytes = record->size_bytes;
    const struct tri_mailbox_options *options = intake->options;
    if (tr_pid_equal(source->from, options->self))
        return TRI_BOUND_ENTERS;
    if (record->kind == TRI_RECORD_BLOB && name_of_blob(source, record, body, &name))
        size_bytes = name.size_bytes;
    return tri_bound_judge(&options->bound, &intake->queue, size_bytes, source->can_wait,
                           want_of(intake));
}

/* Puts what a record holds into the queue, unless its alias is over. 0 or TR_MALFORMED: the record is done with;
 * HELD_BACK: it finds no room; otherwise negative: it must come again. */
static int enter(struct tri_intake *intake, struct tri_source *source,
                 const struct tri_record *record, const uint8_t *body)
{
    struct tr_message *message;
    enum tri_bound_verdict verdict = TRI_BOUND_ENTERS;
    if (tri_bound_is_set(&intake->options->bound))
        verdict = judge(intake, source, record, body);
    if (verdict == TRI_BOUND_WAITS)
        return HELD_BACK;
    if (verdict == TRI_BOUND_DROPPED) {
        drop(intake, source, record, body);
        return 0;
    }
    int r = open_record(intake, source, record, body, &message);
    if (r == TR_MALFORMED)
        tri_count(&box_of(intake)->bad_frames, 1);
    if (r)
        return r;
    if (!is_accepted(intake->options, record->alias)) {
        tri_message_free(message);
        return 0;
    }
    if (verdict == TRI_BOUND_KILLS)
        overflow(intake);
    tri_queue_put(&intake->queue, message, source->now_ns);
    if (verdict == TRI_BOUND_ENTERS_BEYOND)
        be_guest(intake, message);
    tri_count(&box_of(intake)->messages_in, 1);
    tri_count(&box_of(intake)->bytes_in, message->term.size_bytes);
    return 0;
}

/* Does the cell (still) speak of that sender? */
static bool is_about(struct tri_received *cell, tr_pid from)
{
    return atomic_load_explicit(&cell->generation, memory_order_relaxed) == tr_pid_generation(from);
}

/* Is this record (still) the next of its sender? Lets in first what was signalled before it; that may bring its sender's
 * last words, and even those of the next tenant of its slot. */
static bool is_next(struct tri_intake *intake, struct tri_received *cell, tr_pid from,
                    const struct tri_record *record)
{
    const struct tri_mailbox_options *options = intake->options;
    if (record->flags & TRI_RECORD_AFTER_SIGNAL && options->let_signals_in)
        options->let_signals_in(options->context);
    return is_about(cell, from) &&
           atomic_load_explicit(&cell->number, memory_order_relaxed) + 1 == record->number;
}

/* Lets in what came before its turn and follows `number`. False when something of it finds no room. */
static bool enter_early(struct tri_intake *intake, struct tri_received *cell,
                        const struct tri_source *source, uint64_t number)
{
    struct tri_early_record *early;
    struct tri_source copied = {
        .from = source->from, .now_ns = source->now_ns, .can_wait = source->can_wait};
    int r = 0;
    while (r >= 0 && (early = tri_early_take(&intake->early, source->from, number + 1))) {
        if (!is_next(intake, cell, source->from, &early->record)) {
            free(early);
            return true;
        }
        r = enter(intake, &copied, &early->record, early->body);
        if (r >= 0)
            tri_received_publish(cell, ++number);
        else if (r == HELD_BACK)
            tri_early_hold(&intake->early, source->from, &early->record, early->body);
        free(early);
    }
    return r != HELD_BACK;
}

/* Does taking in this record concern the process layer? */
static bool is_for_the_actor(const struct tri_intake *intake, const struct tri_record *record)
{
    return record->flags & TRI_RECORD_AFTER_SIGNAL || record->alias || intake->early.senders;
}

/* A numbered record. */
static enum fate take_numbered(struct tri_intake *intake, struct tri_received *cell,
                               struct tri_source *source, const struct tri_record *record,
                               const uint8_t *body)
{
    uint64_t last = atomic_load_explicit(&cell->number, memory_order_relaxed);
    if (intake->is_helped && is_for_the_actor(intake, record))
        return LATER;
    if (is_about(cell, source->from) && record->number > last && record->number - last > 1) {
        tri_early_hold(&intake->early, source->from, record, body);
        return DONE;
    }
    if (record->number <= last || !is_next(intake, cell, source->from, record)) {
        tri_count(&box_of(intake)->duplicates, source->is_again); /* else it was fetched, too */
        return DONE;
    }
    int r = enter(intake, source, record, body);
    if (r < 0)
        return r == HELD_BACK ? FULL : AGAIN;
    tri_received_publish(cell, record->number);
    return DONE;
}

/* The cell of a sender, begun anew when it is the first of its generation to be heard.
 *   is_dead_welcome   the node hands on the words of the dead; a frame from one is late
 * NULL: nothing of it is taken. */
static struct tri_received *cell_of(struct tri_intake *intake, tr_pid from, bool is_dead_welcome)
{
    struct tri_received *cell = is_dead_welcome
                                    ? tri_recorder_cell_of_dead(intake->recorder, from)
                                    : tri_recorder_cell(intake->recorder, tr_pid_slot(from));
    if (!cell) {
        tri_debug("no memory in the run directory to take in from <0.%u.%u>", tr_pid_slot(from),
                  tr_pid_generation(from));
        return NULL;
    }
    uint32_t generation = atomic_load_explicit(&cell->generation, memory_order_relaxed);
    if (generation == tr_pid_generation(from))
        return cell;
    bool is_known = is_dead_welcome || tri_table_is_alive(intake->options->table, from);
    if (generation > tr_pid_generation(from) || !is_known) {
        tri_count(&box_of(intake)->duplicates, 1);
        return NULL;
    }
    tri_early_forget(&intake->early, tr_pid_make(tr_pid_slot(from), generation));
    tri_received_begin(cell, tr_pid_generation(from));
    return cell;
}

/* What came before its turn may have its turn now. False when something of it finds no room. */
static bool take_early(struct tri_intake *intake, struct tri_received *cell,
                       const struct tri_source *source)
{
    if (!intake->early.senders || !is_about(cell, source->from))
        return true;
    return enter_early(intake, cell, source,
                       atomic_load_explicit(&cell->number, memory_order_relaxed));
}

/* Nearly all records are the next of their sender, to its receiver's pid, and bear a term: those at the source's front are
 * taken in by a short way, and published together. It ends before the first one that is otherwise. */
static void take_run(struct tri_intake *intake, struct tri_received *cell,
                     struct tri_source *source)
{
    uint64_t number = atomic_load_explicit(&cell->number, memory_order_relaxed);
    uint64_t size_bytes = 0, before = intake->queue.arrivals;
    const uint8_t *body;
    tr_term term;
    if (tri_bound_is_set(&intake->options->bound) || intake->early.senders ||
        !has_block(intake, source))
        return;
    for (; source->left > 0; source->left--) {
        size_t at = source->at;
        const struct tri_record *record = tri_frame_next(source->frame, &at, &body);
        if (record->number != number + 1 || record->kind != TRI_RECORD_TERM || record->flags ||
            record->alias || tr_check(body, record->size_bytes, NULL, &term))
            break;
        tri_queue_put(&intake->queue, tri_message_in_block(source->block, source->from, 0, term),
                      source->now_ns);
        source->at = at;
        size_bytes += term.size_bytes;
        number++;
    }
    if (intake->queue.arrivals == before)
        return;
    tri_received_publish(cell, number);
    tri_count(&box_of(intake)->messages_in, intake->queue.arrivals - before);
    tri_count(&box_of(intake)->bytes_in, size_bytes);
    intake->is_full = false;
}

/* Takes records of the source until it has no more, or one must wait: then false. */
static bool take_records(struct tri_intake *intake, struct tri_source *source)
{
    const uint8_t *body;
    struct tri_received *cell = cell_of(intake, source->from, false);
    if (!cell) {
        intake->is_full = false;
        return true;
    }
    take_run(intake, cell, source);
    while (source->left > 0) {
        size_t at = source->at;
        const struct tri_record *record = tri_frame_next(source->frame, &at, &body);
        enum fate fate = take_numbered(intake, cell, source, record, body);
        if (fate == LATER)
            return false;
        intake->is_full = fate == FULL;
        if (fate == FULL)
            return false;
        if (fate == AGAIN)
            return true;
        source->at = at;
        source->left--;
    }
    if (intake->is_helped && intake->early.senders)
        return false;
    intake->is_full = !take_early(intake, cell, source);
    return !intake->is_full;
}

static void end_source(struct tri_source *source, struct tri_message_block **spare)
{
    if (source->block)
        tri_message_block_unref(source->block, spare);
    else
        tri_socket_free(source->frame);
    source->frame = NULL;
    source->block = NULL;
}

bool tri_intake_go_on(struct tri_intake *intake, uint64_t now_ns)
{
    struct tri_source *source = &intake->pending;
    source->now_ns = now_ns;
    bool was_full = intake->is_full, is_done = take_records(intake, source);
    if (intake->is_full != was_full)
        tri_show(&box_of(intake)->full_since_ns, intake->is_full ? now_ns : 0);
    if (is_done)
        end_source(source, &intake->spare);
    return is_done;
}

void tri_intake_drop_unwanted(struct tri_intake *intake)
{
    const struct tri_bound *bound = &intake->options->bound;
    uint64_t after = intake->guest - 1;
    struct tr_message *message;
    if (intake->guest == 0)
        return;
    intake->guest = 0;
    while (bound->policy == TRI_POLICY_DROPS && tri_bound_is_exceeded(bound, &intake->queue) &&
           (message = tri_queue_next(&intake->queue, after))) {
        after = message->arrival;
        if (!message->is_guest)
            continue;
        tri_queue_remove(&intake->queue, message);
        tri_message_free(message);
        tri_count(&box_of(intake)->dropped, 1);
    }
}

/* Who has sent something is likely to send more, which need not come through nanomsg. */
static void attend(struct tri_intake *intake, const struct tri_frame *head)
{
    tr_pid sender = {head->sender};
    if (head->position && tri_table_is_alive(intake->options->table, sender))
        tri_fetch_attend(&intake->fetch, sender, head->position);
}

void tri_intake_knock(struct tri_intake *intake, const struct tri_knock *knock)
{
    tr_pid sender = {knock->sender};
    bool is_good = tr_pid_slot(sender) < intake->recorder->slots && knock->position % 8 == 0 &&
                   knock->number < TRI_KNOCKS && !tr_pid_equal(sender, intake->options->self);
    if (!is_good)
        tri_count(&box_of(intake)->bad_frames, 1);
    else if (tri_table_is_alive(intake->options->table, sender) && cell_of(intake, sender, false))
        tri_fetch_answer(&intake->fetch, sender, knock->position, knock->number);
}

bool tri_intake_frame(struct tri_intake *intake, void *frame, uint64_t now_ns)
{
    const struct tri_frame head = *(const struct tri_frame *)frame;
    if (tri_table_state(intake->options->table, (tr_pid){head.sender}) == TRI_STATE_FREE) {
        tri_count(&box_of(intake)->bad_frames, 1);
        tri_socket_free(frame);
        return true;
    }
    intake->pending = (struct tri_source){.from = {head.sender},
                                          .is_again = head.is_again,
                                          .can_wait = true,
                                          .frame = frame,
                                          .count = head.count,
                                          .left = head.count};
    bool is_done = tri_intake_go_on(intake, now_ns);
    attend(intake, &head);
    return is_done;
}

/* Is this one record, whole, for us? It may come without its padding, and, not numbered, with a larger body than a ring
 * would hold. */
static bool check_record(const struct tri_intake *intake, const void *bytes, size_t size_bytes,
                         struct tri_record *ret_record)
{
    if (size_bytes < sizeof *ret_record)
        return false;
    memcpy(ret_record, bytes, sizeof *ret_record);
    size_t body_bytes = size_bytes - sizeof *ret_record;
    if (ret_record->size_bytes > body_bytes || body_bytes - ret_record->size_bytes >= 8)
        return false;
    if (ret_record->receiver != intake->options->self.id)
        return false;
    if (ret_record->kind != TRI_RECORD_TERM && ret_record->kind != TRI_RECORD_BLOB)
        return false;
    if (ret_record->number > 0 && ret_record->size_bytes > TRI_RECORD_BODY_BYTES)
        return false;
    return tri_record_checksum(ret_record, (const uint8_t *)bytes + sizeof *ret_record) ==
           ret_record->checksum;
}

int tri_intake_record(struct tri_intake *intake, tr_pid from, const void *bytes, size_t size_bytes,
                      uint64_t now_ns)
{
    struct tri_record record;
    struct tri_source source = {.from = from, .is_again = true, .now_ns = now_ns};
    if (!check_record(intake, bytes, size_bytes, &record) ||
        (record.number > 0 && tr_pid_slot(from) >= intake->recorder->slots)) {
        tri_count(&box_of(intake)->bad_frames, 1);
        return TR_MALFORMED;
    }
    const uint8_t *body = (const uint8_t *)bytes + sizeof record;
    if (record.number == 0)
        return enter(intake, &source, &record, body);
    struct tri_received *cell = cell_of(intake, from, true);
    if (!cell)
        return 0;
    bool is_lost = take_numbered(intake, cell, &source, &record, body) == AGAIN;
    take_early(intake, cell, &source);
    return is_lost ? -ENOMEM : 0;
}

void tri_intake_forget(struct tri_intake *intake, tr_pid dead)
{
    tri_early_forget(&intake->early, dead);
    tri_fetch_forget(&intake->fetch, dead);
    struct tri_received *cell = tri_recorder_heard(intake->recorder, dead);
    if (cell) /* else frames from it are those of a dead stranger, and dropped anyway */
        tri_received_publish(cell, EVERYTHING);
    tri_recorder_forget(intake->recorder, dead);
}

void tri_intake_deinit(struct tri_intake *intake)
{
    end_source(&intake->pending, NULL);
    tri_queue_deinit(&intake->queue);
    free(TRI_TAKE(intake->spare));
    tri_early_deinit(&intake->early);
    tri_fetch_deinit(&intake->fetch);
}
