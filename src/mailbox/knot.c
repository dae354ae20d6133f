/* Knot: one look at each box on the way. */
#include "mailbox/knot.h"

/* A longer ring is not looked for: so many processes seldom stand in one. */
#define LONGEST 256

/* Whom does it wait for, with a full mailbox? 0 for nobody. */
static uint64_t waits_for(const struct tri_recorder *recorder, uint64_t pid)
{
    struct tri_box box;
    uint32_t slot = tr_pid_slot((tr_pid){pid});
    if (slot >= recorder->slots || tri_box_read(recorder->fd, recorder->slots, slot, &box) ||
        box.pid != pid || box.full_since_ns == 0)
        return 0;
    return box.waits_for;
}

bool tri_knot_leads_back(const struct tri_recorder *recorder, tr_pid receiver)
{
    uint64_t pid = receiver.id;
    for (int i = 0; i < LONGEST && pid; i++) {
        if (pid == recorder->self.id)
            return true;
        pid = waits_for(recorder, pid);
    }
    return false;
}
