/* Sys: the same commands as OTP 25's, and the same answers; what a real sys:get_state/1 sends is understood. */
#include "behaviour/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/line.h"
#include "process/runtime.h"

/* ---------------------------------------------------------------- the trace */

char *tri_sys_name(char buffer[TRI_SYS_NAME_BYTES])
{
    struct tri_process *process = tri_process_here();
    struct tri_row row;
    _Static_assert(TRI_NAME_BYTES <= TRI_SYS_NAME_BYTES, "a registered name fits");
    if (tri_table_read(&process->table, tr_pid_slot(process->self), &row) && row.has_name) {
        memcpy(buffer, row.name, TRI_NAME_BYTES);
        buffer[TRI_NAME_BYTES - 1] = '\0';
    } else {
        tr_pid_text(process->self, buffer);
    }
    return buffer;
}

/* One line: *DBG* counter got cast {add,5} */
static void trace(const char *what, tr_term term, const char *behind, tr_pid pid)
{
    char name[TRI_SYS_NAME_BYTES], whom[TR_PID_TEXT_BYTES] = "";
    char *line = NULL;
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    if (!tr_pid_is_none(pid))
        tr_pid_text(pid, whom);
    int length = asprintf(&line, "*DBG* %s %s %s%s%s\n", tri_sys_name(name), what,
                          text ? text : "?", behind, whom);
    if (length >= 0) {
        tri_line_put(line, (size_t)length);
        free(line);
    }
}

static void count_in(struct tri_sys *sys) { sys->messages_in += sys->has_statistics; }

void tri_sys_got_call(struct tri_sys *sys, tr_term request, tr_pid from)
{
    count_in(sys);
    if (sys->is_traced)
        trace("got call", request, " from ", from);
}

void tri_sys_got_cast(struct tri_sys *sys, tr_term message)
{
    count_in(sys);
    if (sys->is_traced)
        trace("got cast", message, "", TR_NO_PID);
}

void tri_sys_got(struct tri_sys *sys, tr_term message)
{
    count_in(sys);
    if (sys->is_traced)
        trace("got", message, "", TR_NO_PID);
}

void tri_sys_sent(struct tri_sys *sys, tr_term reply, tr_pid to)
{
    sys->messages_out += sys->has_statistics;
    if (sys->is_traced)
        trace("sent", reply, " to ", to);
}

void tri_sys_new_state(struct tri_sys *sys)
{
    struct tr_out state = {0};
    if (!sys->is_traced)
        return;
    sys->callbacks->put_state(&state, sys->context);
    if (state.fault == 0)
        trace("new state", tr_out_term(&state), "", TR_NO_PID);
    tr_out_deinit(&state);
}

/* ---------------------------------------------------------------- what it shows */

void tri_put_string(struct tr_out *out, const char *text)
{
    tr_put_list_of(out, (uint32_t)strlen(text));
    for (const char *at = text; *at; at++)
        tr_put_integer(out, (unsigned char)*at);
    tr_put_nil(out);
}

/* {"Key", Value}, up to the value */
static void begin_pair(struct tr_out *out, const char *key)
{
    tr_put_tuple_of(out, 2);
    tri_put_string(out, key);
}

/* {data, [ … of so many pairs */
static void begin_data(struct tr_out *out, uint32_t pairs)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "data");
    tr_put_list_of(out, pairs);
}

static void put_parent(struct tr_out *out, tr_pid parent)
{
    tr_put_pid(out, tr_pid_is_none(parent) ? tr_self() : parent);
}

static const char *status_name(const struct tri_sys *sys)
{
    return sys->is_suspended ? "suspended" : "running";
}

static void put_description(struct tr_out *out, struct tri_sys *sys)
{
    char header[TRI_SYS_NAME_BYTES + 64], name[TRI_SYS_NAME_BYTES];
    snprintf(header, sizeof header, "Status for generic %s %s", sys->kind, tri_sys_name(name));
    tr_put_list_of(out, sys->callbacks->put_more ? 4 : 3);
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "header");
    tri_put_string(out, header);
    begin_data(out, 3);
    begin_pair(out, "Status");
    tr_put_atom(out, status_name(sys));
    begin_pair(out, "Parent");
    put_parent(out, sys->parent);
    begin_pair(out, "Logged events");
    tr_put_nil(out);
    tr_put_nil(out);
    begin_data(out, 1);
    begin_pair(out, "State");
    (sys->callbacks->put_status ? sys->callbacks->put_status
                                : sys->callbacks->put_state)(out, sys->context);
    tr_put_nil(out);
    if (sys->callbacks->put_more)
        sys->callbacks->put_more(out, sys->context);
    tr_put_nil(out);
}

static void put_debug(struct tr_out *out, const struct tri_sys *sys)
{
    tr_put_list_of(out, (uint32_t)(sys->is_traced + sys->has_statistics));
    if (sys->is_traced)
        tr_put(out, "{trace, true}");
    if (sys->has_statistics)
        tr_put(out, "{statistics, true}");
    tr_put_nil(out);
}

static void put_status(struct tr_out *out, struct tri_sys *sys)
{
    tr_put_tuple_of(out, 4);
    tr_put_atom(out, "status");
    tr_put_pid(out, tr_self());
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "module");
    tr_put_atom(out, sys->module);
    tr_put_list_of(out, 5);
    tr_put_nil(out); /* there is no process dictionary */
    tr_put_atom(out, status_name(sys));
    put_parent(out, sys->parent);
    put_debug(out, sys);
    put_description(out, sys);
    tr_put_nil(out);
}

/* {{Year, Month, Day}, {Hour, Minute, Second}}, local time */
static void put_time(struct tr_out *out, uint64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / TRI_NS_PER_S);
    struct tm local = {0};
    localtime_r(&seconds, &local);
    tr_put(out, "{{Y, M, D}, {H, I, S}}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
           local.tm_hour, local.tm_min, local.tm_sec);
}

static void put_statistics(struct tr_out *out, const struct tri_sys *sys)
{
    if (!sys->has_statistics) {
        tr_put(out, "{ok, no_statistics}");
        return;
    }
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "ok");
    tr_put_list_of(out, 5);
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "start_time");
    put_time(out, sys->began_ns);
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "current_time");
    put_time(out, tri_clock_wall_ns());
    tr_put(out, "{reductions, 0}");
    tr_put(out, "{messages_in, N}", sys->messages_in);
    tr_put(out, "{messages_out, N}", sys->messages_out);
    tr_put_nil(out);
}

/* ---------------------------------------------------------------- commands: each appends the answer */

/* {error, {callback_failed, Callback, Why}} */
static void put_failure(struct tr_out *out, const char *callback, int r)
{
    tr_put_tuple_of(out, 2);
    tr_put_atom(out, "error");
    tr_put_tuple_of(out, 3);
    tr_put_atom(out, "callback_failed");
    tr_put_atom(out, callback);
    tr_put_text(out, tr_strerror(r));
}

static void replace_state(struct tri_sys *sys, tr_term state, struct tr_out *out)
{
    bool can = sys->callbacks->set_state && tr_kind_of(state) != TR_KIND_FUN;
    int r = can ? sys->callbacks->set_state(state, sys->context) : TR_NO_MATCH;
    if (r)
        put_failure(out, "set_state", r);
    else
        sys->callbacks->put_state(out, sys->context);
}

static void change_code(struct tri_sys *sys, tr_term old_version, tr_term extra, struct tr_out *out)
{
    struct tr_out error = {0};
    int r = sys->callbacks->change_code
                ? sys->callbacks->change_code(old_version, extra, sys->context, &error)
                : 0;
    if (r == TR_REFUSED && error.size_bytes > 0)
        tr_put(out, "{error, Error}", tr_out_term(&error));
    else if (r)
        put_failure(out, "code_change", r);
    else
        tr_put_atom(out, "ok");
    tr_out_deinit(&error);
}

static void debug(struct tri_sys *sys, tr_term what, struct tr_out *out)
{
    bool is_on;
    if (tr_match(what, "{trace, IsOn}", &is_on) == 0) {
        sys->is_traced = is_on;
    } else if (tr_match(what, "{statistics, IsOn}", &is_on) == 0) {
        sys->has_statistics = is_on;
        sys->began_ns = tri_clock_wall_ns();
        sys->messages_in = sys->messages_out = 0;
    } else if (tr_match(what, "{statistics, get}") == 0) {
        put_statistics(out, sys);
        return;
    } else if (tr_is_atom(what, "no_debug")) {
        sys->is_traced = sys->has_statistics = false;
    } else {
        tr_put_atom(out, "unknown_debug");
        return;
    }
    tr_put_atom(out, "ok");
}

static void command(struct tri_sys *sys, tr_term request, struct tr_out *out)
{
    tr_term one, other;
    if (tr_is_atom(request, "suspend") || tr_is_atom(request, "resume")) {
        sys->is_suspended = tr_is_atom(request, "suspend");
        tr_put_atom(out, "ok");
    } else if (tr_is_atom(request, "get_state")) {
        sys->callbacks->put_state(out, sys->context);
    } else if (tr_is_atom(request, "get_status")) {
        put_status(out, sys);
    } else if (tr_match(request, "{replace_state, State}", &one) == 0) {
        replace_state(sys, one, out);
    } else if (tr_match(request, "{debug, What}", &one) == 0) {
        debug(sys, one, out);
    } else if (sys->is_suspended &&
               tr_match(request, "{change_code, _, Old, Extra}", &one, &other) == 0) {
        change_code(sys, one, other, out);
    } else {
        tr_put(out, "{error, {unknown_system_msg, Request}}", request);
    }
}

/* ---------------------------------------------------------------- taking messages */

bool tri_sys_is_exit_of(tr_pid parent, tr_term message, tr_term *ret_reason)
{
    tr_pid from;
    if (tr_match(message, "{'EXIT', From, Reason}", &from, ret_reason))
        return false;
    return tr_pid_equal(from, parent) || tr_pid_slot(from) == 0;
}

/* Is it for us? Then it is answered. */
static bool take(struct tri_sys *sys, tr_term message)
{
    struct tr_from from;
    tr_term whom, request, reason;
    if (tri_sys_is_exit_of(sys->parent, message, &reason))
        sys->callbacks->terminate(reason, sys->context);
    if (tr_match(message, "{system, From, Request}", &whom, &request) || !tr_from_get(whom, &from))
        return false;
    struct tr_out answer = {0};
    if (tr_match(request, "{terminate, Reason}", &reason) == 0) {
        tr_reply(&from, "ok");
        sys->callbacks->terminate(reason, sys->context);
    }
    command(sys, request, &answer);
    if (answer.fault)
        tr_reply(&from, "{error, system_limit}");
    else
        tr_reply_term(&from, tr_out_term(&answer));
    tr_out_deinit(&answer);
    return true;
}

static bool is_for_suspended(tr_term message, void *context)
{
    const struct tri_sys *sys = context;
    tr_term reason;
    return tri_sys_is_exit_of(sys->parent, message, &reason) ||
           tr_match(message, "{system, {_, _}, _}") == 0;
}

bool tri_sys_take(struct tri_sys *sys, tr_term message)
{
    if (!take(sys, message))
        return false;
    while (sys->is_suspended) {
        struct tr_message *next;
        if (tr_receive_select(is_for_suspended, sys, -1, &next))
            tr_exit("noconnection"); /* a guest whose node has gone */
        take(sys, tr_message_term(next));
        tr_message_free(next);
    }
    return true;
}
