/* Tidy: one deadline, put off by use. */
#include "mailbox/tidy.h"

#include "base/clock.h"
#include "mailbox/message.h"

/* For how long memory is kept that nobody uses. */
#define KEEP_NS (100 * TRI_NS_PER_MS)

void tri_tidy(struct tri_tidy *tidy, struct tri_pool *pool, uint64_t now_ns)
{
    bool is_used = tri_pool_is_used(pool);
    if (tri_message_spares_used() || is_used) {
        tidy->patience_ns = KEEP_NS;
        tidy->when_ns = now_ns + KEEP_NS;
    }
    if (now_ns < tidy->when_ns)
        return;
    tri_message_spares_free();
    tri_pool_trim(pool);
    tidy->patience_ns *= 2;
    tidy->when_ns = pool->count > 0 ? now_ns + tidy->patience_ns : TRI_NEVER;
}
