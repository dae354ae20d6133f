/* Doorbell: what wakes up a process to which its sender has no connection.
 *
 * The message lies in its sender's ring already; all that its receiver must hear is that somebody has written there, who,
 * and where. A connection of nanomsg for that costs both sides sockets, a thread, and 100 kB of the machine's memory
 * together, and most pairs of processes exchange a message or two in their lives. So each process has a pipe with a name
 * (fifo(7)), into which others write a knock of 24 bytes: no thread, no connection, one process woken up.
 *
 * A pipe holds 2,730 knocks (340 when its user, unless root, has more than a thousand pipes: pipe(7)). Who finds it full
 * knocks again later (care.h); what was recorded waits in the ring, where it is safe. Anybody who gets there can
 * write into it, so what is read is data. */
#ifndef TRI_MAILBOX_DOORBELL_H
#define TRI_MAILBOX_DOORBELL_H

#include <stddef.h>
#include <stdint.h>

#define TRI_KNOCK_MAGIC 0x6b6eu /* "nk" */

struct tri_knock {
    uint64_t sender;   /* tr_pid.id */
    uint64_t position; /* in its ring, of the first record that may be to be fetched; 0: unknown */
    uint32_t number;   /* counts the knocks of this sender at this receiver, modulo TRI_KNOCKS */
    uint16_t magic;
    uint16_t wants_connection; /* 1: its sender would like to connect, if there were a socket */
};

_Static_assert(sizeof(struct tri_knock) == 24, "knocks are told apart by their length");

/* Makes the pipe, which others find at that path; other users may only write into it. The descriptor, readable when
 * somebody has knocked, or a negative errno. */
int tri_doorbell_open(const char *path);

/* Knocks. 0; -EAGAIN: it is full; -ENOENT: there is none (yet); -EMFILE … */
int tri_doorbell_knock(const char *path, const struct tri_knock *knock);

/* Reads knocks, whole ones. How many, or a negative errno: -EAGAIN when there are none; -EPROTO when somebody has written
 * something else: then all that was in the pipe is gone, because nobody can say where the next knock begins. */
int tri_doorbell_read(int fd, struct tri_knock *ret_knocks, size_t most);

#endif
