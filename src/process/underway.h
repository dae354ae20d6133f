/* Under way: what the node has not yet put into its receivers' channels, exit signals and passed messages (pass.h).
 *
 * exit/2 does not wait for its receiver, which may be stopped with a full channel. But the next message to that receiver
 * must not overtake the signal (SEMANTICS 1): it waits until the node has answered. Pure: no I/O, no clock. */
#ifndef TRI_PROCESS_UNDERWAY_H
#define TRI_PROCESS_UNDERWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "troupe/term.h"

#define TRI_UNDERWAY_MAX 64

struct tri_underway {
    uint32_t count;
    struct {
        tr_pid to;
        uint32_t request; /* that the node will answer */
    } at[TRI_UNDERWAY_MAX];
};

static inline bool tri_underway_is_full(const struct tri_underway *underway)
{
    return underway->count == TRI_UNDERWAY_MAX;
}

/* There must be room. */
static inline void tri_underway_add(struct tri_underway *underway, tr_pid to, uint32_t request)
{
    underway->at[underway->count].to = to;
    underway->at[underway->count++].request = request;
}

/* Is anything to that process under way? */
static inline bool tri_underway_has(const struct tri_underway *underway, tr_pid to)
{
    for (uint32_t i = 0; i < underway->count; i++)
        if (tr_pid_equal(underway->at[i].to, to))
            return true;
    return false;
}

/* The node has answered. An unknown request is fine. */
static inline void tri_underway_answer(struct tri_underway *underway, uint32_t request)
{
    for (uint32_t i = 0; i < underway->count; i++)
        if (underway->at[i].request == request) {
            underway->at[i] = underway->at[--underway->count];
            return;
        }
}

#endif
