/* Supervisor: what the files of the supervisor share. policy.h decides; these files act.
 *
 *   supervisor.c            the server's callbacks, and the loop that does what the policy says
 *   supervisor_tree.c       what its function says of its children, and making it so
 *   supervisor_wards.c      the table of children
 *   supervisor_births.c     starting a child
 *   supervisor_names.c      a name that is still somebody's who is about to end
 *   supervisor_ends.c       stopping a child; its death
 *   supervisor_requests.c   what others ask for
 *   supervisor_change.c     what is changed of it while its children run
 *   supervisor_show.c       what it shows of itself
 *   supervisor_ask.c        those who ask, in their own processes
 */
#ifndef TRI_BEHAVIOUR_SUPERVISOR_H
#define TRI_BEHAVIOUR_SUPERVISOR_H

#include "base/panic.h"

/* Without memory for its table a supervisor ends, and its own supervisor decides. */
#define uthash_fatal(message) tri_panic("%s", message)
#include <uthash.h>

#include "behaviour/policy.h"
#include "behaviour/spec.h"

/* Somebody who waits for a child to be started or stopped. */
struct tri_waiter {
    struct tri_waiter *next;
    struct tr_from from;
};

/* How far a birth has come. */
enum tri_birth_stage {
    TRI_BIRTH_NONE,
    TRI_BIRTH_ASKED,      /* of the node */
    TRI_BIRTH_INIT,       /* it lives, and has not said yet that it runs */
    TRI_BIRTH_IGNORED,    /* it has said that it does not run, and ends  */
    TRI_BIRTH_LATE,       /* it has been killed because it took too long */
    TRI_BIRTH_NAME_TAKEN, /* by one that is about to end; the monitor is on that one */
};

/* What a child has said of its init. Its word and the node's answer may come on two ways, so either may be the first. */
enum tri_birth_word { TRI_WORD_NONE, TRI_WORD_OK, TRI_WORD_IGNORE };

/* A child, as far as acting is concerned. */
struct tri_ward {
    struct tri_child child; /* for the policy; the first member */
    uint64_t serial;
    struct tri_spec *spec;
    bool has_own_spec;       /* else it is the model's */
    struct tr_out arguments; /* all of them, a list, when they are not its spec's */

    enum tri_birth_stage stage;
    enum tri_birth_word word; /* that has come before its pid */
    tr_pid pid;               /* TR_NO_PID: it does not live, or is not known yet */
    tr_pid last_pid;          /* whose place the next one takes */
    tr_ref monitor, alias, timer;
    bool has_alias, has_timer;
    uint64_t name_deadline_ns; /* until then it waits for its name; 0: it has not had to */
    struct tr_out reason;      /* why it failed, died, or was stopped, last */
    uint64_t restarts;
    struct tri_waiter *waiters;

    UT_hash_handle by_serial, by_monitor, by_alias, by_pid;
};

struct tri_supervisor {
    const char *entry;
    tr_tree_fn *plant;      /* what makes its tree, of this: */
    struct tr_out argument; /* kept for when the tree is read again */
    struct tri_flags flags;
    struct tri_child_policy policy;
    struct tri_spec model; /* of a simple one for one */
    uint64_t serials;
    struct tri_ward *by_serial, *by_monitor, *by_alias, *by_pid;
};

static inline struct tri_ward *tri_ward_of(struct tri_child *child)
{
    return (struct tri_ward *)child;
}

/* ---------------------------------------------------------------- the table of children */

/* A new child, not yet known to the policy. spec is the model's, or is moved in and the ward's from now on.
 * NULL when there is no memory; then spec is the caller's still. */
struct tri_ward *tri_ward_new(struct tri_supervisor *supervisor, struct tri_spec *spec,
                              bool is_model);
void tri_ward_free(struct tri_supervisor *supervisor, struct tri_ward *ward);

/* The policy goes by the ward's spec, which is new. */
void tri_ward_heed_spec(struct tri_ward *ward);

/* By its id, where children have ids; NULL. */
struct tri_ward *tri_ward_of_id(struct tri_supervisor *supervisor, tr_term id);
/* By its pid; one that waits to be started again, by the last that it had; NULL. */
struct tri_ward *tri_ward_of_pid(struct tri_supervisor *supervisor, tr_pid pid);

void tri_ward_set_pid(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_pid pid);
void tri_ward_set_reason(struct tri_ward *ward, tr_term reason);

/* What it is known by while it is born and lives; then nothing of that any more. */
void tri_ward_watch(struct tri_supervisor *supervisor, struct tri_ward *ward);
void tri_ward_unwatch(struct tri_supervisor *supervisor, struct tri_ward *ward);

void tri_ward_set_timer(struct tri_ward *ward, int64_t time_ms);
void tri_ward_stop_timer(struct tri_ward *ward);

/* Somebody waits for what becomes of it. False: no memory. */
bool tri_ward_add_waiter(struct tri_ward *ward, const struct tr_from *from);
/* All who wait are told. */
void tri_ward_answer(struct tri_ward *ward, tr_term answer);

/* ---------------------------------------------------------------- starting and stopping */

/* Begins what the policy has asked for; how it went is told to the policy, and to those who wait, now or when a message
 * tells it. */
void tri_ward_start(struct tri_supervisor *supervisor, struct tri_ward *ward);
void tri_ward_stop(struct tri_supervisor *supervisor, struct tri_ward *ward);

/* For tri_ward_start, and for another try of the same start: asks the node for the child. */
void tri_ward_begin(struct tri_supervisor *supervisor, struct tri_ward *ward);
/* The node has said that the child's name is taken. True: it is, or was, by one that is about to end, and the child is asked
 * for again now or when that one has ended. False: it cannot be had, or not in time. */
bool tri_ward_await_name(struct tri_supervisor *supervisor, struct tri_ward *ward);

/* A message from the life of a child: whose, or NULL. */
struct tri_ward *tri_ward_of_message(struct tri_supervisor *supervisor, tr_term message);
/* Takes such a message in. */
void tri_ward_hear(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_term message);

/* For tri_ward_hear: what a message is about while the child starts; and its death, whenever that comes. */
void tri_ward_hear_of_birth(struct tri_supervisor *supervisor, struct tri_ward *ward,
                            tr_term message);
void tri_ward_failed(struct tri_supervisor *supervisor, struct tri_ward *ward,
                     enum tri_failure failure);
void tri_ward_signal_end(struct tri_ward *ward);

/* ---------------------------------------------------------------- the rest */

/* Does what the policy wants, until it wants nothing, or nothing before another message has come. Waits for those that must
 * come before anything else does (see policy.h). */
void tri_supervisor_act(struct tri_supervisor *supervisor);

struct tr_step tri_supervisor_handle_call(struct tri_supervisor *supervisor, tr_term request,
                                          const struct tr_from *from);

/* Requests of ours: other flags, and another order of the children, while they run. Refused while a restart of several is
 * under way, and where children have no order. */
struct tr_step tri_supervisor_set_flags(struct tri_supervisor *supervisor, tr_term flags);
struct tr_step tri_supervisor_set_order(struct tri_supervisor *supervisor, tr_term ids);

void tri_supervisor_put_children(struct tr_out *out, struct tri_supervisor *supervisor);
void tri_supervisor_put_count(struct tr_out *out, struct tri_supervisor *supervisor);
void tri_supervisor_put_state(struct tr_out *out, struct tri_supervisor *supervisor);
void tri_supervisor_put_status(struct tr_out *out, const void *supervisor);

/* One line of log: what has happened to which child, and why. */
void tri_supervisor_report(const struct tri_ward *ward, const char *what, tr_term reason);

/* The entry TR_SUPERVISOR_ENTRY. */
void tri_supervisor_of_term(tr_term argument);

/* What a supervisor's function has made of its argument. */
struct tri_plan {
    struct tri_flags flags;
    struct tri_spec *specs;
    uint32_t count;
    enum tri_wrong { TRI_WRONG_FLAGS, TRI_WRONG_SPEC, TRI_WRONG_COUNT, TRI_WRONG_TREE } wrong;
};

/* Outcomes: 0; TR_IGNORED; TR_REFUSED: error is what is wrong, and ret_plan->wrong with what; -ENOMEM. In any case
 * tri_plan_deinit frees the plan. */
int tri_plan_read(const struct tri_supervisor *supervisor, struct tri_plan *ret_plan,
                  struct tr_out *error);
void tri_plan_deinit(struct tri_plan *plan);

/* From now on they are the supervisor's. */
void tri_supervisor_take_flags(struct tri_supervisor *supervisor, const struct tri_flags *flags);

/* Makes a new supervisor of its plan. Outcomes: 0; TR_IGNORED; TR_REFUSED, and error is the reason to end with; -ENOMEM. */
int tri_tree_plant(struct tri_supervisor *supervisor, struct tr_out *error);

/* Reads the plan again: OTP's code_change. Outcomes: 0; TR_REFUSED, and error tells why; -ENOMEM: nothing has changed. */
int tri_supervisor_change_code(tr_term old_version, tr_term extra, void *supervisor,
                               struct tr_out *error);

#endif
