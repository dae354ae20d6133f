/* Sight: one actor as three witnesses know it: the node's table, the actor's own flight recorder, and the kernel. Only
 * the kernel is believed about whether it lives. */
#ifndef TROUPE_TOOL_SIGHT_H
#define TROUPE_TOOL_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "view.h"
#include "wire/box.h"

struct sight {
    struct tri_row row; /* a copy; its texts are ended */
    tr_pid pid;
    char pid_text[TR_PID_TEXT_BYTES];
    char parent_text[TR_PID_TEXT_BYTES]; /* "" for none */
    char image[TRI_IMAGE_PATH_BYTES];    /* "" for none */
    const char *state;
    bool is_dead; /* the table says so, or the kernel does not know it: "dead" and "gone" */
    bool has_box; /* the next ones are from its flight recorder */
    uint64_t messages_in, messages_out, bytes_in, bytes_out, mailbox, oldest_message_ms;
    uint64_t mailbox_bytes, dropped, full_ms; /* full_ms 0: its mailbox is not full */
    struct tri_bound bound;
    uint64_t bad_frames, duplicates, dead_letters, heartbeat_age_ms, unpublished_bytes;
    bool traps_exits;
    enum tri_behaviour behaviour;
    uint64_t in_hand_age_ms;
    tr_pid in_hand_from;
    uint32_t in_hand_bytes;     /* 0: nothing in hand */
    uint8_t *in_hand;           /* a copy, NULL when it is not whole */
    struct kernel_facts kernel; /* zeroed when is_dead */
    uint64_t uptime_ms;
    double messages_per_second, cpu_percent;
};

struct sights {
    struct sight *at;
    size_t count;
    uint64_t taken_ns;
    uint32_t creation; /* of the node: two looks at different boots have nothing in common */
};

enum { SIGHTS_DEAD = 1, SIGHTS_NODE = 2 };

/* Looks at every process of a node, in the order of their slots.
 *   flags     SIGHTS_DEAD: the dead too; SIGHTS_NODE: the node's own row too
 *   earlier   what was seen before: rates are those since then; NULL: since each one's start
 * 0 or -ENOMEM. */
int sights_take(const struct view *view, unsigned flags, const struct sights *earlier,
                struct sights *ret_sights);

/* Looks at one process. False when there is no such row. The caller frees with sight_deinit. */
bool sight_take(const struct view *view, uint32_t slot, struct sight *ret_sight);
void sight_deinit(struct sight *sight);

void sights_deinit(struct sights *sights); /* for TRI_AUTO */

#endif
