/* Pairs: two processes with a transport between them, one of which measures.
 *
 * Beside the transport under test they have a control channel: over it the measuring side says how many messages come
 * next, and hears that the last one has been received. One exchange on it is the same for all and is paid once for
 * thousands of messages.
 */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "bench/transport.h"
#include "wire/rundir.h"

struct pair {
    const struct transport *transport;
    const struct load *load;
    struct end end;
    char directory[DIRECTORY_BYTES];
    int control; /* this side's end of the control channel */
    char *body;
    pid_t os_pid;
};

char *ipc_address(const struct end *end, int side, char buffer[ADDRESS_BYTES])
{
    snprintf(buffer, ADDRESS_BYTES, "ipc://%s/%d", end->directory, side);
    return buffer;
}

int directory_make(char directory[DIRECTORY_BYTES])
{
    struct tri_rundir dir;
    const char *node = getenv("TROUPE_NODE");
    bool has_node = node && tri_rundir_name(node, &dir, NULL, 0) == 0;
    snprintf(directory, DIRECTORY_BYTES, "%s/peer.XXXXXX", has_node ? dir.path : "/tmp");
    return mkdtemp(directory) ? 0 : complain("mkdtemp");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place_in_tree)
{
    (void)st;
    (void)kind;
    (void)place_in_tree;
    remove(path);
    return 0;
}

void directory_remove(const char *directory)
{
    if (directory[0])
        nftw(directory, remove_one, 8, FTW_PHYS | FTW_DEPTH);
}

static int say(int control, long word)
{
    return write(control, &word, sizeof word) == sizeof word ? 0 : -1;
}

static int hear(int control, long *ret_word)
{
    return read(control, ret_word, sizeof *ret_word) == sizeof *ret_word ? 0 : -1;
}

/* Opens one side: binds, waits until the other has bound too, and connects, so that nobody waits for a second try. */
static int side_open(struct pair *pair, int side)
{
    const struct transport *t = pair->transport;
    long word;
    pair->end.side = side;
    if (t->bind && t->bind(&pair->end) < 0)
        return -1;
    if (say(pair->control, 0) < 0 || hear(pair->control, &word) < 0)
        return complain("the other side");
    return t->connect ? t->connect(&pair->end, !side) : 0;
}

/* Side 1: takes as many messages as it is told, and gives them back if it is an echo. */
static void serve(struct pair *pair)
{
    const struct transport *t = pair->transport;
    size_t size_bytes = pair->load->size_bytes;
    bool is_echo = pair->load->shape != SHAPE_ONE_WAY;
    for (long count; hear(pair->control, &count) == 0;) {
        for (long i = 0; i < count; i++)
            if (t->receive(&pair->end, pair->body, size_bytes) < 0 ||
                (is_echo && t->send(&pair->end, pair->body, size_bytes) < 0))
                return;
        if (!is_echo && say(pair->control, count) < 0)
            return;
    }
}

static int pair_fork(struct pair *pair)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return complain("socketpair");
    pair->os_pid = fork();
    if (pair->os_pid < 0)
        return complain("fork");
    int side = pair->os_pid == 0 ? 1 : 0;
    pair->control = fds[side];
    close(fds[!side]);
    place(pair->load->placement, side);
    if (side == 0)
        return 0;
    child_begin();
    if (side_open(pair, 1) == 0)
        serve(pair);
    /* Only a failure ends it. The other side would wait for ever for what does not come. */
    kill(getppid(), SIGTERM);
    _exit(1);
}

static int pair_open(struct pair *pair, const struct transport *transport, const struct load *load)
{
    *pair = (struct pair){.transport = transport, .load = load, .os_pid = -1};
    pair->body = calloc(1, load->size_bytes);
    if (!pair->body || directory_make(pair->directory) < 0)
        return -1;
    pair->end.directory = pair->directory;
    if (transport->prepare && transport->prepare(&pair->end, load->size_bytes) < 0)
        return -1;
    if (pair_fork(pair) < 0 || side_open(pair, 0) < 0)
        return -1;
    /* What the library started meanwhile belongs to this side too. */
    place(load->placement, 0);
    return 0;
}

static void pair_close(struct pair *pair)
{
    if (pair->os_pid > 0) {
        kill(pair->os_pid, SIGKILL);
        waitpid(pair->os_pid, NULL, 0);
        pair->transport->close(&pair->end);
    }
    free(pair->body);
}

/* ---------------------------------------------------------------- what is repeated */

static int trip(struct pair *pair)
{
    size_t size_bytes = pair->load->size_bytes;
    return pair->transport->send(&pair->end, pair->body, size_bytes) < 0 ||
                   pair->transport->receive(&pair->end, pair->body, size_bytes) < 0
               ? -1
               : 0;
}

static int trips(void *context, long count)
{
    struct pair *pair = context;
    int r = say(pair->control, count);
    for (long i = 0; i < count && r == 0; i++)
        r = trip(pair);
    return r;
}

static int pour(void *context, long count)
{
    struct pair *pair = context;
    long word;
    int r = say(pair->control, count);
    for (long i = 0; i < count && r == 0; i++)
        r = pair->transport->send(&pair->end, pair->body, pair->load->size_bytes);
    return r < 0 ? r : hear(pair->control, &word);
}

/* Trips of which each is timed, and before each of which both sides sleep. The median's time. */
static int idle_trips(struct pair *pair, double *ret_ns)
{
    long count = pair->load->time_ms / IDLE_MS + 1;
    struct timespec idle = {0, IDLE_MS * TRI_NS_PER_MS};
    double *times = calloc((size_t)count, sizeof *times);
    int r = times && trips(pair, 50) == 0 ? say(pair->control, count) : -1;
    for (long i = 0; i < count && r == 0; i++) {
        nanosleep(&idle, NULL);
        uint64_t begin_ns = tri_clock_ns();
        r = trip(pair);
        times[i] = (double)(tri_clock_ns() - begin_ns);
    }
    if (r == 0)
        *ret_ns = median(times, (size_t)count);
    free(times);
    return r;
}

int transport_measure(const struct load *load, const void *what, double *ret_figures)
{
    struct pair pair;
    const struct transport *transport = what;
    double ns = 0;
    if (!transport->send)
        return BENCH_MISSING;
    if (load->shape == SHAPE_FAN_IN)
        return fan_in_measure(load, transport, ret_figures);
    repeat_fn *repeat = load->shape == SHAPE_ONE_WAY ? pour : trips;
    int r = pair_open(&pair, transport, load);
    if (r == 0)
        r = repeat(&pair, 1);
    /* Both are connected: the sockets' names are not needed any more, and do not stay behind whatever happens. */
    directory_remove(pair.directory);
    if (r == 0 && load->shape == SHAPE_IDLE_TRIP)
        r = idle_trips(&pair, &ns);
    else if (r == 0)
        r = steady(repeat, &pair, load, &ns);
    pair_close(&pair);
    *ret_figures = figure_of(load, ns);
    return r < 0 ? complain(transport->name) : 0;
}
