/* What a mailbox is made of, for the files that share it: mailbox.c and wait.c. */
#ifndef TRI_MAILBOX_INSIDE_H
#define TRI_MAILBOX_INSIDE_H

#include "mailbox/intake.h"
#include "mailbox/outbox.h"

struct tri_mailbox {
    struct tri_mailbox_options options;
    struct tri_socket socket;
    struct tri_recorder recorder;
    struct tri_intake intake;
    struct tri_outbox outbox;
    uint64_t blobs;    /* how many were written: their serial numbers */
    unsigned take_ins; /* how often, to read the clock now and then */

    /* A frame that tri_mailbox_wait found; tri_mailbox_take_in begins with it. */
    void *found;
    size_t found_bytes;
    unsigned yields;       /* how many more waits may yield first, without that being worth it */
    unsigned waits_asleep; /* how many waits must not, because the machine is busy */
};

#endif
