/* Agent: a server whose callbacks are the library's, and whose state is a term. */
#include "troupe/agent.h"

#include <string.h>

#include "base/panic.h"
#include "process/entries.h"

/* A process is one agent at most. */
static struct {
    const char *entry;
    tr_agent_init_fn *init;
    struct tr_out state;
    struct tr_out result; /* of the function that runs */
    bool is_applying;
} agent;

/* ---------------------------------------------------------------- functions */

/* What has been put is one term. Otherwise ends the agent. */
static tr_term one_term(const struct tr_out *out)
{
    tr_term term;
    if (out->fault)
        tr_exit("system_limit");
    if (tr_check(out->data, out->size_bytes, NULL, &term))
        tr_exit("{bad_return_value, undefined}");
    return term;
}

/* The entries of functions take one argument, as all entries do; the rest lies in `agent`. */
void tri_agent_apply(tr_agent_fn *function, tr_term argument)
{
    if (!agent.is_applying)
        tri_panic("a function of agents is called by something that is none");
    function(tr_out_term(&agent.state), argument, &agent.result);
}

static tr_atom atom_of(const char *text)
{
    return (tr_atom){.text = text, .length_bytes = (uint16_t)strlen(text)};
}

/* {undef, [{Entry, Function, 2, []}]}, as for a function that is not there. */
TR_NORETURN static void exit_for_want_of(tr_atom function)
{
    tr_exit("{undef, [{Entry, Function, 2, []}]}", atom_of(agent.entry), function);
}

/* Applies a function to the state: its result, valid until the next is applied. */
static tr_term apply(tr_atom function, tr_term argument)
{
    char name[1 + TR_ATOM_MAX_BYTES + 1] = {TRI_FUNCTION_MARK};
    tr_atom_text(function, name + 1, sizeof name - 1);
    const struct tr_entry *entry = tri_entry_find(name);
    if (!entry)
        exit_for_want_of(function);
    tr_out_reset(&agent.result);
    agent.is_applying = true;
    entry->run(argument);
    agent.is_applying = false;
    return one_term(&agent.result);
}

static void update(tr_atom function, tr_term argument)
{
    struct tr_out old = agent.state;
    apply(function, argument);
    agent.state = agent.result;
    agent.result = old;
}

static void set_state(tr_term state)
{
    if (tr_out_copy(&agent.state, state))
        tr_exit("system_limit");
}

/* ---------------------------------------------------------------- callbacks */

static struct tr_step init(tr_term argument, void **ret_state)
{
    agent.init(argument, &agent.state);
    one_term(&agent.state);
    *ret_state = &agent;
    return tr_ok();
}

static struct tr_step get_and_update(tr_atom function, tr_term argument)
{
    tr_term reply, state, result = apply(function, argument);
    if (tr_match(result, "{Reply, State}", &reply, &state))
        return tr_stop("{bad_return_value, Result}", result);
    set_state(state);
    return tr_answer("Reply", reply);
}

/* {function_clause, [{Entry, Callback, [Message], []}]}, as for one that no clause takes. */
static struct tr_step stop_for_want_of_clause(const char *callback, tr_term message)
{
    return tr_stop("{function_clause, [{Entry, Callback, [Message], []}]}", atom_of(agent.entry),
                   atom_of(callback), message);
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    tr_atom function;
    tr_term argument;
    (void)from;
    (void)state;
    if (tr_match(request, "{get, {Function, Argument}}", &function, &argument) == 0)
        return tr_answer("Result", apply(function, argument));
    if (tr_match(request, "{get_and_update, {Function, Argument}}", &function, &argument) == 0)
        return get_and_update(function, argument);
    if (tr_match(request, "{update, {Function, Argument}}", &function, &argument))
        return stop_for_want_of_clause("handle_call", request);
    update(function, argument);
    return tr_answer("ok");
}

static struct tr_step handle_cast(tr_term message, void *state)
{
    tr_atom function;
    tr_term argument;
    (void)state;
    if (tr_match(message, "{cast, {Function, Argument}}", &function, &argument))
        return stop_for_want_of_clause("handle_cast", message);
    update(function, argument);
    return tr_noreply();
}

/* Elixir's agents drop what is neither. */
static struct tr_step handle_info(tr_term message, void *state)
{
    (void)message;
    (void)state;
    return tr_noreply();
}

static void put_state(struct tr_out *out, const void *state)
{
    (void)state;
    tr_put_term(out, tr_out_term(&agent.state));
}

static int replace_state(tr_term state_term, void **state)
{
    (void)state;
    return tr_out_copy(&agent.state, state_term);
}

static const struct tr_server_callbacks callbacks = {
    .init = init,
    .handle_call = handle_call,
    .handle_cast = handle_cast,
    .handle_info = handle_info,
    .put_state = put_state,
    .set_state = replace_state,
};

TR_NORETURN void tri_agent_run(const char *entry, tr_agent_init_fn *init_fn, tr_term argument)
{
    agent.entry = entry;
    agent.init = init_fn;
    tri_server_run(entry, &callbacks, argument);
}
