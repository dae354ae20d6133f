/* Who: three ways to name an actor, and a sentence for each way in which that can fail. */
#include "who.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kernel.h"
#include "say.h"
#include "sight.h"

static bool is_all_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

bool who_read_pid(const char *text, tr_pid *ret_pid)
{
    char bracketed[TR_PID_TEXT_BYTES];
    if (tr_pid_parse(text, ret_pid))
        return true;
    int length = snprintf(bracketed, sizeof bracketed, "<%s>", text);
    return length < (int)sizeof bracketed && isdigit((unsigned char)*text) &&
           tr_pid_parse(bracketed, ret_pid);
}

static int check_living(const struct view *view, tr_pid pid, const char *who)
{
    struct sight sight;
    if (tri_table_is_alive(&view->table, pid))
        return 0;
    if (tri_table_state(&view->table, pid) == TRI_STATE_FREE) {
        say("there never was a process %s on node %s; troupe ps lists those that are there", who,
            view->dir.node);
        return ANSWER_NOTHING;
    }
    bool is_known = sight_take(view, tr_pid_slot(pid), &sight);
    if (is_known && tr_pid_equal(sight.pid, pid) && sight.row.last_exit[0])
        say("process %s is dead: %s", who, sight.row.last_exit);
    else
        say("process %s is dead", who);
    if (is_known)
        sight_deinit(&sight);
    return ANSWER_NOTHING;
}

static int find_name(const struct view *view, const char *who, tr_pid *ret_pid)
{
    tr_pid pid = tri_table_whereis(&view->table, who);
    if (tr_pid_is_none(pid) || !tri_table_is_alive(&view->table, pid)) {
        say("nobody on node %s is registered as %s; troupe ps lists those that are there",
            view->dir.node, who);
        return ANSWER_NOTHING;
    }
    *ret_pid = pid;
    return 0;
}

bool who_find_os_pid(const struct view *view, const char *who, tr_pid *ret_pid)
{
    struct tri_row row;
    char state;
    long os_pid = strtol(who, NULL, 10);
    uint32_t slots = atomic_load(&view->table.header->rows_in_use);
    for (uint32_t slot = 0; slot < slots; slot++) {
        if (!tri_table_read(&view->table, slot, &row) || row.os_pid != os_pid)
            continue;
        tr_pid pid = tr_pid_make(slot, tri_tenancy_generation(row.tenancy));
        if (tri_table_is_alive(&view->table, pid) &&
            kernel_proves(row.os_pid, row.os_start_ticks, &state)) {
            *ret_pid = pid;
            return true;
        }
    }
    return false;
}

static int refuse_node_itself(const struct view *view)
{
    say("that is the node itself, not an actor; troupe shutdown -n %s stops it", view->dir.node);
    return ANSWER_NOTHING;
}

bool who_is_name(const char *who)
{
    tr_pid pid;
    return !who_read_pid(who, &pid) && !is_all_digits(who);
}

int who_find(const struct view *view, const char *who, tr_pid *ret_pid)
{
    tr_pid pid;
    if (who_read_pid(who, &pid)) {
        int answer = check_living(view, pid, who);
        if (answer)
            return answer;
    } else if (is_all_digits(who) && who_find_os_pid(view, who, &pid)) {
    } else if (is_all_digits(who) && tr_pid_is_none(tri_table_whereis(&view->table, who))) {
        say("no actor of node %s has the os_pid %s; troupe ps lists those that are there",
            view->dir.node, who);
        return ANSWER_NOTHING;
    } else {
        int answer = find_name(view, who, &pid);
        if (answer)
            return answer;
    }
    if (tr_pid_slot(pid) == 0)
        return refuse_node_itself(view);
    *ret_pid = pid;
    return 0;
}
