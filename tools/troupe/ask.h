/* Ask: what call, state, suspend, resume and stop have in common: a question to one actor, a wait for its answer, and a
 * sentence for each way in which there is none. */
#ifndef TROUPE_TOOL_ASK_H
#define TROUPE_TOOL_ASK_H

#include "guest.h"
#include "options.h"
#include "troupe/sys.h"

#define ASK_TIMEOUT_MS TR_CALL_TIMEOUT_MS

struct ask {
    struct guest guest;
    const char *command; /* "call" */
    const char *who;     /* as the user named it */
    tr_pid pid;
    int64_t timeout_ms;
    struct tr_out term; /* what the user wrote, as a term; nothing when there was no text */
};
#define ASK_NONE                                                                                   \
    {                                                                                              \
        .guest = GUEST_NONE, .timeout_ms = ASK_TIMEOUT_MS                                          \
    }

/* The option --timeout: own options of a command that has no others, and reading it. */
extern const struct option ask_options[];
void ask_set_timeout(struct ask *ask, const struct options *options);

/* Reads the text (NULL: none), joins the node and finds the actor. Says what goes wrong. 0 or an exit status. */
int ask_begin(struct ask *ask, const struct options *options, const char *who, const char *text);
void ask_end(struct ask *ask); /* for TRI_AUTO */

/* The actor answers system messages. Says so when it plainly does not: it would only gather them in its mailbox.
 * 0 or an exit status. */
int ask_expect_behaviour(const struct ask *ask);

/* Prints the answer, or says why there is none.
 *   r   what tr_call or one of tr_sys_… returned, and reply what it brought
 * Returns an exit status. */
int ask_print(struct ask *ask, int r, const struct tr_reply *reply);
int ask_fail(struct ask *ask, int r, const struct tr_reply *reply);

/* Prints a term, and the line's end. Returns an exit status. */
int ask_print_term(tr_term term);

#endif
