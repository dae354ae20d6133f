/* wait: until somebody is there and ready, or until somebody is gone. It also waits for a node that does not run yet:
 * scripts start the node in the background and need to know when they can go on. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command.h"
#include "guest.h"
#include "options.h"
#include "say.h"
#include "sight.h"
#include "troupe/node.h"
#include "troupe/sys.h"
#include "who.h"

#define DEFAULT_TIMEOUT_MS 30000
#define LONGEST_PAUSE_MS 20

/* How far the wait has come: what is said when the time is over. */
enum stage { STAGE_NO_NODE, STAGE_NOBODY, STAGE_SILENT };

struct wait {
    const char *node, *who;
    uint64_t timeout_ms, deadline_ns;
    enum stage stage;
    int pause_ms;
    char why[640]; /* there is no node */
    char found[TRI_NODE_NAME_BYTES];
};

enum { GO_ON = -1 }; /* else an exit status */

/* Sleeps a little, longer each time. False when the time is over. */
static bool pause_a_little(struct wait *wait)
{
    int left_ms = tri_poll_timeout_ms(wait->deadline_ns);
    if (left_ms <= 0)
        return false;
    wait->pause_ms = wait->pause_ms < LONGEST_PAUSE_MS ? wait->pause_ms + 1 : LONGEST_PAUSE_MS;
    poll(NULL, 0, wait->pause_ms < left_ms ? wait->pause_ms : left_ms);
    return true;
}

static void count_node(const char *node, void *context)
{
    (void)node;
    ++*(int *)context;
}

/* Several nodes, and none named: that is for the user to say, not for the time to change. */
static bool is_ambiguous(const struct wait *wait)
{
    const char *named = getenv("TROUPE_NODE");
    int nodes = 0;
    if (wait->node || (named && *named))
        return false;
    tri_rundir_each(count_node, &nodes);
    return nodes > 1;
}

/* Opens the node if it runs. 0; GO_ON when it does not yet, or no more; else an exit status. */
static int open_node(struct wait *wait, struct view *view)
{
    struct tri_rundir dir;
    int r = tri_rundir_find(wait->node, &dir, wait->why, sizeof wait->why);
    if (r == TR_NO_NODE && !is_ambiguous(wait))
        return GO_ON;
    if (r) {
        say("%s", wait->why);
        return r == TR_BAD_NAME ? ANSWER_NOTHING : ANSWER_NO_NODE;
    }
    snprintf(wait->found, sizeof wait->found, "%s", dir.node);
    r = view_open_quietly(view, &dir);
    if (r == 0 && view->condition != CONDITION_DEAD)
        return 0;
    snprintf(wait->why, sizeof wait->why, "node %s %s", dir.node,
             view->condition == CONDITION_DEAD ? "is dead" : "is starting");
    return GO_ON;
}

/* ---------------------------------------------------------------- until it is there */

static bool is_server(const struct view *view, tr_pid pid)
{
    struct sight sight;
    bool is_so = false;
    if (sight_take(view, tr_pid_slot(pid), &sight)) {
        is_so = tr_pid_equal(sight.pid, pid) && sight.behaviour != TRI_BEHAVIOUR_NONE;
        sight_deinit(&sight);
    }
    return is_so;
}

/* A server is ready when it answers; its name is registered before its init runs. Answered, gone, or late: an outcome. */
static int ask_server(const struct wait *wait, const struct view *view, tr_pid pid)
{
    char why[640];
    int r = guest_join(view, "troupe wait", why, sizeof why);
    if (r)
        return r;
    r = tr_sys_get_status(pid, tri_poll_timeout_ms(wait->deadline_ns), NULL);
    tr_guest_leave();
    return r;
}

static int greet(struct wait *wait, const struct view *view, tr_pid pid)
{
    char text[TR_PID_TEXT_BYTES];
    wait->stage = STAGE_SILENT;
    if (tri_table_state(&view->table, pid) != TRI_STATE_RUNNING)
        return GO_ON;
    if (is_server(view, pid) && ask_server(wait, view, pid))
        return GO_ON;
    printf("%s\n", tr_pid_text(pid, text));
    return ANSWER_FINE;
}

static int look_for(struct wait *wait)
{
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    tr_pid pid;
    wait->stage = STAGE_NO_NODE;
    int answer = open_node(wait, &view);
    if (answer)
        return answer;
    wait->stage = STAGE_NOBODY;
    if (who_is_name(wait->who)) {
        pid = tri_table_whereis(&view.table, wait->who);
        if (tr_pid_is_none(pid) || !tri_table_is_alive(&view.table, pid))
            return GO_ON;
    } else {
        answer = who_find(&view, wait->who, &pid);
        if (answer)
            return answer;
    }
    return greet(wait, &view, pid);
}

static int say_late(const struct wait *wait)
{
    double seconds = (double)wait->timeout_ms / 1000;
    switch (wait->stage) {
    case STAGE_NO_NODE:
        say("wait: after %.2f s: %s", seconds, wait->why);
        return ANSWER_NO_NODE;
    case STAGE_NOBODY:
        say("wait: after %.2f s nobody on node %s is registered as %s; troupe ps lists those that "
            "are there",
            seconds, wait->found, wait->who);
        return ANSWER_NOTHING;
    default:
        say("wait: after %.2f s %s is there, but does not answer; troupe info %s tells what it "
            "does",
            seconds, wait->who, wait->who);
        return ANSWER_NOTHING;
    }
}

static int wait_until_there(struct wait *wait)
{
    int answer;
    do
        answer = look_for(wait);
    while (answer == GO_ON && pause_a_little(wait));
    return answer == GO_ON ? say_late(wait) : answer;
}

/* ---------------------------------------------------------------- until it is gone */

/* Prints the reason, if it is still known. */
static void print_end(const struct view *view, tr_pid pid)
{
    struct sight sight;
    if (!sight_take(view, tr_pid_slot(pid), &sight))
        return;
    if (tr_pid_equal(sight.pid, pid) && sight.row.last_exit[0])
        printf("%s\n", sight.row.last_exit);
    sight_deinit(&sight);
}

/* Is there anything left of it, its name included? The node that runs now may be another one than that of the first look. */
static bool is_still_there(struct wait *wait, const struct view *view, tr_pid pid)
{
    TRI_AUTO(view_close) struct view now = {.boxes_fd = -1, .table.fd = -1};
    return tri_table_state(&view->table, pid) != TRI_STATE_DEAD && open_node(wait, &now) == 0 &&
           now.table.header->creation == view->table.header->creation;
}

/* Whom the user means at this moment: who comes later under the same name is somebody else. ANSWER_FINE when nobody. */
static int find_one_who_leaves(const struct wait *wait, const struct view *view, tr_pid *ret_pid)
{
    tr_pid pid = TR_NO_PID;
    bool is_pid = who_read_pid(wait->who, &pid);
    if (!is_pid && (who_is_name(wait->who) || !who_find_os_pid(view, wait->who, &pid)))
        pid = tri_table_whereis(&view->table, wait->who);
    if (is_pid && tri_table_state(&view->table, pid) == TRI_STATE_FREE)
        return who_find(view, wait->who, ret_pid); /* says that there never was one */
    *ret_pid = pid;
    return GO_ON;
}

static int wait_until_gone(struct wait *wait)
{
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    tr_pid pid;
    int answer = open_node(wait, &view);
    if (answer)
        return answer == GO_ON ? ANSWER_FINE : answer;
    answer = find_one_who_leaves(wait, &view, &pid);
    if (answer != GO_ON)
        return answer;
    if (tr_pid_is_none(pid))
        return ANSWER_FINE;
    while (is_still_there(wait, &view, pid))
        if (!pause_a_little(wait)) {
            say("wait: after %.2f s %s is still there; troupe exit %s kill ends it whatever it "
                "does",
                (double)wait->timeout_ms / 1000, wait->who, wait->who);
            return ANSWER_NOTHING;
        }
    print_end(&view, pid);
    return ANSWER_FINE;
}

/* ---------------------------------------------------------------- the command */

static const struct option own_options[] = {
    {"gone", no_argument, NULL, 'g'},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_wait, .argc = argc, .argv = argv, .own = own_options};
    struct wait wait = {.timeout_ms = DEFAULT_TIMEOUT_MS};
    bool until_gone = false;
    for (int option; (option = options_next(&options)) != -1;) {
        if (option == 'g')
            until_gone = true;
        else
            wait.timeout_ms = options_duration_ms(&options, "--timeout", optarg);
    }
    options_expect(&options, 1, 1);
    wait.node = options.node;
    wait.who = options.arguments[0];
    wait.deadline_ns = tri_deadline_ns((int64_t)wait.timeout_ms);
    return until_gone ? wait_until_gone(&wait) : wait_until_there(&wait);
}

const struct command command_wait = {
    .name = "wait",
    .arguments = "[-n NODE] [-g] [-t TIME] WHO",
    .summary = "waits until somebody is there and ready, or is gone",
    .details =
        "  Waits for the node, for somebody with that name, and, when that is a server, until it "
        "answers; "
        "prints\n"
        "  the pid. A pid or os_pid of nobody is an error at once.\n"
        "  -g, --gone            waits until who is meant now has ended instead; prints the "
        "reason, when "
        "that is\n"
        "                        known. When there is nobody, or no node, it is gone already.\n"
        "  -t, --timeout TIME    how long to wait, 30s unless you say otherwise; then the exit "
        "status is 1, or 2\n"
        "                        when there is no node\n",
    .run = run,
};
