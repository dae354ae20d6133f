/* Step: which answers of which callback make sense, and what a step is as a term. Pure. */
#ifndef TRI_BEHAVIOUR_STEP_H
#define TRI_BEHAVIOUR_STEP_H

#include "troupe/server.h"

/* Where a step comes from. */
enum tri_callback {
    TRI_ON_INIT,
    TRI_ON_CALL,
    TRI_ON_CAST,
    TRI_ON_INFO,
    TRI_ON_CONTINUE,
    TRI_CALLBACKS
};

/* The callback's name, and how many arguments OTP gives it. */
const char *tri_callback_name(enum tri_callback callback);
int tri_callback_arity(enum tri_callback callback);

/* May that callback return this step (SEMANTICS 29)? */
bool tri_step_is_proper(const struct tr_step *step, enum tri_callback callback);

/* The terms of the step that was made last. Taking one moves it into the caller's out, whose content goes; the next step
 * may then be made while it is in use. */
tr_term tri_step_reply_term(void);
void tri_step_take_reason(struct tr_out *out);
void tri_step_take_continue(struct tr_out *out);

/* Appends a step as the term that OTP would have been returned, for {bad_return_value, Step}. */
void tri_step_put(struct tr_out *out, const struct tr_step *step);

#endif
