/* Clerk: a server that does what it is told, the other party of the rules about servers.
 *
 * It is started with {Boss, Plan}, where Plan is what init does, and tells its boss of each callback:
 * {saw, Callback, Term}. A request, a cast or any other message is an order; each callback obeys it in the same way:
 *
 *     tr_pid clerk = clerk_new("ok");
 *     tr_call(clerk, 5000, &reply, "{reply, 5}");
 *     EXPECT("{saw, handle_call, {reply, 5}}");
 */
#ifndef CONFORMANCE_CLERK_H
#define CONFORMANCE_CLERK_H

#include <signal.h>

#include "conformance/puppet.h"

struct clerk {
    tr_pid boss;
    struct tr_from caller; /* who waits for a reply that was put off */
    struct tr_out value;   /* the state that others can see */
};

static inline void clerk_tell(const struct clerk *clerk, const char *callback, tr_term term)
{
    tr_send(clerk->boss, "{saw, Callback, Term}", atom(callback), term);
}

/* Waits, deaf, until its boss has raised a flag: the name `go` is registered. */
static inline void clerk_wait(void)
{
    while (tr_is_alive(tr_parent()) && tr_pid_is_none(tr_whereis("go")))
        usleep(1000);
}

/* Orders that every callback obeys, init too; what follows from them is a step. */
static inline struct tr_step clerk_obey(struct clerk *clerk, tr_term order, struct tr_step step)
{
    static const struct tr_step nonsense;
    tr_term one, other;
    long time_ms;
    if (tr_match(order, "{trap, Then}", &one) == 0) {
        tr_trap_exit(true);
        return clerk_obey(clerk, one, step);
    }
    if (tr_match(order, "{wait, Then}", &one) == 0) {
        clerk_wait();
        return clerk_obey(clerk, one, step);
    }
    if (tr_match(order, "{queue, Message, Then}", &one, &other) == 0) {
        tr_send_term(tri_to_pid(tr_self()), one, 0);
        return clerk_obey(clerk, other, step);
    }
    if (tr_match(order, "call_nobody") == 0)
        tr_call_or_exit("nobody", 5000, NULL, "get");
    if (tr_match(order, "{reply, Reply}", &one) == 0)
        return tr_answer("Reply", one);
    if (tr_match(order, "{stop, Reason}", &one) == 0)
        return tr_stop("Reason", one);
    if (tr_match(order, "{stop, Reason, Reply}", &one, &other) == 0)
        return tr_with_stop(tr_answer("Reply", other), "Reason", one);
    if (tr_match(order, "{continue, Argument}", &one) == 0)
        return tr_with_continue(step, "Argument", one);
    if (tr_match(order, "{timeout, Ms}", &time_ms) == 0)
        return tr_with_timeout(step, time_ms);
    if (tr_match(order, "{exit, Reason}", &one) == 0)
        tr_exit_term(one);
    if (tr_match(order, "ignore") == 0)
        return tr_ignore();
    if (tr_match(order, "nonsense") == 0)
        return nonsense;
    if (tr_match(order, "sigkill") == 0)
        kill(getpid(), SIGKILL);
    return step;
}

static inline struct tr_step clerk_init(tr_term argument, void **ret_state)
{
    static struct clerk clerk;
    tr_term plan;
    CHECK(tr_match(argument, "{Boss, Plan}", &clerk.boss, &plan) == 0);
    tr_put_nil(&clerk.value);
    *ret_state = &clerk;
    clerk_tell(&clerk, "init", plan);
    return clerk_obey(&clerk, plan, tr_ok());
}

static inline struct tr_step clerk_handle_call(tr_term request, const struct tr_from *from,
                                               void *state)
{
    struct clerk *clerk = state;
    clerk_tell(clerk, "handle_call", request);
    clerk->caller = *from;
    if (tr_match(request, "whom") == 0)
        return tr_answer("From", tr_from_term(from));
    return clerk_obey(clerk, request, tr_noreply());
}

static inline struct tr_step clerk_handle_cast(tr_term message, void *state)
{
    struct clerk *clerk = state;
    tr_term term;
    tr_pid pid;
    clerk_tell(clerk, "handle_cast", message);
    if (tr_match(message, "{answer, Reply}", &term) == 0)
        tr_reply(&clerk->caller, "Reply", term);
    else if (tr_match(message, "{pass_on, Pid}", &pid) == 0)
        tr_send(pid, "{please_answer, From}", tr_from_term(&clerk->caller));
    return clerk_obey(clerk, message, tr_noreply());
}

static inline struct tr_step clerk_handle_info(tr_term message, void *state)
{
    clerk_tell(state, "handle_info", message);
    return clerk_obey(state, message, tr_noreply());
}

static inline struct tr_step clerk_handle_continue(tr_term argument, void *state)
{
    clerk_tell(state, "handle_continue", argument);
    return clerk_obey(state, argument, tr_noreply());
}

static inline void clerk_terminate(tr_term reason, void *state)
{
    clerk_tell(state, "terminate", reason);
    if (tr_match(reason, "slowly") == 0)
        clerk_wait();
}

static inline void clerk_put_state(struct tr_out *out, const void *state)
{
    tr_put_term(out, tr_out_term(&((const struct clerk *)state)->value));
}

static inline int clerk_set_state(tr_term term, void **state)
{
    struct clerk *clerk = *state;
    return tr_is_atom(term, "unwanted") ? TR_REFUSED : tr_out_copy(&clerk->value, term);
}

static inline int clerk_code_change(tr_term old_version, tr_term extra, void **state)
{
    struct clerk *clerk = *state;
    if (tr_is_atom(extra, "unwanted"))
        return TR_REFUSED;
    tr_out_reset(&clerk->value);
    return tr_put(&clerk->value, "{was, Old, Extra}", old_version, extra);
}

static const struct tr_server_callbacks clerk_callbacks = {
    .init = clerk_init,
    .handle_call = clerk_handle_call,
    .handle_cast = clerk_handle_cast,
    .handle_info = clerk_handle_info,
    .handle_continue = clerk_handle_continue,
    .terminate = clerk_terminate,
    .put_state = clerk_put_state,
    .set_state = clerk_set_state,
    .code_change = clerk_code_change,
};
TR_SERVER(clerk, &clerk_callbacks)

/* A clerk that is neither linked nor named, and whose init has been told of. */
#define clerk_new(...) clerk_new_with(NULL, 0, __VA_ARGS__)
#define clerk_new_with(options, flags, ...)                                                        \
    (__extension__({                                                                               \
        struct tr_out clerk_argument = {0};                                                        \
        tr_pid clerk_pid;                                                                          \
        tr_put(&clerk_argument, "{Boss, " __VA_ARGS__ "}", tr_self());                             \
        CHECK(tr_server_start_term("clerk", (flags), (options), tr_out_term(&clerk_argument),      \
                                   &clerk_pid, NULL) == 0);                                        \
        tr_out_deinit(&clerk_argument);                                                            \
        EXPECT("{saw, init, _}");                                                                  \
        clerk_pid;                                                                                 \
    }))

/* Everything that waits for the flag goes on. */
static inline void clerk_go(void) { CHECK(tr_register("go", tr_self()) == 0); }

/* Has a clerk handled everything that this actor sent it before? */
static inline void clerk_await(tr_pid clerk)
{
    CHECK(tr_call(clerk, CHECK_DEADLINE_MS, NULL, "{reply, here}") == 0);
    EXPECT("{saw, handle_call, {reply, here}}");
}

#endif
