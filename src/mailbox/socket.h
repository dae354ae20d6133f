/* Socket: the one file that talks to nanomsg. A PULL socket is an actor's mailbox, a PUSH socket leads to another's.
 *
 * nanomsg aborts the process on a path that is too long, loses what it has not read when a connection ends, and can block
 * for ever in a send: so paths are checked before every call, and nothing here waits. Faults are negative errnos. */
#ifndef TRI_MAILBOX_SOCKET_H
#define TRI_MAILBOX_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct tri_socket {
    int id; /* nanomsg's; -1 when closed */
    /* readable while there is mail (PULL), or room for a frame (PUSH); nanomsg's own, not to be read */
    int fd;
};

#define TRI_SOCKET_CLOSED ((struct tri_socket){-1, -1})

/* How many parts a frame may be sent in. */
#define TRI_SOCKET_PARTS 64

/* nanomsg starts a thread with the first socket, and aborts the process when it gets none: so one is started and ended
 * before, which takes as long as a fork. nanomsg's gets the same small stack then. In a template it is done for all of its
 * actors: the stack waits to be used, and what the C library changes with the first thread is changed in pages that all
 * share. 0 or a negative errno. The first socket of a process does it, too. */
int tri_socket_ask_for_thread(void);

/* Binds a PULL socket at a path that was never used before; a frame larger than largest_bytes ends its connection.
 * 0, TR_TOO_LARGE (the path), or a negative errno. */
int tri_socket_bind(struct tri_socket *socket, const char *path, size_t largest_bytes);

/* Makes a PUSH socket that connects in the background, and again whenever the connection breaks.
 * 0, TR_TOO_LARGE (the path), or a negative errno (-EMFILE: nanomsg has no socket left, or the process no descriptor). */
int tri_socket_connect(struct tri_socket *socket, const char *path);

/* Closes it: what the other side has not read is lost. A closed one is fine. */
void tri_socket_close(struct tri_socket *socket);

static inline bool tri_socket_is_open(const struct tri_socket *socket) { return socket->id >= 0; }

/* Sends one frame made of parts, which may be changed afterwards. 0, -EAGAIN (no room, or not connected). */
int tri_socket_send(struct tri_socket *socket, const struct iovec *parts, size_t count);

/* Takes a frame out, in memory that tri_socket_free frees. 0, -EAGAIN, or another negative errno. */
int tri_socket_receive(struct tri_socket *socket, void **ret_frame, size_t *ret_size_bytes);
void tri_socket_free(void *frame);
/* Memory as if it had come that way, aligned to 8. NULL: there is none. */
void *tri_socket_new_frame(size_t size_bytes);

/* Of a PUSH socket: how many connections it has had, and whether it has one now. A number that has grown means that
 * frames were lost. */
uint64_t tri_socket_connections(const struct tri_socket *socket);
bool tri_socket_is_connected(const struct tri_socket *socket);

#endif
