/* Asking a registry: calls, whose answers are {ok, What}, ok, or {error, Why}. */
#include "base/auto.h"
#include "troupe/registry.h"

int tri_registry_ask(struct tr_to registry, struct tr_reply *ret_reply, struct tri_pattern **cache,
                     const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    tr_term what;
    int r = tri_call(registry, TR_CALL_TIMEOUT_MS, reply, cache, pattern, holes);
    if (r)
        return r;
    if (tr_match(reply->term, "{error, Why}", &what) == 0)
        r = TR_REFUSED;
    else if (tr_match(reply->term, "{ok, What}", &what))
        return 0;
    reply->term = what;
    return r;
}

int tri_registry_register(struct tr_to registry, tr_pid *ret_pid, struct tri_pattern **cache,
                          const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    tr_pid pid;
    int r = tri_registry_ask(registry, &reply, cache, pattern, holes);
    if (r != TR_REFUSED || tr_match(reply.term, "{already_registered, Pid}", &pid))
        return r;
    if (ret_pid)
        *ret_pid = pid;
    return TR_TAKEN;
}

int tri_registry_whereis(struct tr_to registry, tr_pid *ret_pid, struct tri_pattern **cache,
                         const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    int r = tri_registry_ask(registry, &reply, cache, pattern, holes);
    if (r)
        return r;
    return tr_match(reply.term, "[{Pid, _} | _]", ret_pid) ? TR_NOPROC : 0;
}

int tri_registry_dispatch(struct tr_to registry, tr_registry_visit_fn *visit, void *context,
                          struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    TRI_AUTO(tr_reply_deinit) struct tr_reply reply = {.message = NULL};
    struct tr_iter iter;
    tr_term each, value;
    tr_pid pid;
    int r = tri_registry_ask(registry, &reply, cache, pattern, holes);
    if (r || !tr_get_list(reply.term, &iter))
        return r;
    while (tr_next(&iter, &each))
        if (tr_match(each, "{Pid, Value}", &pid, &value) == 0)
            visit(pid, value, context);
    return 0;
}
