/* Mailbox: one process's side of the mailbox plane. It sends, takes in, keeps what has not been received, and proves
 * delivery through the flight recorder. The only folder that uses nanomsg; the node is never involved.
 *
 * A message goes: encoded term → record in our ring (safe from then on) → a knock, and the receiver fetches it; or a frame
 * to the receiver's PULL socket → checked → numbered check (duplicate? early? next) → its queue, and `received` published →
 * our ring's room is free again.
 *
 * The process layer above drives it from one thread:
 *     tri_mailbox_take_in     whenever it is entered
 *     tri_mailbox_wait        when it has nothing to do
 *     tri_mailbox_send        TR_BUSY: no room; wait, take in, try again
 *
 * While the program computes, a helper thread may send what is held and take mail in (helper.h): so every function here
 * takes the turn (turn.h), and what lies in the queue is freed here too.
 */
#ifndef TRI_MAILBOX_MAILBOX_H
#define TRI_MAILBOX_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"
#include "wire/box.h"
#include "wire/rundir.h"
#include "wire/table.h"

struct tri_mailbox;

/* A message in the queue, or taken out of it. */
struct tr_message {
    struct tr_message *next, *previous;
    uint64_t arrival; /* counts what entered this queue, from 1 */
    uint64_t arrived_ns;
    tr_pid from;    /* TR_NO_PID for what the runtime itself made: EXIT, DOWN, timeouts */
    uint64_t alias; /* 0, or the reference number that it was sent to */
    tr_term term;   /* checked */
    /* what the term's bytes lie in belongs to message.c */
    void *storage;
    size_t storage_bytes;
    int storage_kind;
    bool is_guest; /* entered a full mailbox, for a receive to look at */
};

/* Frees a message whose mailbox has been closed; see tri_mailbox_free. NULL is fine. */
void tri_message_free(struct tr_message *message);

struct tri_mailbox_options {
    const struct tri_rundir *dir; /* both outlive the mailbox */
    const struct tri_table *table;
    tr_pid self;
    /* Asked at the intake for each message that bears an alias: false drops it (SEMANTICS 17). */
    bool (*accepts_alias)(uint64_t alias, void *context);
    /* Called at the intake, before a message enters that was sent after a signal: takes in what the control channel
     * holds. It may deliver and forget, nothing else. NULL is fine. */
    void (*let_signals_in)(void *context);
    /* Called, from whichever thread takes in mail, when a message does not fit into a mailbox whose bound kills: it is
     * the last that the process does. It must not wait or allocate. NULL is fine. */
    void (*overflowed)(void *context);
    void *context;
    struct tri_bound bound; /* zeroed for none */
};

/* In a template, before its first fork: makes the births and the memory of its actors smaller. Not needed for anything. */
void tri_mailbox_prepare(void);

/* Maps the own window (zeroed by the node before) and opens the doorbell: senders may knock when it returns. The socket is
 * bound when somebody wants to connect: until then nanomsg is not touched. The process must not have touched it before,
 * and not fork afterwards.
 * 0; -ENOSPC (no room for the window's first pages), -EMFILE, -ENOMEM … */
int tri_mailbox_open(struct tri_mailbox **ret_mailbox, const struct tri_mailbox_options *options);

/* Takes the memory of a first conversation with that process: so who is born on an almost full disk is told so now, and
 * can speak and listen later. 0 or -ENOSPC. */
int tri_mailbox_reserve(struct tri_mailbox *mailbox, tr_pid with);

/* This process is about to become another user: it keeps what it needs of others' windows, to read. 0 or a negative
 * errno. */
int tri_mailbox_seal(struct tri_mailbox *mailbox);

/* Waits until everything sent has been published or deadline_ns has come (taking in nothing): an exiting actor's
 * lingering. What is left is delivered by the node. */
void tri_mailbox_linger(struct tri_mailbox *mailbox, uint64_t deadline_ns);

/* Closes sockets and frees the queue. Does not linger. NULL is fine. */
void tri_mailbox_close(struct tri_mailbox *mailbox);

/* ---------------------------------------------------------------- sending */

/* Sends a term to a process (to itself: stays in memory) or to an alias of it. Never blocks longer than the few ms that
 * a first connection takes.
 * 0: recorded (also: receiver is dead, and it is counted as a dead letter); TR_BUSY: its share of the ring is used up;
 * -ENOMEM, -ENOSPC (a blob, or the ring's next page), -EMFILE; -EACCES: blob.h. */
int tri_mailbox_send(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias, tr_term term);

/* The same for a term in parts (letter.h). When it returns 0, letter->blob belongs to
 * the receiver, or has been freed; else it is still the caller's. */
struct tri_letter;
int tri_mailbox_send_letter(struct tri_mailbox *mailbox, tr_pid to, uint64_t alias,
                            const struct tri_letter *letter);

/* Sends what is held back for a moment, so that messages share frames. Call it before looking for mail. */
void tri_mailbox_flush(struct tri_mailbox *mailbox);

/* The number of the last message sent to that process; 0 when there was none. Goes with signals through the node, so
 * that they keep their place (promise 3). */
uint64_t tri_mailbox_last_sent(struct tri_mailbox *mailbox, tr_pid to);

/* A signal to that process is in its control channel: the next message to it must not arrive before the signal. -ENOMEM
 * or 0. */
int tri_mailbox_signalled(struct tri_mailbox *mailbox, tr_pid to);

/* ---------------------------------------------------------------- taking in */

/* Takes in what has come, without waiting; a bounded number of frames per call. Returns how many messages entered the
 * queue, or a negative errno. */
int tri_mailbox_take_in(struct tri_mailbox *mailbox);

/* The last message taken in from that process. */
uint64_t tri_mailbox_last_taken(struct tri_mailbox *mailbox, tr_pid from);

/* A record that came through the node: last words of the dead, or a timer's message (number 0: not numbered, always
 * taken). Checked like any other. 0 or an outcome: TR_MALFORMED (counted as a bad frame). */
int tri_mailbox_deliver(struct tri_mailbox *mailbox, tr_pid from, const void *bytes,
                        size_t size_bytes);

/* Puts a message of the runtime's own (EXIT, DOWN, timeout, to oneself) at the end of the queue. The term is copied.
 * 0 or -ENOMEM. */
int tri_mailbox_put(struct tri_mailbox *mailbox, tr_pid from, tr_term term);

/* Forgets a sender that has died: drops what was held back from it, closes the connection to it. */
void tri_mailbox_forget(struct tri_mailbox *mailbox, tr_pid dead);

/* Waits until something may have come in, other_fd is readable (-1 for none), deadline_ns has come, or something that
 * is under way wants care (a full socket has room, a stalled connection is to be rebuilt): yields for some tens of µs
 * first when that has been worth it lately, then blocks. An idle process wakes up for nothing.
 *   ret_other_ready   whether other_fd is readable
 * 0 or a negative errno. EINTR counts as a wake-up. */
int tri_mailbox_wait(struct tri_mailbox *mailbox, int other_fd, uint64_t deadline_ns,
                     bool *ret_other_ready);

/* ---------------------------------------------------------------- bounds */

/* Gives a mailbox that has no bound one whose senders wait. What is in it already stays. */
void tri_mailbox_set_bound(struct tri_mailbox *mailbox, uint64_t max_messages, uint64_t max_bytes);

/* A receive looks for a message that the mailbox does not have: so many messages more may enter a full mailbox, so that
 * it can come. It is over (0) when the receive gives up, and when it takes a message. What entered thus before was looked
 * at in vain: where messages are dropped, it is dropped now. Nothing in a mailbox without a bound. */
void tri_mailbox_want(struct tri_mailbox *mailbox, unsigned messages);

/* The receive looks at what has come: no more of what may be wanted enters until it wants again, nor is it dropped. */
void tri_mailbox_have_enough(struct tri_mailbox *mailbox);

/* Does mail wait outside because the mailbox is full and its senders are to wait? */
bool tri_mailbox_is_full(struct tri_mailbox *mailbox);

/* Does everybody wait for the next one, from that receiver back to this process, all with full mailboxes? */
bool tri_mailbox_is_in_knot(const struct tri_mailbox *mailbox, tr_pid receiver);

/* ---------------------------------------------------------------- the queue */

uint64_t tri_mailbox_length(struct tri_mailbox *mailbox);
/* The number of the last message that entered the queue: a mark for tri_mailbox_next. */
uint64_t tri_mailbox_arrivals(struct tri_mailbox *mailbox);
/* The oldest message in the queue whose arrival is greater than `after`, or NULL. Cheap also when the queue is long and
 * `after` is recent (searched from the nearer end). */
struct tr_message *tri_mailbox_next(struct tri_mailbox *mailbox, uint64_t after);
/* Takes a message out of the queue; the caller owns it. */
void tri_mailbox_remove(struct tri_mailbox *mailbox, struct tr_message *message);

/* Frees a message that was taken out. NULL is fine. */
void tri_mailbox_free(struct tri_mailbox *mailbox, struct tr_message *message);

/* Takes a message out of the queue into the program's hand: it is copied to the flight recorder, and a crash is blamed
 * on it. The caller owns it. */
void tri_mailbox_take(struct tri_mailbox *mailbox, struct tr_message *message);

/* The program is done with a message, which is freed; in hand is now what was so before, or nothing (NULL).
 *   was_in_hand   whether the message is the one that was taken last */
void tri_mailbox_let_go(struct tri_mailbox *mailbox, struct tr_message *message, bool was_in_hand,
                        const struct tr_message *in_hand);

/* The own window, for flags and counters that the process layer keeps (traps_exits, activity, heartbeat). */
struct tri_box *tri_mailbox_box(struct tri_mailbox *mailbox);

/* The file of all windows, open for reading at least; the mailbox's own. */
int tri_mailbox_boxes(const struct tri_mailbox *mailbox);

#endif
