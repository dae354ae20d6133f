/* Facts: one map, a key after the other. */
#include "node/facts.h"

#include "base/clock.h"
#include "node/links.h"
#include "term/pairs.h"
#include "wire/crash.h"

static void put_natural(struct tri_pairs *pairs, const char *name, uint64_t value)
{
    tr_put_unsigned(tri_pairs_key(pairs, name), value);
}

static void put_text_or_undefined(struct tri_pairs *pairs, const char *name, const char *text)
{
    struct tr_out *out = tri_pairs_key(pairs, name);
    if (*text)
        tr_put_text(out, text);
    else
        tr_put_atom(out, "undefined");
}

static uint64_t us_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

static void put_usage(struct tr_out *out, const struct rusage *usage)
{
    struct tri_pairs pairs = {0};
    put_natural(&pairs, "user_us", us_of(usage->ru_utime));
    put_natural(&pairs, "system_us", us_of(usage->ru_stime));
    put_natural(&pairs, "max_rss_kb", (uint64_t)usage->ru_maxrss);
    put_natural(&pairs, "minor_faults", (uint64_t)usage->ru_minflt);
    put_natural(&pairs, "major_faults", (uint64_t)usage->ru_majflt);
    put_natural(&pairs, "voluntary", (uint64_t)usage->ru_nvcsw);
    put_natural(&pairs, "involuntary", (uint64_t)usage->ru_nivcsw);
    tri_pairs_put(out, &pairs);
}

static void put_reason(struct tri_pairs *pairs, const struct tri_body *reason)
{
    char text[256];
    struct tr_out *out = tri_pairs_key(pairs, "reason");
    if (reason->fd < 0 && reason->size_bytes <= TRI_CONTROL_BODY_BYTES)
        tr_put_term(out, (tr_term){reason->data, reason->size_bytes});
    else
        tr_put_text(out, tri_body_text(reason, text, sizeof text));
}

/* The clock of the table is the machine's; people read the calendar. */
static uint64_t wall_ns(const struct tri_table_header *header, uint64_t clock_ns)
{
    return clock_ns - header->boot_ns + header->boot_wall_ns;
}

static void put_row(struct tri_pairs *pairs, const struct tri_node *node,
                    const struct tri_actor *actor)
{
    const struct tri_row *row = &node->table.rows[tr_pid_slot(actor->pid)];
    const struct tri_table_header *header = node->table.header;
    tr_put_pid(tri_pairs_key(pairs, "pid"), actor->pid);
    tr_put_atom(tri_pairs_key(pairs, "node"), header->node_name);
    tr_put_integer(tri_pairs_key(pairs, "os_pid"), row->os_pid);
    if (!tr_pid_is_none(actor->parent))
        tr_put_pid(tri_pairs_key(pairs, "parent"), actor->parent);
    tr_put_text(tri_pairs_key(pairs, "entry"), actor->entry);
    put_text_or_undefined(pairs, "name", row->has_name ? row->name : "");
    tr_put_text(tri_pairs_key(pairs, "image"), actor->image ? actor->image->path : "");
    put_natural(pairs, "restarts", row->restarts);
    put_text_or_undefined(pairs, "last_exit", row->last_exit);
    put_natural(pairs, "started_ns", wall_ns(header, row->started_ns));
    put_natural(pairs, "ended_ns", wall_ns(header, tri_clock_ns()));
}

/* The limits of what an actor has told of its confinement, which was checked when it came. */
static void put_limits(struct tri_pairs *pairs, const struct tri_body *confinement)
{
    tr_term limits;
    if (confinement &&
        tr_map_get_atom((tr_term){confinement->data, confinement->size_bytes}, "limits", &limits))
        tr_put_term(tri_pairs_key(pairs, "limits"), limits);
}

void tri_facts_put(struct tr_out *out, const struct tri_node *node, const struct tri_actor *actor,
                   const struct tri_ended *ended, bool is_given)
{
    struct tri_pairs pairs = {0};
    put_row(&pairs, node, actor);
    tr_put_integer(tri_pairs_key(&pairs, "code"), ended->code);
    tr_put_integer(tri_pairs_key(&pairs, "status"), ended->status);
    put_reason(&pairs, actor->reason);
    tr_put_bool(tri_pairs_key(&pairs, "is_given"), is_given);
    put_limits(&pairs, actor->confinement);
    tri_links_put(actor, tri_pairs_key(&pairs, "links"));
    put_usage(tri_pairs_key(&pairs, "usage"), &ended->usage);
    tri_pairs_put(out, &pairs);
}
