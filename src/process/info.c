/* Info: one map from three sources, the table, the process's window of the flight recorder, and the node. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "process/names.h"
#include "process/pump.h"
#include "process/request.h"
#include "term/pairs.h"
#include "wire/box.h"

static void put_natural(struct tri_pairs *pairs, const char *name, uint64_t value)
{
    tr_put_unsigned(tri_pairs_key(pairs, name), value);
}

static const char *status_of(enum tri_state state, const struct tri_box *box)
{
    if (state == TRI_STATE_STARTING || state == TRI_STATE_EXITING)
        return tri_state_name(state);
    switch (atomic_load(&box->activity)) {
    case TRI_ACTIVITY_WAITING:
        return "waiting";
    case TRI_ACTIVITY_SENDING:
        return "sending";
    case TRI_ACTIVITY_EXITING:
        return "exiting";
    default:
        return "running";
    }
}

static void put_row(struct tri_pairs *pairs, const struct tri_row *row,
                    const struct tri_table_header *header)
{
    if (row->has_name && tri_name_is_proper(row->name))
        tr_put_atom(tri_pairs_key(pairs, "registered_name"), row->name);
    tr_put_text(tri_pairs_key(pairs, "entry"), row->entry);
    tr_put_text(tri_pairs_key(pairs, "image"),
                row->image < TRI_IMAGES ? header->images[row->image] : "");
    tr_put_integer(tri_pairs_key(pairs, "os_pid"), row->os_pid);
    if (row->parent)
        tr_put_pid(tri_pairs_key(pairs, "parent"), (tr_pid){row->parent});
    else
        tr_put_atom(tri_pairs_key(pairs, "parent"), "undefined");
    tr_put_bool(tri_pairs_key(pairs, "is_guest"), row->flags & TRI_ROW_GUEST);
    put_natural(pairs, "restarts", row->restarts);
    put_natural(pairs, "uptime_ms", (tri_clock_ns() - row->started_ns) / TRI_NS_PER_MS);
}

/* Only one who has a bound says so. */
static void put_bound(struct tri_pairs *pairs, const struct tri_box *box)
{
    const struct tri_bound *bound = &box->bound;
    if (bound->max_messages)
        put_natural(pairs, "mailbox_max_messages", bound->max_messages);
    if (bound->max_bytes)
        put_natural(pairs, "mailbox_max_bytes", bound->max_bytes);
    if (bound->max_messages || bound->max_bytes)
        tr_put_atom(tri_pairs_key(pairs, "mailbox_policy"),
                    bound->policy == TRI_POLICY_DROPS   ? "drops"
                    : bound->policy == TRI_POLICY_KILLS ? "kills"
                                                        : "waits");
    put_natural(pairs, "dropped", atomic_load(&box->dropped));
}

static void put_box(struct tri_pairs *pairs, const struct tri_box *box)
{
    tr_put_bool(tri_pairs_key(pairs, "trap_exit"), atomic_load(&box->traps_exits) != 0);
    put_natural(pairs, "message_queue_len", atomic_load(&box->mailbox_length));
    put_natural(pairs, "message_queue_bytes", atomic_load(&box->mailbox_bytes));
    put_bound(pairs, box);
    put_natural(pairs, "messages_in", atomic_load(&box->messages_in));
    put_natural(pairs, "messages_out", atomic_load(&box->messages_out));
    put_natural(pairs, "bytes_in", atomic_load(&box->bytes_in));
    put_natural(pairs, "bytes_out", atomic_load(&box->bytes_out));
    put_natural(pairs, "bad_frames", atomic_load(&box->bad_frames));
    put_natural(pairs, "duplicates", atomic_load(&box->duplicates));
    put_natural(pairs, "dead_letters", atomic_load(&box->dead_letters));
}

/* Takes the pairs over that only the node knows. */
static void put_node_pairs(struct tri_pairs *pairs, const struct tr_out *body)
{
    tr_term map, term;
    struct tr_iter iter;
    if (tr_check(body->data, body->size_bytes, NULL, &map) || !tr_get_map(map, &iter))
        return;
    pairs->count += (uint32_t)(iter.left / 2);
    while (tr_next(&iter, &term))
        tr_put_term(&pairs->body, term);
}

static int read_box(struct tri_process *process, tr_pid pid, struct tri_box *ret_box)
{
    int r = tri_box_read(tri_mailbox_boxes(process->mailbox), process->table.header->slots,
                         tr_pid_slot(pid), ret_box);
    /* One that is being born has no window yet. */
    if (r == TR_MALFORMED || (r == 0 && ret_box->pid != pid.id)) {
        memset(ret_box, 0, sizeof *ret_box);
        return 0;
    }
    return r;
}

/* Writes what table and window say. */
static int put_shared(struct tri_process *process, tr_pid pid, struct tri_pairs *pairs)
{
    struct tri_row row;
    struct tri_box box;
    if (!tri_table_read(&process->table, tr_pid_slot(pid), &row) ||
        tri_tenancy_generation(row.tenancy) != tr_pid_generation(pid))
        return TR_NOPROC;
    int r = read_box(process, pid, &box);
    if (r)
        return r;
    tr_put_atom(tri_pairs_key(pairs, "status"), status_of(tri_tenancy_state(row.tenancy), &box));
    put_row(pairs, &row, process->table.header);
    put_box(pairs, &box);
    return 0;
}

int tr_process_info(tr_pid pid, struct tr_out *out)
{
    struct tri_process *process = tri_process_here();
    struct tri_parcel parcel = tri_parcel_of(TRI_INFO);
    struct tri_pairs pairs = {.count = 0};
    const struct tri_reply *reply;
    tri_pump_all(process);
    if (!tr_is_alive(pid))
        return process->node_is_gone ? -ENOTCONN : TR_NOPROC;
    parcel.head.pid = pid.id;
    int r = tri_request(process, &parcel, &reply);
    if (r == 0)
        r = put_shared(process, pid, &pairs);
    if (r == 0) {
        put_node_pairs(&pairs, &reply->body);
        tri_pairs_put(out, &pairs);
        r = out->fault;
    }
    tr_out_deinit(&pairs.body);
    return r;
}
