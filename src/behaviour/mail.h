/* Mail: what a message is to a server. Pure. */
#ifndef TRI_BEHAVIOUR_MAIL_H
#define TRI_BEHAVIOUR_MAIL_H

#include "behaviour/step.h"

struct tri_mail {
    enum tri_callback for_whom; /* TRI_ON_CALL, TRI_ON_CAST or TRI_ON_INFO */
    tr_term body;
    struct tr_from from; /* of a call */
};

/* Reads a message. What only looks like a call or a cast is for handle_info, as it came. */
void tri_mail_read(tr_term message, struct tri_mail *ret_mail);

#endif
