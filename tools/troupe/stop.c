/* stop: ends a server in order, terminate included, and waits until it is gone. */

#include "ask.h"
#include "base/auto.h"
#include "say.h"

static int fail_late(const struct ask *ask)
{
    say("stop: %s has not ended within %.2f s; troupe wait --gone %s waits for it, troupe exit %s "
        "kill ends it "
        "whatever it does",
        ask->who, (double)ask->timeout_ms / 1000, ask->who, ask->who);
    return ANSWER_NOTHING;
}

static int fail_with_other_reason(const struct ask *ask, tr_term reason)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(reason);
    say("stop: %s has ended, but with another reason: %s", ask->who, text ? text : "?");
    return ANSWER_NOTHING;
}

static int stop(struct ask *ask)
{
    TR_REPLY reason = {0};
    int r = tr_server_stop(ask->pid, ask->timeout_ms, &reason, "Reason", tr_out_term(&ask->term));
    if (r == TR_TIMEOUT)
        return fail_late(ask);
    if (r == TR_DOWN)
        return fail_with_other_reason(ask, reason.term);
    return r ? ask_fail(ask, r, &reason) : ANSWER_FINE;
}

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_stop, .argc = argc, .argv = argv, .own = ask_options};
    TRI_AUTO(ask_end) struct ask ask = ASK_NONE;
    while (options_next(&options) != -1)
        ask_set_timeout(&ask, &options);
    options_expect(&options, 1, 2);
    const char *reason = options.argument_count == 2 ? options.arguments[1] : "normal";
    int answer = ask_begin(&ask, &options, options.arguments[0], reason);
    if (answer == 0)
        answer = ask_expect_behaviour(&ask);
    return answer ? answer : stop(&ask);
}

const struct command command_stop = {
    .name = "stop",
    .arguments = "[-n NODE] [-t TIME] WHO [REASON]",
    .summary = "ends a server in order, and waits until it is gone",
    .details = "  REASON is normal unless you say otherwise. Its terminate runs first; a "
               "supervisor may start "
               "it again.\n"
               "  -t, --timeout TIME    how long to wait for its end, 5s unless you say otherwise; "
               "it goes on "
               "ending\n",
    .run = run,
};
