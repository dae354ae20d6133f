/* Runtime: everything that this process knows of itself as an actor or guest, in one place.
 *
 * Only the thread that was born as the actor, or joined as the guest, may use it. */
#ifndef TRI_PROCESS_RUNTIME_H
#define TRI_PROCESS_RUNTIME_H

#include "mailbox/mailbox.h"
#include "process/births.h"
#include "process/callees.h"
#include "process/held.h"
#include "process/links.h"
#include "process/marks.h"
#include "process/timers.h"
#include "process/underway.h"
#include "process/watches.h"
#include "troupe/process.h"
#include "wire/control.h"
#include "wire/rundir.h"
#include "wire/table.h"

/* The answer of the node that a request waits for. */
struct tri_reply {
    int result;
    uint64_t pid, number;
    struct tr_out body;
};

/* The process whose answer is waited for, and how it ended meanwhile. */
struct tri_callee_wait {
    tr_pid callee; /* TR_NO_PID: none is waited for */
    bool has_ended;
    struct tr_out reason;
};

/* Runs before this process ends by its own word, at most once. */
typedef void tri_before_exit_fn(tr_term reason, void *context);

struct tri_process {
    tr_pid self, parent;
    bool is_guest;
    bool is_leaving;   /* has told the node its reason */
    bool is_taking_in; /* control packets, just now */
    bool node_is_gone; /* guests only: an actor ends at once */
    bool has_left_timers_to_node;

    struct tri_rundir dir;
    struct tri_table table;
    struct tri_mailbox *mailbox;
    struct tri_box *box; /* our window of the flight recorder */
    int64_t hang_ms;     /* see limits.h; 0: for ever */
    bool keeps_stderr;
    unsigned lacks; /* what of its confinement cannot be enforced: enum tri_shortfall */
    int control_fd;
    void *packet_buffer;

    uint64_t refs; /* made so far */
    struct tri_marks marks;
    struct tri_watches watches;
    struct tri_held held;
    struct tri_timers timers;
    struct tri_links links;

    struct tri_callees callees;
    struct tri_callee_wait wait;

    tri_before_exit_fn *before_exit; /* NULL for none */
    void *before_exit_context;

    /* monitors that ended within the intake; the node is told after it */
    uint64_t *ended_monitors;
    size_t ended_monitor_count, ended_monitor_capacity;

    struct tri_underway underway; /* exit signals, and what was passed */
    struct tri_births births;     /* asked for and not waited for */

    uint32_t requests;      /* made so far */
    uint32_t awaited;       /* the request that waits for its reply, or 0 */
    struct tri_reply reply; /* to it */

    struct tr_message *in_hand; /* by the innermost receive */
    /* In hand by tr_receive_select; compared, never read: the program frees it. */
    const struct tr_message *selected;

    struct tr_out out;     /* what the program sends */
    struct tr_out scratch; /* what the intake makes of signals */
    struct tr_out argument;
    tr_term surrounded_argument; /* a part of it, when it came with surroundings; else no bytes */
    tr_term last_exit;     /* a part of the argument; no bytes: this is the first incarnation */
    unsigned pumps, sends; /* counted, so that some things are done only now and then */
};

/* This process. A panic in one that is neither actor nor guest, and in another thread than its first. */
struct tri_process *tri_process_here(void);

/* The same, or NULL. */
struct tri_process *tri_process_or_null(void);

/* Sees to it that what an actor forks is no actor; tri_process_new does it, too, when it has not been done. */
void tri_process_watch_forks(void);

/* Makes one that has nothing but its control channel, and makes it this thread's. NULL when there is no memory. */
struct tri_process *tri_process_new(int control_fd, bool is_guest);

/* Closes and frees everything. */
void tri_process_free(struct tri_process *process);

/* What ps shows that it is doing. */
void tri_process_set_activity(struct tri_process *process, enum tri_activity activity);

/* A new reference's number. */
uint64_t tri_process_make_ref(struct tri_process *process);

static inline tr_ref tri_process_ref(const struct tri_process *process, uint64_t number)
{
    return (tr_ref){process->self, number};
}

#endif
