/* Ask: who does not answer may be dead, stopped, suspended, busy, or no server at all, and each of these calls for
 * something else; so a question that failed is looked into before it is reported. */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "say.h"
#include "sight.h"
#include "who.h"

/* How long a server that has not answered a call is given to say that it is suspended. */
#define LAST_LOOK_MS 1000

const struct option ask_options[] = {
    {"timeout", required_argument, NULL, 't'},
    {0},
};

void ask_set_timeout(struct ask *ask, const struct options *options)
{
    ask->timeout_ms = (int64_t)options_duration_ms(options, "--timeout", optarg);
}

int ask_begin(struct ask *ask, const struct options *options, const char *who, const char *text)
{
    char what[64];
    ask->command = options->command->name;
    ask->who = who;
    snprintf(what, sizeof what, "troupe %s", ask->command);
    int answer = text ? guest_parse(text, &ask->term) : 0;
    if (answer == 0)
        answer = guest_enter(&ask->guest, options->node, what);
    /* Again, because only now it is known which node's pids those in the text are. */
    tr_out_reset(&ask->term);
    if (answer == 0 && text)
        answer = guest_parse(text, &ask->term);
    return answer ? answer : who_find(&ask->guest.view, who, &ask->pid);
}

void ask_end(struct ask *ask)
{
    tr_out_deinit(&ask->term);
    guest_leave(&ask->guest);
}

/* What the node's table and the kernel know of the actor. False when somebody else has its slot already. */
static bool look(const struct ask *ask, struct sight *sight)
{
    if (!sight_take(&ask->guest.view, tr_pid_slot(ask->pid), sight))
        return false;
    bool is_it = tr_pid_equal(sight->pid, ask->pid);
    if (!is_it)
        sight_deinit(sight);
    return is_it;
}

/* Guests may be anything; of actors it is known. */
static bool is_plain(const struct sight *sight)
{
    return sight->has_box && !(sight->row.flags & TRI_ROW_GUEST) &&
           sight->behaviour == TRI_BEHAVIOUR_NONE;
}

int ask_expect_behaviour(const struct ask *ask)
{
    struct sight sight;
    if (!look(ask, &sight))
        return 0;
    bool is_so = is_plain(&sight);
    sight_deinit(&sight);
    if (!is_so)
        return 0;
    say("%s: %s is a plain actor, not a server, and answers no system messages; troupe info %s "
        "tells what "
        "is known of it, troupe exit %s ends it",
        ask->command, ask->who, ask->who, ask->who);
    return ANSWER_NOTHING;
}

static bool is_suspended(const struct ask *ask)
{
    TR_REPLY status = {0};
    tr_term state;
    return tr_sys_get_status(ask->pid, LAST_LOOK_MS, &status) == 0 &&
           tr_match(status.term, "{status, _, _, [_, State | _]}", &state) == 0 &&
           tr_is_atom(state, "suspended");
}

/* What there is to do about an actor that lives and has not answered. */
static void advise(const struct ask *ask, const struct sight *sight, char *advice,
                   size_t size_bytes)
{
    const char *who = ask->who;
    if (strcmp(sight->state, "stopped") == 0)
        snprintf(advice, size_bytes, "its process is stopped; kill -CONT %d lets it go on",
                 sight->row.os_pid);
    else if (sight->behaviour == TRI_BEHAVIOUR_PROGRAM)
        snprintf(advice, size_bytes,
                 "it is a program, which knows no calls; troupe send %s '{me, {command, \"…\"}}' "
                 "writes to its standard input",
                 who);
    else if (is_plain(sight))
        snprintf(
            advice, size_bytes,
            "it is a plain actor, not a server, and may not know calls; troupe send sends it a "
            "message");
    else if (strcmp(sight->state, "waiting") == 0 && is_suspended(ask))
        snprintf(advice, size_bytes, "it is suspended; troupe resume %s lets it go on", who);
    else
        snprintf(
            advice, size_bytes,
            "it may still be at work on it; troupe info %s tells what it does, --timeout waits "
            "longer",
            who);
}

static int fail_late(const struct ask *ask)
{
    char advice[512] = "troupe ps lists those that are there";
    struct sight sight;
    if (look(ask, &sight)) {
        advise(ask, &sight, advice, sizeof advice);
        sight_deinit(&sight);
    }
    say("%s: %s has not answered within %.2f s: %s", ask->command, ask->who,
        (double)ask->timeout_ms / 1000, advice);
    return ANSWER_NOTHING;
}

static int fail_node(const struct ask *ask)
{
    const char *node = ask->guest.view.dir.node;
    say("%s: node %s has ended meanwhile; troupe run -n %s starts it anew", ask->command, node,
        node);
    return ANSWER_NO_NODE;
}

int ask_fail(struct ask *ask, int r, const struct tr_reply *reply)
{
    TRI_AUTO(tri_freep) char *reason = NULL;
    if (r == TR_TIMEOUT)
        return fail_late(ask);
    if (r == -ENOTCONN)
        return fail_node(ask);
    if (r == TR_NOPROC) {
        say("%s: %s has just died; troupe ps --all shows why", ask->command, ask->who);
        return ANSWER_NOTHING;
    }
    if (r != TR_DOWN && r != TR_REFUSED) {
        say("%s: %s: %s", ask->command, ask->who, tr_strerror(r));
        return ANSWER_NOTHING;
    }
    reason = tr_print_new(reply->term);
    if (r == TR_DOWN)
        say("%s: %s ended before it answered: %s", ask->command, ask->who, reason ? reason : "?");
    else
        say("%s: %s refuses: %s", ask->command, ask->who, reason ? reason : "?");
    return ANSWER_NOTHING;
}

int ask_print_term(tr_term term)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    if (!text) {
        say("the answer cannot be printed: %s", tr_strerror(-ENOMEM));
        return ANSWER_NOTHING;
    }
    puts(text);
    return ANSWER_FINE;
}

int ask_print(struct ask *ask, int r, const struct tr_reply *reply)
{
    return r ? ask_fail(ask, r, reply) : ask_print_term(reply->term);
}
