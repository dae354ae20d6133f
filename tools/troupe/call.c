/* call: asks a server and prints its reply. */
#include "ask.h"
#include "base/auto.h"

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_call, .argc = argc, .argv = argv, .own = ask_options};
    TRI_AUTO(ask_end) struct ask ask = ASK_NONE;
    TR_REPLY reply = {0};
    while (options_next(&options) != -1)
        ask_set_timeout(&ask, &options);
    options_expect(&options, 2, 2);
    int answer = ask_begin(&ask, &options, options.arguments[0], options.arguments[1]);
    if (answer)
        return answer;
    int r = tr_call_term(tri_to_pid(ask.pid), ask.timeout_ms, &reply, tr_out_term(&ask.term));
    return ask_print(&ask, r, &reply);
}

const struct command command_call = {
    .name = "call",
    .arguments = "[-n NODE] [-t TIME] WHO TERM",
    .summary = "asks a server and prints its reply: troupe call kv '{get, apples}'",
    .details = "  -t, --timeout TIME    how long to wait for the reply, 5s unless you say "
               "otherwise; then the "
               "exit\n"
               "                        status is 1. The server works on, and its late reply is "
               "dropped.\n",
    .run = run,
};
