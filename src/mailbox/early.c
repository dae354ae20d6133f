/* Early: a sorted list of copies for each sender that has a gap. */
#include "mailbox/early.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct tri_early_sender {
    uint64_t pid;
    size_t held_bytes;
    struct tri_early_record *first; /* by number */
    UT_hash_handle hh;
};

static struct tri_early_sender *find(const struct tri_early *early, tr_pid sender)
{
    struct tri_early_sender *found;
    HASH_FIND(hh, early->senders, &sender.id, sizeof sender.id, found);
    return found;
}

static struct tri_early_sender *find_or_add(struct tri_early *early, tr_pid sender)
{
    struct tri_early_sender *found = find(early, sender);
    if (found)
        return found;
    struct tri_early_sender *added = calloc(1, sizeof *added);
    if (!added)
        return NULL;
    added->pid = sender.id;
    HASH_ADD(hh, early->senders, pid, sizeof added->pid, added);
    found = find(early, sender);
    if (!found)
        free(added);
    return found;
}

/* Lets a sender go from whom nothing is held. */
static void sweep(struct tri_early *early, struct tri_early_sender *sender)
{
    if (sender->first)
        return;
    HASH_DEL(early->senders, sender);
    free(sender);
}

void tri_early_hold(struct tri_early *early, tr_pid sender, const struct tri_record *record,
                    const uint8_t *body)
{
    struct tri_early_sender *of = find_or_add(early, sender);
    if (!of)
        return;
    size_t room = tri_record_room(record->size_bytes);
    struct tri_early_record **at = &of->first;
    while (*at && (*at)->record.number < record->number)
        at = &(*at)->next;
    bool is_wanted =
        !(*at && (*at)->record.number == record->number) && of->held_bytes + room <= TRI_RING_BYTES;
    struct tri_early_record *held = is_wanted ? malloc(sizeof *held + record->size_bytes) : NULL;
    if (held) {
        held->record = *record;
        memcpy(held->body, body, record->size_bytes);
        held->next = *at;
        *at = held;
        of->held_bytes += room;
    }
    sweep(early, of);
}

struct tri_early_record *tri_early_take(struct tri_early *early, tr_pid sender, uint64_t number)
{
    struct tri_early_sender *of = early->senders ? find(early, sender) : NULL;
    struct tri_early_record *first;
    if (!of)
        return NULL;
    while ((first = of->first) && first->record.number < number) { /* came again by another way */
        of->first = first->next;
        of->held_bytes -= tri_record_room(first->record.size_bytes);
        free(first);
    }
    if (first && first->record.number == number) {
        of->first = first->next;
        of->held_bytes -= tri_record_room(first->record.size_bytes);
    } else {
        first = NULL;
    }
    sweep(early, of);
    return first;
}

static void forget(struct tri_early *early, struct tri_early_sender *of)
{
    struct tri_early_record *first;
    while ((first = of->first)) {
        of->first = first->next;
        free(first);
    }
    sweep(early, of);
}

void tri_early_forget(struct tri_early *early, tr_pid sender)
{
    struct tri_early_sender *of = early->senders ? find(early, sender) : NULL;
    if (of)
        forget(early, of);
}

void tri_early_deinit(struct tri_early *early)
{
    struct tri_early_sender *of, *next;
    HASH_ITER(hh, early->senders, of, next) {
        forget(early, of);
    }
}
