/* Call: a binary goes to a server and comes back as its reply, at once again. */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/side.h"

static struct tr_step init(tr_term argument, void **ret_state)
{
    side_begin(argument);
    *ret_state = NULL;
    return tr_ok();
}

static struct tr_step handle_call(tr_term request, const struct tr_from *from, void *state)
{
    (void)from;
    (void)state;
    return tr_answer("B", request);
}

/* stop */
static struct tr_step handle_info(tr_term message, void *state)
{
    (void)message;
    (void)state;
    return tr_stop("normal");
}

static const struct tr_server_callbacks callbacks = {
    .init = init, .handle_call = handle_call, .handle_info = handle_info};
TR_SERVER(echo_server, &callbacks)

struct calls {
    tr_pid server;
    tr_bin body;
};

static int repeat_calls(void *context, long count)
{
    const struct calls *calls = context;
    tr_bin answer;
    int r = 0;
    for (long i = 0; i < count && r == 0; i++) {
        TR_REPLY reply = {0};
        r = tr_call(calls->server, ANSWER_MS, &reply, "B", calls->body);
        if (r == 0 && tr_match(reply.term, "B", &answer) != 0)
            r = -1;
    }
    return r ? -1 : 0;
}

int troupe_call(const struct load *load, const void *what, double *ret_figures)
{
    struct side side;
    char *data = calloc(1, load->size_bytes);
    double ns = 0;
    (void)what;
    int r = data ? side_start(&side, "echo_server", load) : -1;
    if (r == 0) {
        struct calls calls = {side.pid, {data, load->size_bytes}};
        place(load->placement, 0);
        r = steady(repeat_calls, &calls, load, &ns);
        if (r == 0)
            r = side_stop(&side);
    }
    free(data);
    *ret_figures = figure_of(load, ns);
    return r;
}
