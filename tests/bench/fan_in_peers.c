/* Fan-in of a transport: many processes send to one that measures.
 *
 * Each sender is forked before the library is touched, and waits on a control channel of its own to be told how many
 * messages to send. Before the measurement each has sent one, so that all are known to be connected.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/transport.h"

struct sender {
    pid_t os_pid;
    int control;
};

struct fan {
    const struct transport *transport;
    const struct load *load;
    struct end end;
    char directory[DIRECTORY_BYTES];
    char *body;
    struct sender *senders;
    long sender_count;
};

/* The sender's life. */
static void send_as_told(struct fan *fan, int control)
{
    long count;
    fan->end.side = 1;
    /* The first word says that the receiver has bound. */
    for (bool is_connected = false; read(control, &count, sizeof count) == sizeof count;) {
        if (!is_connected && fan->transport->connect(&fan->end, 0) < 0)
            return;
        is_connected = true;
        for (long i = 0; i < count; i++)
            if (fan->transport->send(&fan->end, fan->body, fan->load->size_bytes) < 0)
                return;
    }
}

static int sender_fork(struct fan *fan, struct sender *sender)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return complain("socketpair");
    sender->os_pid = fork();
    if (sender->os_pid < 0)
        return complain("fork");
    if (sender->os_pid == 0) {
        child_begin();
        close(fds[0]);
        /* An inherited end would keep another sender's channel open. */
        for (long i = 0; i < fan->sender_count; i++)
            close(fan->senders[i].control);
        send_as_told(fan, fds[1]);
        /* Only a failure ends it. The receiver would wait for ever for what does not come. */
        kill(getppid(), SIGTERM);
        _exit(1);
    }
    close(fds[1]);
    sender->control = fds[0];
    return 0;
}

/* All send, and all that they sent is received. count is how many altogether, rounded up to one each. */
static int gather(void *context, long count)
{
    struct fan *fan = context;
    long each = (count + fan->sender_count - 1) / fan->sender_count;
    for (long i = 0; i < fan->sender_count; i++)
        if (write(fan->senders[i].control, &each, sizeof each) != sizeof each)
            return -1;
    for (long i = 0; i < each * fan->sender_count; i++)
        if (fan->transport->receive(&fan->end, fan->body, fan->load->size_bytes) < 0)
            return -1;
    return 0;
}

static int fan_open(struct fan *fan)
{
    fan->body = calloc(1, fan->load->size_bytes);
    fan->senders = calloc((size_t)fan->load->senders, sizeof *fan->senders);
    if (!fan->body || !fan->senders || directory_make(fan->directory) < 0)
        return -1;
    fan->end.directory = fan->directory;
    for (; fan->sender_count < fan->load->senders; fan->sender_count++)
        if (sender_fork(fan, &fan->senders[fan->sender_count]) < 0)
            return -1;
    return fan->transport->bind(&fan->end) < 0 ? -1 : gather(fan, fan->sender_count);
}

static void fan_close(struct fan *fan)
{
    for (long i = 0; i < fan->sender_count; i++)
        kill(fan->senders[i].os_pid, SIGKILL);
    for (long i = 0; i < fan->sender_count; i++)
        waitpid(fan->senders[i].os_pid, NULL, 0);
    fan->transport->close(&fan->end);
    free(fan->senders);
    free(fan->body);
}

int fan_in_measure(const struct load *load, const struct transport *transport, double *ret_figure)
{
    struct fan fan = {.transport = transport, .load = load};
    double ns = 0;
    int r = fan_open(&fan);
    directory_remove(fan.directory);
    if (r == 0)
        r = steady(gather, &fan, load, &ns);
    fan_close(&fan);
    *ret_figure = figure_of(load, ns);
    return r < 0 ? complain(transport->name) : 0;
}
