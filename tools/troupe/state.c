/* state: prints what a server shows of its state. */
#include "ask.h"
#include "base/auto.h"

static const struct option own_options[] = {
    {"status", no_argument, NULL, 's'},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_state, .argc = argc, .argv = argv, .own = own_options};
    TRI_AUTO(ask_end) struct ask ask = ASK_NONE;
    TR_REPLY reply = {0};
    bool wants_status = false;
    for (int option; (option = options_next(&options)) != -1;) {
        if (option == 's')
            wants_status = true;
        else
            ask_set_timeout(&ask, &options);
    }
    options_expect(&options, 1, 1);
    int answer = ask_begin(&ask, &options, options.arguments[0], NULL);
    if (answer == 0)
        answer = ask_expect_behaviour(&ask);
    if (answer)
        return answer;
    int r = wants_status ? tr_sys_get_status(ask.pid, ask.timeout_ms, &reply)
                         : tr_sys_get_state(ask.pid, ask.timeout_ms, &reply);
    return ask_print(&ask, r, &reply);
}

const struct command command_state = {
    .name = "state",
    .arguments = "[-n NODE] [-s] [-t TIME] WHO",
    .summary = "prints a server's state, as its put_state shows it",
    .details =
        "  -s, --status          all that OTP's sys:get_status tells, whether it is suspended too\n"
        "  -t, --timeout TIME    how long to wait for the answer, 5s unless you say otherwise\n",
    .run = run,
};
