/* Births: spawns that this process has asked for and does not wait for; each is answered by a message.
 *
 * Found by the number of the request. Answers come nearly in the order of the requests, so the search begins with the
 * oldest. Pure: sends nothing. */
#ifndef TRI_PROCESS_BIRTHS_H
#define TRI_PROCESS_BIRTHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tri_birth {
    uint32_t request;
    unsigned flags; /* TR_SPAWN_LINK, TR_SPAWN_MONITOR */
    uint64_t ref;   /* what its answer bears; with TR_SPAWN_MONITOR it is the monitor, too */
    bool is_terse;  /* why it failed is told by the outcome's number alone */
};

/* Oldest first, from `first` on. Zeroed, it is empty and ready. */
struct tri_births {
    struct tri_birth *at;
    size_t first, end, capacity;
};

/* 0 or -ENOMEM. */
int tri_births_add(struct tri_births *births, const struct tri_birth *birth);

/* Takes out the one with that request. False when there is none. */
bool tri_births_take(struct tri_births *births, uint32_t request, struct tri_birth *ret_birth);

/* Takes out the oldest. False when there is none. */
bool tri_births_take_first(struct tri_births *births, struct tri_birth *ret_birth);

void tri_births_deinit(struct tri_births *births);

#endif
