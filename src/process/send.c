/* Send: resolve, encode, record; wait when the receiver has no room, and listen while waiting. */
#include "process/send.h"

#include <errno.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/panic.h"
#include "mailbox/bound.h"
#include "mailbox/built.h"
#include "mailbox/letter.h"
#include "process/pump.h"
#include "process/request.h"
#include "process/runtime.h"
#include "term/out.h"

/* Every how many sends the own mail is taken in, by one who only sends. */
#define PUMP_EVERY 64
/* A part of a message that is larger than this is copied once, from where it lies to where it leaves from. */
#define PIECE_BYTES 4096u
/* Who waits for room, and is full itself, looks this often whether nobody can go on; and lets so many in then. */
#define KNOT_LOOK_MS 20
#define MESSAGES_AT_A_KNOT 256
/* What is kept of the encoding buffer from one send to the next. */
#define KEPT_BYTES ((size_t)1 << 20)

/* What is sent: a term in one part, or a letter. */
struct mail {
    tr_term term;
    const struct tri_letter *letter; /* or NULL */
};

static int try_once(struct tri_process *process, const struct tr_to *to, const struct mail *mail)
{
    return mail->letter
               ? tri_mailbox_send_letter(process->mailbox, to->pid, to->alias, mail->letter)
               : tri_mailbox_send(process->mailbox, to->pid, to->alias, mail->term);
}

/* Who has become another user may put files only where the node has opened the folder for it. */
static int open_folder(struct tri_process *process, tr_pid to)
{
    struct tri_parcel parcel = tri_parcel_of(TRI_OPEN_BLOBS);
    parcel.head.pid = to.id;
    int r = tri_request(process, &parcel, NULL);
    return r == TR_NOPROC ? 0 : r; /* what is sent to the dead is dropped */
}

static int send_once(struct tri_process *process, const struct tr_to *to, const struct mail *mail)
{
    int r = try_once(process, to, mail);
    if (r != -EACCES || !process->dir.blobs_fd)
        return r;
    r = open_folder(process, to->pid);
    return r ? r : try_once(process, to, mail);
}

/* Two that wait for each other with full mailboxes would do so for ever: each lets some messages in. Tells whether that
 * was so. */
static bool untie_knot(struct tri_process *process, tr_pid to)
{
    if (!tri_mailbox_is_full(process->mailbox) || !tri_mailbox_is_in_knot(process->mailbox, to))
        return false;
    tri_mailbox_want(process->mailbox, MESSAGES_AT_A_KNOT);
    tri_pump(process);
    tri_mailbox_want(process->mailbox, 0);
    return true;
}

/* Waits until there is room and the message is recorded. TR_BUSY: there was none by the deadline. */
static int send_patiently(struct tri_process *process, const struct tr_to *to,
                          const struct mail *mail, uint64_t deadline_ns)
{
    int r = TR_BUSY;
    int64_t look_ms = KNOT_LOOK_MS;
    tri_process_set_activity(process, TRI_ACTIVITY_SENDING);
    atomic_store(&process->box->waits_for, to->pid.id);
    while (r == TR_BUSY && !process->node_is_gone && tri_clock_ns() < deadline_ns) {
        /* One with a bound may become full while it waits. */
        bool is_bounded = tri_bound_is_set(&process->box->bound);
        tri_pump_wait(
            process, tri_sooner_ns(deadline_ns, is_bounded ? tri_deadline_ns(look_ms) : TRI_NEVER));
        look_ms = is_bounded && untie_knot(process, to->pid) ? 1 : KNOT_LOOK_MS;
        r = send_once(process, to, mail);
    }
    atomic_store(&process->box->waits_for, 0);
    tri_process_set_activity(process, TRI_ACTIVITY_RUNNING);
    return r == TR_BUSY && process->node_is_gone ? -ENOTCONN : r;
}

/* A message does not overtake an exit signal to the same process: it waits until the node has passed that on. */
static int wait_for_signals(struct tri_process *process, tr_pid to, uint64_t deadline_ns)
{
    tri_pump_all(process);
    while (tri_underway_has(&process->underway, to) && !process->node_is_gone) {
        if (tri_clock_ns() >= deadline_ns)
            return TR_BUSY;
        tri_pump_wait(process, deadline_ns);
    }
    return 0;
}

/* TR_BUSY: there was no room by the deadline. */
static int send_mail(struct tri_process *process, struct tr_to to, uint64_t deadline_ns,
                     const struct mail *mail)
{
    if (process->node_is_gone)
        return -ENOTCONN;
    if (tri_name_of(to)) {
        to = tri_to_pid(tri_table_whereis(&process->table, to.name));
        if (tr_pid_is_none(to.pid))
            return TR_NOPROC;
    }
    if (++process->sends % PUMP_EVERY == 0)
        tri_pump(process);
    if (process->underway.count > 0 && tri_underway_has(&process->underway, to.pid)) {
        int r = wait_for_signals(process, to.pid, deadline_ns);
        if (r)
            return r;
    }
    int r = send_once(process, &to, mail);
    if (r == TR_BUSY && deadline_ns != TRI_AT_ONCE)
        r = send_patiently(process, &to, mail, deadline_ns);
    return r;
}

static uint64_t patience_ns(unsigned flags)
{
    return flags & TR_SEND_NOWAIT ? TRI_AT_ONCE : TRI_NEVER;
}

static int send_term(struct tr_to to, tr_term term, uint64_t deadline_ns)
{
    struct tri_process *process = tri_process_here();
    struct mail mail = {.term = term};
    TRI_AUTO(tr_out_deinit) struct tr_out whole = {0};
    int r = tri_term_whole(&mail.term, &whole);
    return r ? r : send_mail(process, to, deadline_ns, &mail);
}

int tr_send_term(struct tr_to to, tr_term term, unsigned flags)
{
    return send_term(to, term, patience_ns(flags));
}

int tri_send_until(struct tr_to to, tr_term term, uint64_t deadline_ns)
{
    int r = send_term(to, term, deadline_ns);
    return r == TR_BUSY ? TR_TIMEOUT : r;
}

/* The blob that a hole holds, or NULL. */
static struct tr_blob *blob_of(const struct tr_hole *hole)
{
    return hole->kind == TRI_HOLE_BLOB ? tri_hole_to(hole) : NULL;
}

/* A blob can be handed over once. */
static void check_blobs(const char *pattern, struct tr_holes holes)
{
    for (size_t i = 0; i < holes.count; i++)
        for (size_t k = 0; k < i; k++)
            if (blob_of(&holes.at[i]) && blob_of(&holes.at[i]) == blob_of(&holes.at[k]))
                tri_panic("pattern \"%s\": arguments %zu and %zu are the same blob", pattern, k + 1,
                          i + 1);
}

/* What has been sent belongs to its sender no more. */
static void free_blobs(struct tr_holes holes, const struct tr_blob *handed_over)
{
    for (size_t i = 0; i < holes.count; i++)
        if (blob_of(&holes.at[i]) != handed_over)
            tri_built_free(blob_of(&holes.at[i]));
}

/* Sends what was written and noted, when something was noted. A function of its own, so that most messages do without its
 * stack, which in an actor that says little would be a page more. */
static __attribute__((noinline)) int send_letter(struct tri_process *process, struct tr_to to,
                                                 uint64_t deadline_ns,
                                                 const struct tri_pieces *pieces,
                                                 const struct tr_blob **ret_blob)
{
    struct tri_letter letter;
    tri_letter_of_pieces(&letter, &process->out, pieces);
    *ret_blob = letter.blob;
    return send_mail(process, to, deadline_ns, &(struct mail){.letter = &letter});
}

/* Sends what was written and noted. */
static inline int send_pieces(struct tri_process *process, struct tr_to to, uint64_t deadline_ns,
                              const struct tri_pieces *pieces, struct tr_holes holes)
{
    const struct tr_blob *blob = NULL;
    struct mail mail = {.term = tr_out_term(&process->out)};
    int r = pieces->count > 0 ? send_letter(process, to, deadline_ns, pieces, &blob)
                              : send_mail(process, to, deadline_ns, &mail);
    if (r == 0 && pieces->has_blobs)
        free_blobs(holes, blob);
    return r;
}

/* Writes, and sends. TR_BUSY: there was no room by the deadline. */
static inline int send_pattern(struct tr_to to, uint64_t deadline_ns, struct tri_pattern **cache,
                               const char *pattern, struct tr_holes holes)
{
    struct tri_process *process = tri_process_here();
    struct tr_out *out = &process->out;
    struct tri_pieces pieces;
    pieces.least_bytes = PIECE_BYTES;
    pieces.size_bytes = pieces.count = 0;
    pieces.has_blobs = false;
    tr_out_reset(out);
    int r = tri_put_pieces(out, &pieces, cache, pattern, holes);
    if (pieces.has_blobs)
        check_blobs(pattern, holes);
    if (r == 0)
        r = send_pieces(process, to, deadline_ns, &pieces, holes);
    if (out->capacity_bytes > KEPT_BYTES)
        tr_out_deinit(out);
    return r;
}

int tri_send(struct tr_to to, struct tri_pattern **cache, const char *pattern,
             struct tr_holes holes)
{
    return send_pattern(to, TRI_NEVER, cache, pattern, holes);
}

int tri_send_nowait(struct tr_to to, struct tri_pattern **cache, const char *pattern,
                    struct tr_holes holes)
{
    return send_pattern(to, TRI_AT_ONCE, cache, pattern, holes);
}
