/* Asking a supervisor: calls without a time-out, whose answers are ok, {ok, Term}, {error, Reason}, or what was asked for. */
#include "base/auto.h"
#include "behaviour/spec.h"
#include "behaviour/task.h"

/* A list or a tuple of something else is an answer that stands for itself. */
int tri_supervisor_judge(struct tr_reply *reply, tr_pid *ret_pid)
{
    tr_term inner;
    tr_pid pid = TR_NO_PID;
    if (tr_match(reply->term, "{error, Reason}", &inner) == 0) {
        reply->term = inner;
        return TR_REFUSED;
    }
    if (tr_match(reply->term, "{ok, Inner}", &inner) == 0) {
        reply->term = inner;
        tr_get_pid(inner, &pid);
    }
    if (ret_pid)
        *ret_pid = pid;
    return 0;
}

int tri_supervisor_ask(struct tr_to to, tr_pid *ret_pid, struct tr_reply *ret_reply,
                       struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    int r = tri_call(to, -1, reply, cache, pattern, holes);
    if (r == 0)
        r = tri_supervisor_judge(reply, ret_pid);
    tr_reply_deinit(&unwanted);
    return r;
}

static int ask_with(struct tr_to to, tr_pid *ret_pid, struct tr_reply *ret_reply, tr_term what)
{
    static struct tri_pattern *cache;
    return tri_supervisor_ask(to, ret_pid, ret_reply, &cache, "{start_child, What}",
                              TRI_HOLES(what));
}

int tri_supervisor_start_child(struct tr_to to, const struct tr_child *child, tr_pid *ret_pid,
                               struct tr_reply *ret_reply, struct tri_pattern **cache,
                               const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0}, spec = {0};
    int r = tri_put(&argument, cache, pattern, holes);
    if (r)
        return r;
    tri_child_put(&spec, child, tr_out_term(&argument));
    return spec.fault ? spec.fault : ask_with(to, ret_pid, ret_reply, tr_out_term(&spec));
}

int tri_supervisor_start_instance(struct tr_to to, tr_pid *ret_pid, struct tr_reply *ret_reply,
                                  struct tri_pattern **cache, const char *pattern,
                                  struct tr_holes holes)
{
    TRI_AUTO(tr_out_deinit) struct tr_out arguments = {0};
    tr_put_list_of(&arguments, 1);
    int r = tri_put(&arguments, cache, pattern, holes);
    tr_put_nil(&arguments);
    return r ? r : ask_with(to, ret_pid, ret_reply, tr_out_term(&arguments));
}

int tri_supervisor_count_children(struct tr_to to, struct tr_children_count *ret_count)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    struct tr_children_count count;
    static struct tri_pattern *cache;
    int r = tri_supervisor_ask(to, NULL, &reply, &cache, "count_children", TRI_HOLES());
    if (r)
        return r;
    if (tr_match(reply.term, "[{specs, S}, {active, A}, {supervisors, V}, {workers, W}]",
                 &count.specs, &count.active, &count.supervisors, &count.workers))
        return TR_NO_MATCH;
    *ret_count = count;
    return 0;
}
