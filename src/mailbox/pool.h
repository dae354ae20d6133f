/* Pool: files for bodies of up to some MiB, which are used again.
 *
 * A page of a file costs more to take and to give back (2 µs) than to fill (0.4 µs). So bodies that are not much larger
 * than a record travel in files that their sender keeps open: it writes one and moves it to the receiver's folder; the
 * receiver copies it out and moves it back. Nothing is mapped, so nobody needs to know whether it is at rest.
 *
 * A sender that has sent nothing large for a while gives its files back to the system (tri_pool_trim). */
#ifndef TRI_MAILBOX_POOL_H
#define TRI_MAILBOX_POOL_H

#include "mailbox/letter.h"

#define TRI_POOL_FILES 3u
/* Larger bodies are not lent: than a binary of 4 MiB, and a page for the term around it. */
#define TRI_POOL_FILE_BYTES (((size_t)4 << 20) + 4096)

struct tri_pool_file {
    int fd;
    uint64_t serial; /* in its name when it was sent last; 0: it has no name yet */
};

struct tri_pool {
    const struct tri_rundir *dir;
    tr_pid self;
    bool is_used; /* since it was asked last: tri_pool_is_used */
    unsigned count;
    struct tri_pool_file files[TRI_POOL_FILES]; /* the one that was sent last is the last */
};

void tri_pool_init(struct tri_pool *pool, const struct tri_rundir *dir, tr_pid self);

/* Writes a letter to a file that is here and moves it to its receiver, under a name of ours whose kind and offset are
 * filled in.
 * 0; TR_BUSY: all files are away; -ENOSPC, -EMFILE and other negative errnos. */
int tri_pool_lend(struct tri_pool *pool, tr_pid receiver, struct tri_blob_name *name,
                  const struct tri_letter *letter);

/* Was anything lent since this was asked last? */
bool tri_pool_is_used(struct tri_pool *pool);

/* Gives the files that are here back to the system. Tells whether there were any. */
bool tri_pool_trim(struct tri_pool *pool);

/* Closes the files. Those that are away stay with their receivers. A zeroed one is fine. */
void tri_pool_deinit(struct tri_pool *pool);

#endif
