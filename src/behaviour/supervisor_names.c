/* Names: what a killed supervisor leaves behind ends by itself, and while it does, its names are taken. The next supervisor's
 * children that bear them wait for that, as long as their predecessors may take to end: to OTP they would have been started
 * already, and a restart would fail for something that is over in a moment. Nothing here waits; a DOWN or a timer comes. */
#include "base/clock.h"
#include "behaviour/supervisor.h"
#include "process/runtime.h"

enum { PATIENCE_MS = 5000 }; /* where the spec gives no time: OTP's default for a worker's end */

/* Has who spawned it died, or who spawned that one …? Those who watch over it are going, and it with them. */
static bool is_orphan(tr_pid pid)
{
    const struct tri_table *table = &tri_process_here()->table;
    struct tri_row row;
    while (tri_table_is_alive(table, pid) && tri_table_read(table, tr_pid_slot(pid), &row) &&
           row.parent) {
        pid = (tr_pid){row.parent};
        if (!tri_table_is_alive(table, pid))
            return true;
    }
    return false;
}

/* How long this child may still wait for its name. The first time it is asked, the time begins. */
static int64_t patience_left_ms(struct tri_ward *ward)
{
    uint64_t now_ns = tri_clock_ns();
    int64_t whole_ms = ward->spec->shutdown_ms > 0 ? ward->spec->shutdown_ms : PATIENCE_MS;
    if (ward->name_deadline_ns == 0)
        ward->name_deadline_ns = tri_deadline_ns(whole_ms);
    return ward->name_deadline_ns > now_ns
               ? (int64_t)((ward->name_deadline_ns - now_ns) / TRI_NS_PER_MS) + 1
               : 0;
}

bool tri_ward_await_name(struct tri_supervisor *supervisor, struct tri_ward *ward)
{
    tr_pid owner = tr_whereis(ward->spec->name);
    if (tr_pid_is_none(owner)) { /* it has died since */
        tri_ward_unwatch(supervisor, ward);
        tri_ward_begin(supervisor, ward);
        return true;
    }
    int64_t left_ms = is_orphan(owner) ? patience_left_ms(ward) : 0;
    if (left_ms == 0)
        return false;
    tri_ward_unwatch(supervisor, ward);
    if (tr_monitor(owner, &ward->monitor))
        return false;
    ward->stage = TRI_BIRTH_NAME_TAKEN;
    tri_ward_watch(supervisor, ward);
    tri_ward_set_timer(ward, left_ms);
    return true;
}
