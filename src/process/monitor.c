/* Monitor: references that watch, answer, or do both. */
#include "process/monitor.h"

#include <string.h>

#include "base/panic.h"
#include "process/channel.h"
#include "process/names.h"
#include "process/pump.h"
#include "process/request.h"

bool tri_monitor_accepts_alias(uint64_t alias, void *context)
{
    struct tri_process *process = context;
    bool ends_monitor;
    bool accepts = tri_watches_accept(&process->watches, alias, &ends_monitor);
    if (ends_monitor)
        tri_pump_tell_end_of_monitor(process, alias);
    return accepts;
}

int tri_monitor_enter(struct tri_process *process, struct tr_to to, unsigned alias,
                      uint64_t *ret_number)
{
    uint64_t number = tri_process_make_ref(process);
    struct tri_watch watch = {.number = number,
                              .is_monitor = true,
                              .alias = alias,
                              .pid = to.pid,
                              .name = (char *)tri_name_of(to)};
    int r = tri_watches_add(&process->watches, &watch);
    if (r)
        return r;
    *ret_number = number;
    return 0;
}

int tri_monitor(struct tr_to to, unsigned alias, tr_ref *ret_ref)
{
    struct tri_process *process = tri_process_here();
    struct tri_parcel parcel = tri_parcel_of(TRI_MONITOR_OF);
    uint64_t number;
    if (alias > TR_ALIAS_REPLY)
        tri_panic("tr_monitor_alias: %u is no kind of alias", alias);
    if (tri_name_of(to) && !tri_name_is_proper(to.name))
        return TR_BAD_NAME;
    int r = tri_monitor_enter(process, to, alias, &number);
    if (r)
        return r;
    parcel.head.ref_owner = process->self.id;
    parcel.head.ref_number = number;
    if (tri_name_of(to)) {
        parcel.name = to.name;
        parcel.name_bytes = strlen(to.name);
    } else {
        parcel.head.pid = to.pid.id;
    }
    r = tri_channel_send(process, &parcel);
    if (r) {
        tri_watches_end_monitor(&process->watches, number);
        tri_watches_end_alias(&process->watches, number);
        return r;
    }
    *ret_ref = tri_process_ref(process, number);
    return 0;
}

/* Removes the DOWN that bears this reference from the mailbox. It cannot be older than the reference. */
static void flush_down(struct tri_process *process, tr_ref ref)
{
    uint64_t after = tri_marks_find(&process->marks, ref.number);
    struct tr_message *message;
    while ((message = tri_mailbox_next(process->mailbox, after))) {
        after = message->arrival;
        if (tr_pid_is_none(message->from) &&
            tr_match(message->term, "{'DOWN', Ref, process, _, _}", ref) == 0) {
            tri_mailbox_remove(process->mailbox, message);
            tri_mailbox_free(process->mailbox, message);
            return;
        }
    }
}

int tr_demonitor(tr_ref ref, unsigned flags, bool *ret_was_active)
{
    struct tri_process *process = tri_process_here();
    bool was_active = false;
    int r = 0;
    if (tr_pid_equal(ref.owner, process->self) &&
        tri_watches_is_monitor(&process->watches, ref.number)) {
        /* A DOWN that the node sent before it read this question comes before its answer, and settles it. */
        struct tri_parcel parcel = tri_parcel_of(TRI_DEMONITOR);
        parcel.head.ref_owner = ref.owner.id;
        parcel.head.ref_number = ref.number;
        r = tri_request(process, &parcel, NULL);
        was_active = tri_watches_end_monitor(&process->watches, ref.number);
    }
    if (flags & TR_DEMONITOR_FLUSH)
        flush_down(process, ref);
    if (ret_was_active)
        *ret_was_active = was_active;
    return r < 0 ? r : 0;
}

tr_ref tr_alias(unsigned alias)
{
    struct tri_process *process = tri_process_here();
    uint64_t number = tri_process_make_ref(process);
    struct tri_watch watch = {.number = number,
                              .alias = alias == TR_ALIAS_REPLY ? TR_ALIAS_REPLY : TR_ALIAS};
    if (tri_watches_add(&process->watches, &watch))
        tri_panic("no memory for an alias");
    return tri_process_ref(process, number);
}

bool tr_unalias(tr_ref alias)
{
    struct tri_process *process = tri_process_here();
    return tr_pid_equal(alias.owner, process->self) &&
           tri_watches_end_alias(&process->watches, alias.number);
}
