/* cast: tells a server something, and waits for no answer. */
#include "command.h"
#include "guest.h"
#include "options.h"
#include "troupe/server.h"

static int deliver(tr_pid pid, tr_term term) { return tr_cast_term(tri_to_pid(pid), term); }

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_cast, .argc = argc, .argv = argv};
    while (options_next(&options) != -1)
        ;
    options_expect(&options, 2, 2);
    return guest_do(options.node, "troupe cast", options.arguments[0], options.arguments[1],
                    deliver);
}

const struct command command_cast = {
    .name = "cast",
    .arguments = "[-n NODE] WHO TERM",
    .summary = "tells a server something, and waits for no answer",
    .details = "",
    .run = run,
};
