/* Program: an actor whose work is done by an executable. One loop looks at the keeper, the three pipes and the mailbox;
 * how it comes to be is in program_open.c, what is read and written in program_out.c and program_in.c. */
#include "behaviour/program.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "behaviour/report.h"
#include "process/confine.h"
#include "process/exit.h"
#include "wire/death.h"
#include "wire/denied.h"

/* What the mailbox holds, unless the starter says otherwise. */
#define MAILBOX_BYTES ((uint64_t)1 << 20)
/* Every how many messages the pipes are looked at, while messages keep coming. */
#define MESSAGES_PER_LOOK 16
/* How long the last output of a program that was stopped is offered to an owner who has no room. */
#define LAST_OUTPUT_MS 500

/* ---------------------------------------------------------------- ends */

/* The signal as shells and ports tell it. */
static int told_status(const struct tri_program *program)
{
    return program->end_code == CLD_EXITED ? program->end_status : 128 + program->end_status;
}

/* What it was confined by, and has broken. */
static void put_broken(struct tr_out *reason, const struct tri_program *program)
{
    const struct tri_keeper_news *broken = &program->broken;
    const struct tr_resource_limits *limits = &program->spec.confinement.limits;
    const char *call = tri_denied_name(broken->first);
    if (broken->word == TRI_KEEPER_LIMIT && broken->first == TRI_LIMIT_MEMORY) {
        tr_put(reason, "{limit, memory, #{limit_bytes => L, resident_bytes => R}}",
               limits->memory_bytes, broken->amount);
    } else if (broken->word == TRI_KEEPER_LIMIT) {
        tr_put(reason, "{limit, processes, #{limit => L, tasks => T}}", limits->processes,
               broken->amount);
    } else if (call) {
        tr_put_tuple_of(reason, 2);
        tr_put_atom(reason, "denied");
        tr_put_atom(reason, call);
    } else {
        tr_put(reason, "{denied, N}", broken->first); /* of another machine's calls */
    }
}

/* Why it ended: what it was stopped for, a broken frame, or what the kernel says. */
static void put_reason(struct tr_out *reason, const struct tri_program *program)
{
    bool has_failed = program->end_code != CLD_EXITED || program->end_status != 0;
    if (program->reason.size_bytes > 0)
        tr_put_term(reason, tr_out_term(&program->reason));
    else if (program->broken.word)
        put_broken(reason, program);
    else if (program->is_cut_short && !has_failed)
        tr_put(reason, "{bad_frame, {cut_short, Bytes}}", program->cut_bytes);
    else
        tri_death_put_end(reason, &(struct tri_end){.code = program->end_code,
                                                    .status = program->end_status,
                                                    .by_oom_killer = program->by_oom_killer});
}

/* Nothing of the program is left, and everything has been said. */
TR_NORETURN static void end(struct tri_program *program)
{
    struct tr_out reason = {0};
    put_reason(&reason, program);
    tri_program_close_input(program);
    tri_program_close_output(program, &program->output);
    tri_program_close_output(program, &program->errors);
    if (!tr_pid_is_none(program->closer))
        tr_send_nowait(program->closer, "{Program, closed}", tr_self());
    if (reason.fault)
        tr_exit("system_limit");
    tr_exit_term(tr_out_term(&reason));
}

/* Begins to stop it: SIGTERM now, SIGKILL after stop_ms. The first reason stands. */
static void stop(struct tri_program *program, tr_term reason)
{
    if (program->reason.size_bytes > 0)
        return;
    if (tr_out_copy(&program->reason, reason)) {
        tr_out_reset(&program->reason);
        tr_put_atom(&program->reason, "system_limit");
    }
    tri_program_close_input(program);
    if (program->phase == TRI_PROGRAM_ENDED) {
        program->kill_ns = tri_deadline_ns(LAST_OUTPUT_MS);
        return;
    }
    program->phase = TRI_PROGRAM_STOPPING;
    program->kill_ns = tri_deadline_ns(program->spec.stop_ms > 0 ? program->spec.stop_ms : 0);
    if (program->spec.stop_ms > 0)
        tri_keeper_terminate(&program->keeper);
}

static void stop_for(struct tri_program *program, const char *reason)
{
    struct tr_out term = {0};
    tr_put_atom(&term, reason);
    stop(program, tr_out_term(&term));
    tr_out_deinit(&term);
}

void tri_program_bad_frame(struct tri_program *program, const struct tri_frame *frame)
{
    struct tr_out reason = {0};
    bool is_cut = frame->kind == TRI_FRAME_CUT;
    tri_warn("%s violates its framing: %s, %zu bytes", program->spec.path,
             is_cut ? "cut_short" : "too_long", frame->size_bytes);
    if (is_cut) { /* it has ended its output: it may end by itself */
        program->is_cut_short = true;
        program->cut_bytes = frame->size_bytes;
        return;
    }
    tr_put(&reason, "{bad_frame, {too_long, Bytes}}", frame->size_bytes);
    stop(program, tr_out_term(&reason));
    tr_out_deinit(&reason);
}

/* ---------------------------------------------------------------- the keeper */

static void note_end(struct tri_program *program, int code, int status, bool by_oom_killer)
{
    tri_keeper_dismiss(&program->keeper);
    program->phase = TRI_PROGRAM_ENDED;
    program->end_code = code;
    program->end_status = status;
    program->by_oom_killer = by_oom_killer;
    tri_program_close_input(program);
    if (program->reason.size_bytes > 0)
        program->kill_ns = tri_deadline_ns(LAST_OUTPUT_MS);
}

/* The keeper was killed, and the program with it. */
static void note_loss(struct tri_program *program)
{
    if (program->phase == TRI_PROGRAM_STARTING) {
        tri_keeper_dismiss(&program->keeper);
        tr_exit("keeper_lost");
    }
    if (program->phase == TRI_PROGRAM_RUNNING)
        stop_for(program, "keeper_lost");
    note_end(program, CLD_KILLED, SIGKILL, false);
}

static void note_start(struct tri_program *program, int os_pid)
{
    program->os_pid = os_pid;
    if (program->phase != TRI_PROGRAM_STARTING)
        return;
    program->phase = TRI_PROGRAM_RUNNING;
    tri_start_ack(&program->started);
}

static void note_confined(struct tri_program *program, unsigned lacks)
{
    program->lacks = lacks;
    tri_confine_tell(program->process, &program->spec.confinement, lacks);
    for (unsigned i = 0; i < TRI_SHORTFALLS; i++)
        if (lacks >> i & 1)
            tri_warn("%s: of its confinement this machine cannot enforce: %s", program->spec.path,
                     tri_shortfall_name(1u << i));
}

static void hear_keeper(struct tri_program *program)
{
    struct tri_keeper_news news;
    while (tri_keeper_hear(&program->keeper, &news))
        switch (news.word) {
        case TRI_KEEPER_STARTED:
            note_start(program, news.first);
            break;
        case TRI_KEEPER_FAILED:
            tri_keeper_dismiss(&program->keeper);
            tri_program_fail(program, (enum tri_keeper_step)news.first, news.second);
        case TRI_KEEPER_LIMIT:
        case TRI_KEEPER_DENIED:
            program->broken = news;
            break;
        case TRI_KEEPER_CONFINED:
            note_confined(program, (unsigned)news.first);
            break;
        case TRI_KEEPER_ENDED:
            note_end(program, news.first, news.second, news.amount != 0);
            return;
        default:
            note_loss(program);
            return;
        }
}

/* ---------------------------------------------------------------- the owner */

static void watch_owner(struct tri_program *program, tr_pid owner)
{
    if (program->watches_owner)
        tr_demonitor(program->owner_monitor, TR_DEMONITOR_FLUSH, NULL);
    program->spec.owner = owner;
    program->watches_owner =
        !tr_pid_is_none(owner) && tr_monitor(owner, &program->owner_monitor) == 0;
}

static void connect_to(struct tri_program *program, tr_pid from, tr_pid owner)
{
    free(program->spec.owner_name);
    program->spec.owner_name = NULL;
    program->spec.has_no_owner = false;
    watch_owner(program, owner);
    if (!tr_pid_is_none(from))
        tr_send_nowait(from, "{Program, connected}", tr_self());
}

/* Who gets its messages when nobody is named: who has started it. */
static void find_owner(struct tri_program *program)
{
    struct tri_program_spec *spec = &program->spec;
    const struct tri_started *started = &program->started;
    if (spec->has_no_owner || spec->owner_name)
        return;
    if (tr_pid_is_none(spec->owner))
        spec->owner = started->has_starter ? started->starter.owner : tr_parent();
    if (tr_pid_is_none(spec->owner))
        spec->has_no_owner = true; /* the root actor of a node */
    else
        watch_owner(program, spec->owner);
}

/* ---------------------------------------------------------------- messages */

static void refuse(const struct tri_program *program, tr_term message)
{
    char text[200];
    tr_print(message, text, sizeof text);
    tri_warn("%s: a message that means nothing to a program is dropped: %s", program->spec.path,
             text);
}

/* Data for the program. Takes over the message. */
static void command(struct tri_program *program, struct tr_message *message, tr_term data)
{
    struct tr_out reason = {0};
    int r = tri_program_write(program, message, data);
    if (r == TR_TOO_LARGE) {
        tr_put(&reason, "{too_large, Bytes}", program->input.body.size_bytes);
        stop(program, tr_out_term(&reason));
    } else if (r) {
        tri_warn("%s: a command is dropped: %s", program->spec.path,
                 r == TR_NO_MATCH ? "it is no iodata" : tr_strerror(r));
    }
    tr_out_deinit(&reason);
}

/* Handles what is no system message. Tells whether the message is used up. */
static bool handle(struct tri_program *program, struct tr_message *message)
{
    tr_term term = tr_message_term(message), from_term, one;
    tr_pid from = TR_NO_PID, owner;
    if (tr_match(term, "{From, {command, Data}}", &from_term, &one) == 0) {
        command(program, message, one);
        return true;
    }
    if (tr_match(term, "{'DOWN', Ref, process, _, Reason}", program->owner_monitor, &one) == 0) {
        stop(program, one);
    } else if (tr_match(term, "{'EXIT', _, Reason}", &one) == 0) {
        if (!tr_is_atom(one, "normal"))
            stop(program, one);
    } else if (tr_match(term, "{From, eof}", &from_term) == 0) {
        tri_program_close_input(program);
    } else if (tr_match(term, "{From, {connect, Owner}}", &from_term, &owner) == 0 &&
               !tr_pid_equal(owner, tr_self())) {
        tr_get_pid(from_term, &from);
        connect_to(program, from, owner);
    } else if (tr_match(term, "{From, close}", &from_term) == 0) {
        tr_get_pid(from_term, &program->closer);
        stop_for(program, "normal");
    } else {
        refuse(program, term);
    }
    return false;
}

static void take(struct tri_program *program, struct tr_message *message)
{
    program->last = tr_message_term(message);
    if (tri_sys_take(&program->sys, program->last)) {
        tr_message_free(message);
    } else {
        tri_sys_got(&program->sys, program->last);
        if (!handle(program, message))
            tr_message_free(message);
    }
    program->last = (tr_term){.data = NULL};
}

/* What is taken while the program does not read: everything that is no data. */
static bool is_urgent(tr_term message, void *context)
{
    (void)context;
    return tr_match(message, "{'EXIT', _, _}") == 0 ||
           tr_match(message, "{system, {_, _}, _}") == 0 ||
           tr_match(message, "{'DOWN', _, process, _, _}") == 0;
}

static bool is_nothing(tr_term message, void *context)
{
    (void)message;
    (void)context;
    return false;
}

/* ---------------------------------------------------------------- the loop */

/* The deadlines: SIGKILL, and the end of patience with an owner. */
static void watch_time(struct tri_program *program)
{
    if (program->kill_ns == TRI_NEVER || tri_clock_ns() < program->kill_ns)
        return;
    if (program->phase == TRI_PROGRAM_ENDED)
        end(program);
    if (program->is_killed)
        return;
    program->is_killed = true;
    program->kill_ns = TRI_NEVER;
    if (program->spec.stop_ms > 0)
        tri_warn("%s has not ended within %lld ms after SIGTERM: it is killed", program->spec.path,
                 (long long)program->spec.stop_ms);
    tri_keeper_kill(&program->keeper);
}

/* Everything that can be done without waiting. */
static void go_on(struct tri_program *program)
{
    program->retry_ns = TRI_NEVER;
    hear_keeper(program);
    tri_program_write_on(program);
    if (program->phase != TRI_PROGRAM_STARTING) { /* nobody is told anything of a failed start */
        tri_program_read(program, &program->output);
        tri_program_read(program, &program->errors);
    }
    watch_time(program);
    bool is_blocked = program->output.is_blocked || program->errors.is_blocked;
    if (program->phase == TRI_PROGRAM_ENDED && tri_program_is_read(&program->output) &&
        tri_program_is_read(&program->errors)) {
        if (tri_program_tells(program, "{exit_status, N}", told_status(program)))
            end(program);
        is_blocked = true;
    }
    /* For whoever looks for senders that wait for each other (mailbox/knot.h). */
    atomic_store(&program->process->box->waits_for, is_blocked ? program->spec.owner.id : 0);
}

static uint64_t deadline_ns(const struct tri_program *program)
{
    return program->kill_ns < program->retry_ns ? program->kill_ns : program->retry_ns;
}

/* The next message that is wanted now, or NULL: by the deadline there was none, or something else may have happened. */
static struct tr_message *next(struct tri_program *program, uint64_t until_ns)
{
    struct tr_message *message;
    tr_select_fn *select = NULL;
    if (program->reason.size_bytes > 0)
        select = is_nothing;
    else if (program->input.message || program->phase == TRI_PROGRAM_STARTING)
        select = is_urgent;
    if (!select)
        program->beside.arrival = 0;
    tri_receive_beside(program->process, &program->beside, select, NULL, until_ns, &message);
    return message;
}

/* Before it waits, everything is tried again that found no room: the wait is for that room, too. */
TR_NORETURN static void loop(struct tri_program *program)
{
    for (unsigned messages = 1;; messages++) {
        struct tr_message *message =
            messages % MESSAGES_PER_LOOK == 0 ? NULL : next(program, TRI_AT_ONCE);
        if (!message) {
            go_on(program);
            message = next(program, deadline_ns(program));
        }
        if (message)
            take(program, message);
    }
}

/* ---------------------------------------------------------------- system messages */

static void put_confinement(struct tr_out *out, const struct tri_program *program)
{
    tr_put_atom(out, "confinement");
    tr_put_map_of(out, tri_confinement_count(&program->spec.confinement) + 1);
    tri_confinement_put(out, &program->spec.confinement);
    tr_put_atom(out, "not_enforced");
    tri_shortfalls_put(out, program->lacks);
}

static void put_state(struct tr_out *out, void *context)
{
    static const char *const phases[] = {[TRI_PROGRAM_STARTING] = "starting",
                                         [TRI_PROGRAM_RUNNING] = "running",
                                         [TRI_PROGRAM_STOPPING] = "stopping",
                                         [TRI_PROGRAM_ENDED] = "ended"};
    const struct tri_program *program = context;
    const struct tri_program_input *input = &program->input;
    bool is_confined = !tri_confinement_is_none(&program->spec.confinement);
    tr_put_map_of(out, 5 + is_confined);
    if (is_confined)
        put_confinement(out, program);
    tr_put_atom(out, "path");
    tr_put_text(out, program->spec.path ? program->spec.path : "");
    tr_put_atom(out, "os_pid");
    tr_put_integer(out, program->os_pid);
    tr_put_atom(out, "phase");
    tr_put_atom(out, phases[program->phase]);
    tr_put_atom(out, "input");
    tr_put_atom(out, input->pipe.fd < 0 ? "closed" : input->message ? "full" : "open");
    tr_put_atom(out, "output");
    tr_put_atom(out, program->output.pipe.fd < 0  ? "ended"
                     : program->output.is_blocked ? "waits_for_owner"
                                                  : "open");
}

/* The parent's EXIT, the node's, or somebody who asks: the loop goes on until everything has ended. */
static void terminate(tr_term reason, void *context)
{
    struct tri_program *program = context;
    stop(program, reason);
    loop(program);
}

static const struct tri_sys_callbacks sys_callbacks = {.put_state = put_state,
                                                       .terminate = terminate};

static void before_exit(tr_term reason, void *context)
{
    struct tri_program *program = context;
    tri_report_end(&program->sys, reason, program->last);
}

/* ---------------------------------------------------------------- the entry */

void tri_program_run(tr_term argument)
{
    static struct tri_program program = {.input.pipe.fd = -1,
                                         .output.pipe.fd = -1,
                                         .errors.pipe.fd = -1,
                                         .kill_ns = TRI_NEVER,
                                         .retry_ns = TRI_NEVER};
    program.process = tri_process_here();
    program.started = tri_start_take(argument);
    program.sys = (struct tri_sys){.callbacks = &sys_callbacks,
                                   .context = &program,
                                   .kind = "program",
                                   .module = TR_PROGRAM_ENTRY,
                                   .parent = program.started.parent};
    tri_exit_set_hook(program.process, before_exit, &program);
    tr_trap_exit(true);
    signal(SIGPIPE, SIG_IGN);
    tri_mailbox_set_bound(program.process->mailbox, 0, MAILBOX_BYTES);
    tri_program_describe(&program);
    find_owner(&program);
    tri_program_open(&program);
    loop(&program);
}
