/* send: sends a term to an actor. */
#include "command.h"
#include "guest.h"
#include "options.h"
#include "troupe/process.h"

static int deliver(tr_pid pid, tr_term term) { return tr_send_term(tri_to_pid(pid), term, 0); }

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_send, .argc = argc, .argv = argv};
    while (options_next(&options) != -1)
        ;
    options_expect(&options, 2, 2);
    return guest_do(options.node, "troupe send", options.arguments[0], options.arguments[1],
                    deliver);
}

const struct command command_send = {
    .name = "send",
    .arguments = "[-n NODE] WHO TERM",
    .summary = "sends a term to an actor: troupe send counter '{add, 5}'",
    .details = "",
    .run = run,
};
