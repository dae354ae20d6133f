/* Transports: peers that carry messages from one C process to another, each a file via_*.c.
 *
 * A transport knows how to open its two ends and to send and receive one message, blocking; what is done with that
 * (trips, one way, fan-in) is the same for all, in pair.c and fan_in_peers.c. Who was not there when this was built has
 * no send.
 */
#ifndef BENCH_TRANSPORT_H
#define BENCH_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#define SIDES_MAX 2

/* One end. Which members a transport uses is its own affair. */
struct end {
    const char *directory; /* for sockets with names; the same at all ends */
    int fds[SIDES_MAX];    /* made before the fork                         */
    int in_fd, out_fd;
    void *shared; /* made before the fork                         */
    void *context, *in, *out;
    int side;
};

struct transport {
    const char *name;
    /* Before the fork: what both ends inherit. NULL: nothing. 0 or -1. */
    int (*prepare)(struct end *end, size_t size_bytes);
    /* After the fork: makes what this side receives from. Both have done so before either connects. */
    int (*bind)(struct end *end);
    /* Makes what this side sends to. side is who receives. */
    int (*connect)(struct end *end, int side);
    int (*send)(struct end *end, const void *body, size_t size_bytes);
    /* One message of exactly that size. */
    int (*receive)(struct end *end, void *body, size_t size_bytes);
    void (*close)(struct end *end);
};

extern const struct transport nanomsg_transport, zeromq_transport, nng_transport,
    seqpacket_transport, stream_transport, futex_transport;

#define ADDRESS_BYTES 160

/* ipc://<directory>/<side> */
char *ipc_address(const struct end *end, int side, char buffer[ADDRESS_BYTES]);

struct load;
/* A fan-in of load->senders senders. 0 or -1. */
int fan_in_measure(const struct load *load, const struct transport *transport, double *ret_figure);

#define DIRECTORY_BYTES 128

/* A new directory for sockets, and its end with whatever is in it; an empty name is fine. It lies in the run directory of
 * the bench's node, with which it goes at the latest. 0 or -1. */
int directory_make(char directory[DIRECTORY_BYTES]);
void directory_remove(const char *directory);

#endif
