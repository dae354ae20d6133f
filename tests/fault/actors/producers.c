/* producers: actors that are killed while they send large bodies, and receivers that are killed before they take them.
 * Each case is a root of its own, `producers CASE`; when it is done it says so and waits to be stopped, so that what its
 * actors left behind can be looked at while the node runs.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "mailbox/blob.h"
#include "process/runtime.h"
#include "support/arguments.h"
#include "support/check.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define PRODUCERS_MAX 1000

static void fill(uint8_t *bytes, size_t size, long n)
{
    for (size_t i = 0; i < size; i += 64)
        bytes[i] = (uint8_t)(i / 64 + (size_t)n);
}

static bool is_filled(tr_bin bin, long n)
{
    for (size_t i = 0; i < bin.size_bytes; i += 64)
        if (((const uint8_t *)bin.data)[i] != (uint8_t)(i / 64 + (size_t)n))
            return false;
    return true;
}

/* ---------------------------------------------------------------- killed at any moment */

/* From each producer the messages come whole, none is missing and none comes twice. */
TR_ACTOR(collector)
{
    static long next[PRODUCERS_MAX];
    long producer, n;
    tr_pid from;
    tr_bin bin;
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{Producer, N, B}", &producer, &n, &bin) {
                CHECK(producer < PRODUCERS_MAX && n == next[producer]++);
                CHECK(is_filled(bin, n));
            }
            tr_case("{count, From}", &from)
                CHECK(tr_send(from, "{first, N}", next[0]) == 0);
        }
}

static void send_built(tr_pid to, long me, long n, size_t size)
{
    struct tr_blob *blob;
    CHECK(tr_blob_new(&blob, size) == 0);
    fill(tr_blob_bytes(blob), size, n);
    CHECK(tr_send(to, "{P, N, B}", me, n, blob) == 0);
}

static void send_copied(tr_pid to, long me, long n, size_t size)
{
    uint8_t *bytes = malloc(size);
    tr_bin bin = {bytes, size};
    fill(bytes, size, n);
    CHECK(tr_send(to, "{P, N, B}", me, n, bin) == 0);
    free(bytes);
}

/* All the ways that a large body takes. */
TR_ACTOR(producer)
{
    static const size_t sizes[] = {100 * KIB, 5 * MIB, 300 * KIB, 1 * MIB};
    tr_pid collector;
    long me;
    CHECK(tr_match(argument, "{Collector, Me}", &collector, &me) == 0);
    for (long n = 0;; n++) {
        if (n % 3 == 0)
            send_built(collector, me, n, sizes[n % 4]);
        else
            send_copied(collector, me, n, sizes[n % 4]);
    }
}

static void many_killed_producers(long count)
{
    tr_pid collector, producer;
    tr_ref monitor;
    unsigned random = 1;
    CHECK(tr_spawn_link(&collector, "collector", "[]") == 0);
    for (long i = 0; i < count; i++) {
        CHECK(tr_spawn_monitor(&producer, &monitor, "producer", "{C, I}", collector, i) == 0);
        random = random * 1103515245 + 12345;
        usleep(random / 65536 % 8000);
        CHECK(tr_exit_process(producer, "kill") == 0);
        EXPECT("{'DOWN', Ref, process, _, killed}", monitor);
    }
    CHECK(tr_send(collector, "{count, Me}", tr_self()) == 0);
    EXPECT("{first, _}");
}

/* ---------------------------------------------------------------- killed at a given moment */

/* Dies between giving a blob its name and recording it. */
TR_ACTOR(dies_between)
{
    int fd;
    tr_pid to;
    const struct tri_process *process = tri_process_here();
    struct tri_blob_name name = {
        .sender = tr_self().id, .serial = 77, .size_bytes = 1, .kind = TRI_BLOB_GIVEN};
    CHECK(tr_get_pid(argument, &to));
    CHECK(tri_blob_nameless(&process->dir, &fd) == 0 && write(fd, "x", 1) == 1);
    atomic_store(&process->box->blob_receiver, to.id);
    atomic_store(&process->box->blob_serial, name.serial);
    CHECK(tri_blob_link(&process->dir, to, &name, fd) == 0);
    raise(SIGKILL);
}

static void between_name_and_record(void)
{
    tr_pid dead;
    tr_ref monitor;
    CHECK(tr_spawn_monitor(&dead, &monitor, "dies_between", "To", tr_self()) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
    CHECK(tr_spawn_monitor(NULL, &monitor, "dies_between", "To", dead) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
}

/* Dies when its blob is recorded, but its box still says that it is not. */
TR_ACTOR(dies_behind)
{
    tr_pid to;
    const struct tri_process *process = tri_process_here();
    CHECK(tr_get_pid(argument, &to));
    send_built(to, 0, 0, 2 * MIB);
    atomic_store(&process->box->blob_receiver, to.id);
    atomic_store(&process->box->blob_serial, 1);
    raise(SIGKILL);
}

TR_ACTOR(taker)
{
    tr_pid parent;
    tr_bin bin;
    CHECK(tr_get_pid(argument, &parent));
    CHECK(tr_send(parent, "{os_pid, N}", getpid()) == 0);
    for (;;)
        tr_receive {
            tr_case("{_, N, B}", 0, &bin) {
                CHECK(is_filled(bin, 0));
                CHECK(tr_send(parent, "{took, Size}", bin.size_bytes) == 0);
            }
        }
}

static pid_t spawn_stopped_taker(tr_pid *ret_taker, tr_ref *ret_monitor)
{
    int os_pid = 0;
    CHECK(tr_spawn_monitor(ret_taker, ret_monitor, "taker", "Me", tr_self()) == 0);
    tr_receive {
        tr_case("{os_pid, N}", &os_pid) {
        }
    }
    CHECK(kill(os_pid, SIGSTOP) == 0);
    return os_pid;
}

static void behind_the_record(void)
{
    tr_pid taker;
    tr_ref monitor;
    pid_t os_pid = spawn_stopped_taker(&taker, &monitor);
    CHECK(tr_spawn_monitor(NULL, &monitor, "dies_behind", "To", taker) == 0);
    EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
    CHECK(kill(os_pid, SIGCONT) == 0);
    EXPECT("{took, Size}", 2 * MIB);
}

/* ---------------------------------------------------------------- receivers */

/* It dies with its mailbox full of files, some of which its sender wants back. */
static void receivers_that_die_first(void)
{
    for (int i = 0; i < 10; i++) {
        tr_pid taker;
        tr_ref monitor;
        pid_t os_pid = spawn_stopped_taker(&taker, &monitor);
        send_built(taker, 0, 0, 2 * MIB);
        send_copied(taker, 0, 0, 100 * KIB);
        send_copied(taker, 0, 0, MIB);
        CHECK(kill(os_pid, SIGKILL) == 0);
        EXPECT("{'DOWN', Ref, process, _, {signal, sigkill, _}}", monitor);
        send_built(taker, 0, 0, 2 * MIB);
        send_copied(taker, 0, 0, MIB);
    }
}

static void run(const char *word)
{
    if (strcmp(word, "between") == 0)
        between_name_and_record();
    else if (strcmp(word, "behind") == 0)
        behind_the_record();
    else if (strcmp(word, "receivers") == 0)
        receivers_that_die_first();
    else
        many_killed_producers(atol(word));
}

TR_ACTOR(main)
{
    char word[32];
    tr_trap_exit(true);
    run(argument_word(argument, 0, word, sizeof word));
    CHECK(tr_register("done", tr_self()) == 0);
    EXPECT("{'EXIT', _, shutdown}");
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
