/* Shared memory and futexes: a page for each direction with room for one message, copied in and copied out. Nothing is
 * carried by the kernel, which only wakes: the floor under everything that blocks.
 */
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/transport.h"

struct slot {
    _Atomic unsigned is_full;
    char body[];
};

static size_t slot_bytes(size_t size_bytes)
{
    return (sizeof(struct slot) + size_bytes + 4095) / 4096 * 4096;
}

static int prepare(struct end *end, size_t size_bytes)
{
    size_t bytes = slot_bytes(size_bytes);
    end->shared = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return end->shared == MAP_FAILED ? complain("mmap") : 0;
}

static struct slot *slot_to(const struct end *end, int side, size_t size_bytes)
{
    return (struct slot *)((char *)end->shared + (side ? slot_bytes(size_bytes) : 0));
}

static void await(struct slot *slot, unsigned is_full)
{
    while (atomic_load_explicit(&slot->is_full, memory_order_acquire) != is_full)
        syscall(SYS_futex, &slot->is_full, FUTEX_WAIT, !is_full, NULL, NULL, 0);
}

static void announce(struct slot *slot, unsigned is_full)
{
    atomic_store_explicit(&slot->is_full, is_full, memory_order_release);
    syscall(SYS_futex, &slot->is_full, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int send_body(struct end *end, const void *body, size_t size_bytes)
{
    struct slot *slot = slot_to(end, !end->side, size_bytes);
    await(slot, 0);
    memcpy(slot->body, body, size_bytes);
    announce(slot, 1);
    return 0;
}

/* Nobody waits for room where messages go there and back, so nobody is woken for it. */
static int receive_body(struct end *end, void *body, size_t size_bytes)
{
    struct slot *slot = slot_to(end, end->side, size_bytes);
    await(slot, 1);
    memcpy(body, slot->body, size_bytes);
    atomic_store_explicit(&slot->is_full, 0, memory_order_release);
    return 0;
}

/* The mapping ends with the process. */
static void close_end(struct end *end) { end->shared = NULL; }

const struct transport futex_transport = {.name = "futex",
                                          .prepare = prepare,
                                          .send = send_body,
                                          .receive = receive_body,
                                          .close = close_end};
