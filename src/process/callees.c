/* Callees: an array that is searched from its beginning: it is short, and most processes call one or two. */
#include "process/callees.h"

bool tri_callees_use(struct tri_callees *callees, tr_pid pid)
{
    for (uint32_t i = 0; i < callees->count; i++)
        if (tr_pid_equal(callees->at[i].pid, pid)) {
            callees->at[i].used_at = ++callees->uses;
            return true;
        }
    return false;
}

static struct tri_callee *used_longest_ago(struct tri_callees *callees)
{
    struct tri_callee *oldest = &callees->at[0];
    for (uint32_t i = 1; i < callees->count; i++)
        if (callees->at[i].used_at < oldest->used_at)
            oldest = &callees->at[i];
    return oldest;
}

uint64_t tri_callees_add(struct tri_callees *callees, tr_pid pid, uint64_t number)
{
    bool is_full = callees->count == TRI_CALLEES;
    struct tri_callee *place = is_full ? used_longest_ago(callees) : &callees->at[callees->count++];
    uint64_t gives_way = is_full ? place->number : 0;
    *place = (struct tri_callee){pid, number, ++callees->uses};
    return gives_way;
}

bool tri_callees_remove(struct tri_callees *callees, uint64_t number)
{
    for (uint32_t i = 0; i < callees->count; i++)
        if (callees->at[i].number == number) {
            callees->at[i] = callees->at[--callees->count];
            return true;
        }
    return false;
}
