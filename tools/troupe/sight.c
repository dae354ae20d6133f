/* Sight: reading a row, its window and /proc, and deciding what state that makes. */
#include "sight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"

static uint64_t age_ms(uint64_t now_ns, uint64_t since_ns)
{
    return since_ns == 0 || since_ns > now_ns ? 0 : (now_ns - since_ns) / TRI_NS_PER_MS;
}

/* A row may be half written when its node died: its texts are ended here. */
static void copy_row(struct sight *sight, const struct tri_row *row)
{
    memcpy((void *)&sight->row, (const void *)row, sizeof sight->row);
    sight->row.name[TRI_NAME_BYTES - 1] = '\0';
    sight->row.entry[TRI_ENTRY_BYTES - 1] = '\0';
    sight->row.last_exit[TRI_REASON_BYTES - 1] = '\0';
}

static void name_row(struct sight *sight, const struct view *view, uint32_t slot)
{
    const struct tri_table_header *header = view->table.header;
    uint32_t images = atomic_load(&header->image_count);
    sight->pid = tr_pid_make(slot, tri_tenancy_generation(sight->row.tenancy));
    tr_pid_text(sight->pid, sight->pid_text);
    if (sight->row.parent)
        tr_pid_text((tr_pid){sight->row.parent}, sight->parent_text);
    if (sight->row.image < images && sight->row.image < TRI_IMAGES &&
        !(sight->row.flags & TRI_ROW_GUEST)) {
        memcpy(sight->image, header->images[sight->row.image], sizeof sight->image);
        sight->image[sizeof sight->image - 1] = '\0';
    }
}

static void copy_in_hand(struct sight *sight, const struct tri_box *box, uint64_t now_ns)
{
    uint32_t size = box->in_hand_size_bytes;
    struct tri_kept kept;
    if (size == 0 || !tri_box_taken(box, &kept, 1))
        return;
    sight->in_hand_bytes = size;
    sight->in_hand_from = (tr_pid){kept.peer};
    sight->in_hand_age_ms = age_ms(now_ns, box->in_hand_since_ns);
    if (size <= kept.kept_bytes && (sight->in_hand = malloc(size)))
        memcpy(sight->in_hand, kept.bytes, size);
}

/* The window's next tenant clears it, so it counts only if it still is this one's. Returns what the actor does. */
static enum tri_activity read_box(struct sight *sight, const struct view *view, uint64_t now_ns)
{
    struct tri_box box;
    if (tri_box_read(view->boxes_fd, view->table.header->slots, tr_pid_slot(sight->pid), &box) ||
        box.pid != sight->pid.id)
        return TRI_ACTIVITY_RUNNING;
    sight->has_box = true;
    sight->messages_in = box.messages_in;
    sight->messages_out = box.messages_out;
    sight->bytes_in = box.bytes_in;
    sight->bytes_out = box.bytes_out;
    sight->mailbox = box.mailbox_length;
    sight->oldest_message_ms = age_ms(now_ns, box.oldest_arrival_ns);
    sight->mailbox_bytes = box.mailbox_bytes;
    sight->bound = box.bound;
    sight->dropped = box.dropped;
    sight->full_ms = box.full_since_ns ? age_ms(now_ns, box.full_since_ns) + 1 : 0;
    sight->bad_frames = box.bad_frames;
    sight->duplicates = box.duplicates;
    sight->dead_letters = box.dead_letters;
    sight->heartbeat_age_ms = age_ms(now_ns, box.heartbeat_ns);
    sight->unpublished_bytes = box.ring_head - box.ring_tail;
    sight->traps_exits = box.traps_exits;
    sight->behaviour = (enum tri_behaviour)atomic_load(&box.behaviour);
    copy_in_hand(sight, &box, now_ns);
    return (enum tri_activity)box.activity;
}

static const char *activity_name(enum tri_activity activity)
{
    static const char *const names[] = {"starting", "running", "waiting", "sending", "exiting"};
    return (unsigned)activity < TRI_ARRAY_LENGTH(names) ? names[activity] : "running";
}

/* What to call it. Nothing is called alive that the kernel does not vouch for. */
static void decide_state(struct sight *sight, enum tri_activity activity)
{
    enum tri_state state = tri_tenancy_state(sight->row.tenancy);
    bool is_asked_for = state == TRI_STATE_STARTING && sight->row.os_pid == 0;
    if (state == TRI_STATE_ENDED || state == TRI_STATE_DEAD) {
        sight->is_dead = true;
        sight->state = "dead";
    } else if (is_asked_for) {
        sight->state = "starting";
    } else if (!kernel_look(sight->row.os_pid, sight->row.os_start_ticks, &sight->kernel)) {
        sight->is_dead = true;
        sight->state = "gone";
    } else if (sight->kernel.state == 'Z') {
        sight->state = "zombie";
    } else if (sight->kernel.state == 'T' || sight->kernel.state == 't') {
        sight->state = "stopped";
    } else if (state == TRI_STATE_RUNNING) {
        sight->state = activity_name(activity);
    } else {
        sight->state = tri_state_name(state);
    }
}

static double per_second(uint64_t count, uint64_t time_ms)
{
    return time_ms == 0 ? 0 : (double)count * 1000.0 / (double)time_ms;
}

/* Rates over its life; sights_take replaces them when it has an earlier look. */
static void rate_over_life(struct sight *sight, uint64_t now_ns)
{
    uint64_t end_ns = sight->row.ended_ns ? sight->row.ended_ns : now_ns;
    sight->uptime_ms = age_ms(end_ns, sight->row.started_ns);
    sight->messages_per_second = per_second(sight->messages_in, sight->uptime_ms);
    sight->cpu_percent = per_second(sight->kernel.cpu_ms, sight->uptime_ms) / 10;
}

static bool look(const struct view *view, uint32_t slot, uint64_t now_ns, struct sight *sight)
{
    struct tri_row row;
    if (!tri_table_read(&view->table, slot, &row))
        return false;
    memset((void *)sight, 0, sizeof *sight);
    copy_row(sight, &row);
    name_row(sight, view, slot);
    decide_state(sight, read_box(sight, view, now_ns));
    if (sight->row.flags & TRI_ROW_NODE && !sight->is_dead && strcmp(sight->state, "stopped") != 0)
        sight->state = condition_name(view->condition);
    rate_over_life(sight, now_ns);
    return true;
}

bool sight_take(const struct view *view, uint32_t slot, struct sight *ret_sight)
{
    return look(view, slot, tri_clock_ns(), ret_sight);
}

/* Rates since an earlier look at the same process. Both lists are in the order of slots, so one cursor walks along. */
static void rate_since(struct sight *sight, const struct sights *earlier, size_t *cursor,
                       uint64_t passed_ms)
{
    while (*cursor < earlier->count &&
           tr_pid_slot(earlier->at[*cursor].pid) < tr_pid_slot(sight->pid))
        (*cursor)++;
    if (*cursor == earlier->count || !tr_pid_equal(earlier->at[*cursor].pid, sight->pid))
        return;
    const struct sight *before = &earlier->at[*cursor];
    if (before->messages_in > sight->messages_in || before->kernel.cpu_ms > sight->kernel.cpu_ms)
        return;
    sight->messages_per_second = per_second(sight->messages_in - before->messages_in, passed_ms);
    sight->cpu_percent = per_second(sight->kernel.cpu_ms - before->kernel.cpu_ms, passed_ms) / 10;
}

static bool is_wanted(const struct sight *sight, unsigned flags)
{
    if (sight->row.flags & TRI_ROW_NODE)
        return flags & SIGHTS_NODE;
    return !(strcmp(sight->state, "dead") == 0) || flags & SIGHTS_DEAD;
}

int sights_take(const struct view *view, unsigned flags, const struct sights *earlier,
                struct sights *ret_sights)
{
    const struct tri_table_header *header = view->table.header;
    uint32_t slots = atomic_load(&header->rows_in_use);
    TRI_AUTO(sights_deinit)
    struct sights sights = {.taken_ns = tri_clock_ns(), .creation = header->creation};
    size_t cursor = 0, capacity = 0;
    if (earlier && earlier->creation != sights.creation)
        earlier = NULL;
    for (uint32_t slot = 0; slot < slots; slot++) {
        if (sights.count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            struct sight *more = realloc(sights.at, capacity * sizeof *more);
            if (!more)
                return -ENOMEM;
            sights.at = more;
        }
        struct sight *sight = &sights.at[sights.count];
        if (!look(view, slot, sights.taken_ns, sight))
            continue;
        if (earlier)
            rate_since(sight, earlier, &cursor, age_ms(sights.taken_ns, earlier->taken_ns));
        if (is_wanted(sight, flags))
            sights.count++;
        else
            sight_deinit(sight);
    }
    *ret_sights = sights;
    sights = (struct sights){0};
    return 0;
}

void sight_deinit(struct sight *sight)
{
    free(sight->in_hand);
    sight->in_hand = NULL;
}

void sights_deinit(struct sights *sights)
{
    for (size_t i = 0; i < sights->count; i++)
        sight_deinit(&sights->at[i]);
    free(sights->at);
    *sights = (struct sights){0};
}
