/* suspend and resume: a suspended server answers nothing but system messages; what comes meanwhile waits. */
#include "ask.h"
#include "base/auto.h"

static int ask_to(const struct command *command, bool suspends, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .own = ask_options};
    TRI_AUTO(ask_end) struct ask ask = ASK_NONE;
    TR_REPLY reply = {0};
    while (options_next(&options) != -1)
        ask_set_timeout(&ask, &options);
    options_expect(&options, 1, 1);
    int answer = ask_begin(&ask, &options, options.arguments[0], NULL);
    if (answer == 0)
        answer = ask_expect_behaviour(&ask);
    if (answer)
        return answer;
    int r = suspends ? tr_sys_ask(ask.pid, ask.timeout_ms, &reply, "suspend")
                     : tr_sys_ask(ask.pid, ask.timeout_ms, &reply, "resume");
    return r ? ask_fail(&ask, r, &reply) : ANSWER_FINE;
}

static int run_suspend(int argc, char **argv) { return ask_to(&command_suspend, true, argc, argv); }

static int run_resume(int argc, char **argv) { return ask_to(&command_resume, false, argc, argv); }

#define DETAILS                                                                                    \
    "  -t, --timeout TIME    how long to wait for its consent, 5s unless you say otherwise\n"

const struct command command_suspend = {
    .name = "suspend",
    .arguments = "[-n NODE] [-t TIME] WHO",
    .summary = "has a server pause between two messages, until it is resumed",
    .details = DETAILS,
    .run = run_suspend,
};

const struct command command_resume = {
    .name = "resume",
    .arguments = "[-n NODE] [-t TIME] WHO",
    .summary = "has a suspended server go on",
    .details = DETAILS,
    .run = run_resume,
};
