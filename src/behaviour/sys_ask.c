/* Asking with system messages: questions whose label is `system`. */
#include "behaviour/question.h"
#include "behaviour/requests.h"
#include "troupe/sys.h"

int tri_sys_ask(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tri_question question = tri_question_begin("system", tr_alias(TR_ALIAS_REPLY));
    tri_put(question.out, cache, pattern, holes);
    return tri_question_ask(&question, to, timeout_ms, ret_reply);
}

int tri_sys_get(struct tr_to to, int64_t timeout_ms, struct tr_reply *ret_reply,
                struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    struct tr_reply unwanted = {.message = NULL};
    struct tr_reply *reply = ret_reply ? ret_reply : &unwanted;
    tr_term reason;
    int r = tri_sys_ask(to, timeout_ms, reply, cache, pattern, holes);
    if (r == 0 && tr_match(reply->term, "{error, Reason}", &reason) == 0) {
        reply->term = reason;
        r = TR_REFUSED;
    }
    tr_reply_deinit(&unwanted);
    return r;
}

int tri_sys_send_request(struct tr_to to, struct tr_request *ret_request,
                         struct tri_pattern **cache, const char *pattern, struct tr_holes holes)
{
    return tri_request_begin("system", to, ret_request, cache, pattern, holes);
}
