/* Births: a child is asked of the node, and acknowledges by the handshake of start.h. Nothing here waits; what comes next
 * comes as a message, so children may be born side by side. */
#include <errno.h>

#include "base/auto.h"
#include "base/clock.h"
#include "behaviour/supervisor.h"

/* ---------------------------------------------------------------- what the child is given */

/* One argument is given as it is, none or several as a list: as a function of OTP is applied to them. */
static void put_own_argument(struct tr_out *out, const struct tri_ward *ward)
{
    tr_term arguments =
        tr_out_term(ward->arguments.size_bytes ? &ward->arguments : &ward->spec->arguments);
    tr_term only;
    tr_put_term(out, tr_match(arguments, "[Only]", &only) == 0 ? only : arguments);
}

static int put_argument(struct tr_out *out, const struct tri_ward *ward)
{
    if (ward->reason.size_bytes) {
        tr_put_tuple_of(out, 3);
        tr_put_atom(out, "$restarted");
        tr_put_term(out, tr_out_term(&ward->reason));
    }
    if (ward->has_alias) {
        tr_put_tuple_of(out, 4);
        tr_put_atom(out, "$start");
        tr_put_pid(out, tr_self());
        tr_put_ref(out, ward->alias);
    }
    put_own_argument(out, ward);
    return out->fault;
}

static int ask_node(struct tri_ward *ward)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    const struct tri_spec *spec = ward->spec;
    struct tr_spawn_options options = tri_spec_spawn_options(spec);
    options.name = spec->name;
    options.flags = TR_SPAWN_LINK | TR_SPAWN_MONITOR;
    options.replaces = ward->last_pid;
    int r = put_argument(&argument, ward);
    return r ? r
             : tr_spawn_request_term(spec->entry, &options, tr_out_term(&argument), &ward->monitor);
}

/* ---------------------------------------------------------------- failures */

/* No process could be had just now, of whatever spec. */
static bool is_want_of_room(int result)
{
    return result == -EAGAIN || result == -ENOMEM || result == -EMFILE || result == -ENFILE ||
           result == -ENOSPC || result == TR_NO_SLOT;
}

/* The same for what is told of a binary that could not be executed. */
static bool is_exec_for_want_of_room(tr_term why)
{
    return tr_match(why, "{exec, enomem, _}") == 0 || tr_match(why, "{exec, eagain, _}") == 0 ||
           tr_match(why, "{exec, emfile, _}") == 0 || tr_match(why, "{exec, enfile, _}") == 0;
}

/* {already_started, Pid}, or {cannot_spawn, Why}. */
static void set_spawn_error(struct tri_ward *ward, int result)
{
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    if (result == TR_TAKEN)
        tr_put(&reason, "{already_started, Pid}", tr_whereis(ward->spec->name));
    else
        tr_put(&reason, "{cannot_spawn, Why}", tr_strerror(result));
    tri_ward_set_reason(ward, tr_out_term(&reason));
}

/* Its birth failed; why is the ward's reason. */
static void not_born(struct tri_supervisor *supervisor, struct tri_ward *ward,
                     enum tri_failure failure)
{
    tri_ward_unwatch(supervisor, ward);
    if (ward->child.state == TRI_CHILD_STOPPING)
        tri_policy_stopped(&supervisor->policy, &ward->child);
    else
        tri_ward_failed(supervisor, ward, failure);
}

static void not_born_of(struct tri_supervisor *supervisor, struct tri_ward *ward, int result)
{
    set_spawn_error(ward, result);
    not_born(supervisor, ward,
             is_want_of_room(result) ? TRI_FAILURE_FOR_WANT_OF_ROOM : TRI_FAILURE_OF_INIT);
}

/* ---------------------------------------------------------------- beginning */

void tri_ward_begin(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    ward->has_alias = false;
    if (ward->spec->has_handshake) {
        ward->alias = tr_alias(TR_ALIAS_REPLY);
        ward->has_alias = true;
    }
    int r = ask_node(ward);
    if (r) {
        if (ward->has_alias)
            tr_unalias(ward->alias);
        ward->has_alias = false;
        ward->monitor.number = 0;
        not_born_of(supervisor, ward, r);
        return;
    }
    ward->stage = TRI_BIRTH_ASKED;
    ward->word = TRI_WORD_NONE;
    tri_ward_watch(supervisor, ward);
    if (ward->spec->start_timeout_ms > 0)
        tri_ward_set_timer(ward, ward->spec->start_timeout_ms);
}

void tri_ward_start(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    ward->name_deadline_ns = 0;
    tri_ward_begin(supervisor, ward);
}

/* ---------------------------------------------------------------- going on */

/* A temporary child is never started again: OTP gives its arguments up, and shows them as undefined from then on. */
static void give_arguments_up(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    if (ward->child.cause == TRI_START_NEW && ward->child.restart == TR_TEMPORARY &&
        tri_policy_is_ordered(&supervisor->policy))
        tr_out_deinit(&ward->spec->arguments);
}

static void runs(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    TRI_AUTO(tr_out_deinit) struct tr_out answer = {0};
    tri_ward_stop_timer(ward);
    give_arguments_up(supervisor, ward);
    ward->stage = TRI_BIRTH_NONE;
    ward->restarts += ward->child.cause == TRI_START_RESTART;
    tri_policy_started(&supervisor->policy, &ward->child, tri_clock_ns());
    tr_put(&answer, "{ok, Pid}", ward->pid);
    tri_ward_answer(ward, tr_out_term(&answer));
}

/* It has said how its init went, or has no init. */
static void take_word(struct tri_supervisor *supervisor, struct tri_ward *ward,
                      enum tri_birth_word word)
{
    if (ward->stage == TRI_BIRTH_ASKED)
        ward->word = word;
    else if (word == TRI_WORD_OK)
        runs(supervisor, ward);
    else if (word == TRI_WORD_IGNORE)
        ward->stage = TRI_BIRTH_IGNORED;
}

static void born(struct tri_supervisor *supervisor, struct tri_ward *ward, tr_pid pid)
{
    tri_ward_set_pid(supervisor, ward, pid);
    ward->stage = TRI_BIRTH_INIT;
    if (ward->child.state == TRI_CHILD_STOPPING)
        tri_ward_signal_end(ward); /* that was asked for before it had a pid */
    else
        take_word(supervisor, ward, ward->has_alias ? ward->word : TRI_WORD_OK);
}

/* The node has not started it. */
static void refused(struct tri_supervisor *supervisor, struct tri_ward *ward, int result)
{
    bool may_wait = result == TR_TAKEN && ward->child.state == TRI_CHILD_STARTING;
    if (!may_wait || !tri_ward_await_name(supervisor, ward))
        not_born_of(supervisor, ward, result);
}

/* Its init takes too long (32), or the one that has its name takes too long to end. */
static void is_late(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    ward->has_timer = false;
    if (ward->stage == TRI_BIRTH_NAME_TAKEN) {
        refused(supervisor, ward, TR_TAKEN);
        return;
    }
    if (ward->stage == TRI_BIRTH_ASKED) {
        /* It is not even a process: the node takes long, not its init. */
        tri_ward_set_timer(ward, ward->spec->start_timeout_ms);
        return;
    }
    ward->stage = TRI_BIRTH_LATE;
    tr_exit_process(ward->pid, "kill");
}

void tri_ward_hear_of_birth(struct tri_supervisor *supervisor, struct tri_ward *ward,
                            tr_term message)
{
    tr_pid pid;
    tr_term why;
    int result;
    bool is_starting = ward->child.state == TRI_CHILD_STARTING;
    if (tr_match(message, "{spawn_reply, _, ok, Pid}", &pid) == 0)
        born(supervisor, ward, pid);
    else if (tr_match(message, "{spawn_reply, _, error, Result}", &result) == 0)
        refused(supervisor, ward, result);
    else if (tr_match(message, "{spawn_reply, _, error, Why}", &why) == 0) {
        tri_ward_set_reason(ward, why); /* {exec, Errno, Path} (8) */
        not_born(supervisor, ward,
                 is_exec_for_want_of_room(why) ? TRI_FAILURE_FOR_WANT_OF_ROOM
                                               : TRI_FAILURE_OF_INIT);
    } else if (is_starting && tr_match(message, "{ack, _, ok}") == 0)
        take_word(supervisor, ward, TRI_WORD_OK);
    else if (is_starting && tr_match(message, "{ack, _, ignore}") == 0)
        take_word(supervisor, ward, TRI_WORD_IGNORE);
    else if (is_starting && tr_match(message, "{timeout, _, _}") == 0)
        is_late(supervisor, ward);
}
