/* Turn: the slow sides of the biased lock. */
#include "mailbox/turn.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/panic.h"

/* Of the futex. */
enum { NOBODY = 0, HELPER_HAS_IT = 1, OWNER_SLEEPS = 2 };

int tri_turn_prepare(void)
{
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) < 0)
        return -errno;
    return 0;
}

void tri_turn_barrier(void)
{
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) < 0)
        tri_panic("membarrier was refused after it had been granted");
}

void tri_turn_wait(struct tri_turn *turn)
{
    for (;;) {
        uint32_t seen = HELPER_HAS_IT;
        atomic_compare_exchange_strong_explicit(&turn->helper, &seen, OWNER_SLEEPS,
                                                memory_order_acquire, memory_order_acquire);
        if (seen == NOBODY)
            return;
        syscall(SYS_futex, &turn->helper, FUTEX_WAIT_PRIVATE, OWNER_SLEEPS, NULL, NULL, 0);
    }
}

bool tri_turn_try(struct tri_turn *turn)
{
    if (atomic_load_explicit(&turn->inside, memory_order_relaxed) > 0)
        return false; /* no need to ask the kernel */
    atomic_store_explicit(&turn->helper, HELPER_HAS_IT, memory_order_relaxed);
    tri_turn_barrier();
    if (atomic_load_explicit(&turn->inside, memory_order_acquire) == 0)
        return true;
    tri_turn_give_back(turn);
    return false;
}

void tri_turn_give_back(struct tri_turn *turn)
{
    uint32_t was = atomic_exchange_explicit(&turn->helper, NOBODY, memory_order_release);
    if (was == OWNER_SLEEPS)
        syscall(SYS_futex, &turn->helper, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
