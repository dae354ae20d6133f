/* nng, the successor of nanomsg: push and pull over ipc. A message comes in a buffer of the library's own, which saves
 * a copy that the other peers make.
 */
#include "bench/bench.h"
#include "bench/transport.h"

#ifdef BENCH_NNG

#include <errno.h>
#include <stdlib.h>

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>

#include "bench/library.h"

#define FUNCTIONS(X)                                                                               \
    X(nng_pull0_open)                                                                              \
    X(nng_push0_open)                                                                              \
    X(nng_socket_set_size)                                                                         \
    X(nng_listen)                                                                                  \
    X(nng_dial)                                                                                    \
    X(nng_send)                                                                                    \
    X(nng_recv)                                                                                    \
    X(nng_free)                                                                                    \
    X(nng_close)

LIBRARY(nng, FUNCTIONS)

static bool is_loaded(void) { return library_load(BENCH_NNG_LIBRARY, nng_names, &nng) == 0; }

struct sockets {
    nng_socket in, out;
    bool has_in, has_out;
};

static struct sockets *sockets_of(struct end *end)
{
    if (!end->context)
        end->context = calloc(1, sizeof(struct sockets));
    return end->context;
}

static int fail(const char *what, int error)
{
    errno = error & NNG_ESYSERR ? error & ~NNG_ESYSERR : EIO;
    return complain(what);
}

static int bind_end(struct end *end)
{
    char address[ADDRESS_BYTES];
    struct sockets *s = sockets_of(end);
    int r = s && is_loaded() ? nng.nng_pull0_open_(&s->in) : NNG_ENOMEM;
    if (r)
        return fail("nng_pull0_open", r);
    s->has_in = true;
    nng.nng_socket_set_size_(s->in, NNG_OPT_RECVMAXSZ, 0);
    r = nng.nng_listen_(s->in, ipc_address(end, end->side, address), NULL, 0);
    return r ? fail("nng_listen", r) : 0;
}

static int connect_end(struct end *end, int side)
{
    char address[ADDRESS_BYTES];
    struct sockets *s = sockets_of(end);
    int r = s && is_loaded() ? nng.nng_push0_open_(&s->out) : NNG_ENOMEM;
    if (r)
        return fail("nng_push0_open", r);
    s->has_out = true;
    r = nng.nng_dial_(s->out, ipc_address(end, side, address), NULL, 0);
    return r ? fail("nng_dial", r) : 0;
}

static int send_body(struct end *end, const void *body, size_t size_bytes)
{
    union {
        const void *in;
        void *out;
    } unconst = {body}; /* nng_send only reads it without NNG_FLAG_ALLOC */
    int r = nng.nng_send_(sockets_of(end)->out, unconst.out, size_bytes, 0);
    return r ? fail("nng_send", r) : 0;
}

static int receive_body(struct end *end, void *body, size_t size_bytes)
{
    void *data;
    size_t length_bytes;
    (void)body;
    int r = nng.nng_recv_(sockets_of(end)->in, &data, &length_bytes, NNG_FLAG_ALLOC);
    if (r)
        return fail("nng_recv", r);
    nng.nng_free_(data, length_bytes);
    return length_bytes == size_bytes ? 0 : -1;
}

static void close_end(struct end *end)
{
    struct sockets *s = end->context;
    if (s && s->has_out)
        nng.nng_close_(s->out);
    if (s && s->has_in)
        nng.nng_close_(s->in);
    free(s);
}

const struct transport nng_transport = {.name = "nng",
                                        .bind = bind_end,
                                        .connect = connect_end,
                                        .send = send_body,
                                        .receive = receive_body,
                                        .close = close_end};
#else
const struct transport nng_transport = {.name = "nng"};
#endif
