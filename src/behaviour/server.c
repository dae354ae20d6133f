/* Server: the loop around the callbacks. What a step may be is step.c's; what happens then is here. */
#include "behaviour/server.h"

#include "behaviour/mail.h"
#include "behaviour/report.h"
#include "behaviour/start.h"
#include "behaviour/step.h"
#include "behaviour/sys.h"

#include "base/auto.h"
#include "base/log.h"
#include "base/panic.h"
#include "process/exit.h"
#include "term/tags.h"

struct tri_server {
    const struct tr_server_callbacks *callbacks;
    const struct tri_server_extras *extras;
    const char *entry;
    void *state;
    bool has_state; /* init has made it */
    struct tri_sys sys;
    tr_term last;           /* the message in hand; no bytes: none */
    struct tr_out argument; /* of the continuation that runs */
};

/* ---------------------------------------------------------------- the state as a term */

/* The program's function must append one term: what is none is shown as undefined. */
static void put_with(void (*put)(struct tr_out *, const void *), struct tr_out *out,
                     const struct tri_server *server)
{
    TRI_AUTO(tr_out_deinit) struct tr_out room = {0};
    tr_term term;
    if (server->has_state && put)
        put(&room, server->state);
    if (room.size_bytes > 0 && room.fault == 0 &&
        tr_check(room.data, room.size_bytes, NULL, &term) == 0)
        tr_put_term(out, term);
    else
        tr_put_atom(out, "undefined");
}

static void put_state(struct tr_out *out, void *context)
{
    const struct tri_server *server = context;
    put_with(server->callbacks->put_state, out, server);
}

static void put_status(struct tr_out *out, void *context)
{
    const struct tri_server *server = context;
    const struct tr_server_callbacks *callbacks = server->callbacks;
    put_with(callbacks->format_status ? callbacks->format_status : callbacks->put_state, out,
             server);
}

static int set_state(tr_term state, void *context)
{
    struct tri_server *server = context;
    return server->callbacks->set_state ? server->callbacks->set_state(state, &server->state)
                                        : TR_REFUSED;
}

static void put_more(struct tr_out *out, void *context)
{
    const struct tri_server *server = context;
    server->extras->put_status(out, server->state);
}

static int change_code(tr_term old_version, tr_term extra, void *context, struct tr_out *error)
{
    struct tri_server *server = context;
    if (server->extras)
        return server->extras->change_code(old_version, extra, server->state, error);
    return server->callbacks->code_change
               ? server->callbacks->code_change(old_version, extra, &server->state)
               : 0;
}

/* ---------------------------------------------------------------- ends */

/* Runs before the process ends by its own word, wherever that was said (SEMANTICS 30). */
static void before_exit(tr_term reason, void *context)
{
    struct tri_server *server = context;
    tri_report_end(&server->sys, reason, server->last);
    if (server->has_state && server->callbacks->terminate)
        server->callbacks->terminate(reason, server->state);
}

static void terminate(tr_term reason, void *context)
{
    (void)context;
    tr_exit_term(reason);
}

static const struct tri_sys_callbacks sys_callbacks = {.put_state = put_state,
                                                       .put_status = put_status,
                                                       .set_state = set_state,
                                                       .change_code = change_code,
                                                       .terminate = terminate};
static const struct tri_sys_callbacks sys_callbacks_with_extras = {.put_state = put_state,
                                                                   .put_status = put_status,
                                                                   .put_more = put_more,
                                                                   .set_state = set_state,
                                                                   .change_code = change_code,
                                                                   .terminate = terminate};

TR_NORETURN static void stop(void)
{
    struct tr_out reason = {0};
    tri_step_take_reason(&reason);
    tr_exit_term(tr_out_term(&reason));
}

TR_NORETURN static void stop_for_nonsense(const struct tr_step *step)
{
    struct tr_out reason = {0};
    tr_put_tuple_of(&reason, 2);
    tr_put_atom(&reason, "bad_return_value");
    tri_step_put(&reason, step);
    tr_exit_term(tr_out_term(&reason));
}

/* {undef, [{Entry, Callback, Arity, []}]}, as for a function that is not there. */
TR_NORETURN static void stop_for_want_of(const struct tri_server *server,
                                         enum tri_callback callback)
{
    struct tr_out reason = {0};
    tr_put_tuple_of(&reason, 2);
    tr_put_atom(&reason, "undef");
    tr_put_list_of(&reason, 1);
    tr_put_tuple_of(&reason, 4);
    tr_put_atom(&reason, server->entry);
    tr_put_atom(&reason, tri_callback_name(callback));
    tr_put_integer(&reason, tri_callback_arity(callback));
    tr_put_nil(&reason);
    tr_put_nil(&reason);
    tr_exit_term(tr_out_term(&reason));
}

/* ---------------------------------------------------------------- messages */

static struct tr_step handle_call(struct tri_server *server, const struct tri_mail *mail)
{
    if (!server->callbacks->handle_call)
        stop_for_want_of(server, TRI_ON_CALL);
    tri_sys_got_call(&server->sys, mail->body, tr_from_pid(&mail->from));
    return server->callbacks->handle_call(mail->body, &mail->from, server->state);
}

static struct tr_step handle_cast(struct tri_server *server, tr_term message)
{
    if (!server->callbacks->handle_cast)
        stop_for_want_of(server, TRI_ON_CAST);
    tri_sys_got_cast(&server->sys, message);
    return server->callbacks->handle_cast(message, server->state);
}

static struct tr_step handle_info(struct tri_server *server, tr_term message)
{
    tri_sys_got(&server->sys, message);
    if (server->callbacks->handle_info)
        return server->callbacks->handle_info(message, server->state);
    if (tri_log_is_on(TRI_LOG_WARN)) {
        TRI_AUTO(tri_freep) char *text = tr_print_new(message);
        tri_warn("server %s has no handle_info for %s", server->entry, text ? text : "a message");
    }
    return tr_noreply();
}

static struct tr_step handle_continue(struct tri_server *server)
{
    tri_step_take_continue(&server->argument);
    if (!server->callbacks->handle_continue)
        stop_for_want_of(server, TRI_ON_CONTINUE);
    return server->callbacks->handle_continue(tr_out_term(&server->argument), server->state);
}

static void reply(struct tri_server *server, const struct tr_from *from)
{
    tr_term term = tri_step_reply_term();
    int r = tr_reply_term(from, term);
    if (r)
        tri_warn("server %s: a reply is lost: %s", server->entry, tr_strerror(r));
    tri_sys_sent(&server->sys, term, tr_from_pid(from));
}

/* Does what a step says that can be done at once: the reply first (SEMANTICS 26). */
static void act(struct tri_server *server, const struct tr_step *step, enum tri_callback callback,
                const struct tr_from *from)
{
    if (!tri_step_is_proper(step, callback))
        stop_for_nonsense(step);
    if (step->has_reply)
        reply(server, from);
    if (step->kind == TR_STEP_STOP)
        stop();
    tri_sys_new_state(&server->sys);
}

static struct tr_step handle(struct tri_server *server, tr_term message)
{
    struct tri_mail mail;
    struct tr_step step;
    tri_mail_read(message, &mail);
    if (mail.for_whom == TRI_ON_CALL)
        step = handle_call(server, &mail);
    else if (mail.for_whom == TRI_ON_CAST)
        step = handle_cast(server, mail.body);
    else
        step = handle_info(server, mail.body);
    act(server, &step, mail.for_whom, &mail.from);
    return step;
}

/* ---------------------------------------------------------------- the loop */

static struct tr_step idle(struct tri_server *server)
{
    struct tr_step step = handle_info(server, TRI_ATOM_TERM("timeout"));
    act(server, &step, TRI_ON_INFO, NULL);
    return step;
}

/* Waits for one message, or for the time to pass, and handles it. A system message starts the time anew, as OTP's does. */
static struct tr_step next(struct tri_server *server, const struct tr_step *before)
{
    struct tr_message *message;
    struct tr_step step = *before;
    int r = tr_receive_select(NULL, NULL, before->has_timeout ? before->timeout_ms : -1, &message);
    if (r == TR_TIMEOUT)
        return idle(server);
    if (r)
        tr_exit("noconnection"); /* a guest whose node has gone */
    server->last = tr_message_term(message);
    if (!tri_sys_take(&server->sys, server->last))
        step = handle(server, server->last);
    server->last = (tr_term){.data = NULL};
    tr_message_free(message);
    return step;
}

/* Makes the state, and tells the starter (SEMANTICS 32). */
static struct tr_step initialize(struct tri_server *server, const struct tri_started *started)
{
    tri_exit_set_hook(tri_process_here(), before_exit, server);
    struct tr_step step = server->callbacks->init(started->argument, &server->state);
    if (!tri_step_is_proper(&step, TRI_ON_INIT))
        stop_for_nonsense(&step);
    if (step.kind == TR_STEP_STOP)
        stop();
    if (step.kind == TR_STEP_IGNORE)
        tri_start_ignore(started);
    server->has_state = true;
    tri_start_ack(started);
    return step;
}

TR_NORETURN void tri_server_run(const char *entry, const struct tr_server_callbacks *callbacks,
                                tr_term argument)
{
    tri_server_run_with(entry, callbacks, NULL, argument);
}

TR_NORETURN void tri_server_run_with(const char *entry, const struct tr_server_callbacks *callbacks,
                                     const struct tri_server_extras *extras, tr_term argument)
{
    if (!callbacks->init)
        tri_panic("server %s has no init", entry);
    struct tri_started started = tri_start_take(argument);
    struct tri_server server = {
        .callbacks = callbacks,
        .extras = extras,
        .entry = entry,
        .sys = {.callbacks = extras ? &sys_callbacks_with_extras : &sys_callbacks,
                .kind = "server",
                .module = entry,
                .parent = started.parent}};
    server.sys.context = &server;
    struct tr_step step = initialize(&server, &started);
    for (;;) {
        if (step.has_continue) {
            step = handle_continue(&server);
            act(&server, &step, TRI_ON_CONTINUE, NULL);
        } else {
            step = next(&server, &step);
        }
    }
}
