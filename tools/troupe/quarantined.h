/* Quarantined: one job that was set aside, as the command shows it, and how it is done once more. */
#ifndef TROUPE_TOOL_QUARANTINED_H
#define TROUPE_TOOL_QUARANTINED_H

#include "behaviour/quarantine.h"

/* Zeroed, it is none. */
struct quarantined {
    char id[TRI_KEEPSAKE_ID_BYTES];
    struct tr_out job, meta;
    /* Of its worker, and of the last death: parts of meta; undefined when that does not tell. */
    tr_term spec, reason;
    char image[4096], worker[256];
    uint64_t kills, time_s;
    /* Nobody knows what it is a job for: it can be looked at, and not be replayed. */
    bool lacks_meta;
};

/* 0, or as tri_quarantine_get. */
int quarantined_read(const char *id, struct quarantined *ret_job);
void quarantined_deinit(struct quarantined *job);

/* What is wrong with one that could not be read. */
const char *quarantined_fault(int r);

/* In a node of its own. Returns an exit status, having said what is wrong.
 *   deadline_ms   0: none */
int quarantined_replay(const struct quarantined *job, int64_t deadline_ms);

/* Under gdb.
 *   script   a file of commands, for which gdb runs without a terminal; NULL: it talks to the user */
int quarantined_debug(const struct quarantined *job, const char *script);

#endif
