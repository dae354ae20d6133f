/* Requests: sent under any label, as calls and system messages have theirs; and the wait for responses, for those who count
 * in deadlines. */
#ifndef TRI_BEHAVIOUR_REQUESTS_H
#define TRI_BEHAVIOUR_REQUESTS_H

#include "troupe/server.h"

/* As tr_send_request, with the label of tri_question_begin. */
int tri_request_begin(const char *label, struct tr_to to, struct tr_request *ret_request,
                      struct tri_pattern **cache, const char *pattern, struct tr_holes holes);

/* As tr_wait_responses; deadline_ns TRI_AT_ONCE: what has come is looked at once. */
int tri_wait_responses(struct tr_request *requests, size_t count, uint64_t deadline_ns,
                       size_t *ret_which, struct tr_reply *ret_reply);

#endif
