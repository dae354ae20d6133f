/* exit: sends an exit signal to an actor, as exit/2 does. */
#include "command.h"
#include "guest.h"
#include "options.h"
#include "troupe/process.h"

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_exit, .argc = argc, .argv = argv};
    while (options_next(&options) != -1)
        ;
    options_expect(&options, 1, 2);
    const char *reason = options.argument_count == 2 ? options.arguments[1] : "shutdown";
    return guest_do(options.node, "troupe exit", options.arguments[0], reason,
                    tr_exit_process_term);
}

const struct command command_exit = {
    .name = "exit",
    .arguments = "[-n NODE] WHO [REASON]",
    .summary = "sends an exit signal to an actor; REASON is shutdown unless you say otherwise",
    .details = "  An actor that traps exits gets a message instead of dying; only the reason kill "
               "always kills.\n",
    .run = run,
};
