/* run: starts a node with an actor binary and stays until it has ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "command.h"
#include "launch/launch.h"
#include "options.h"
#include "say.h"
#include "wire/table.h"

enum { OPTION_SLOTS = 256 };

static const struct option own_options[] = {
    {"slots", required_argument, NULL, OPTION_SLOTS},
    {0},
};

/* Cuts "./bank:teller" into binary and entry, unless there is a file whose name has the colon. Returns the entry. */
static const char *cut_entry(char *binary)
{
    char *colon = strrchr(binary, ':');
    if (!colon || strchr(colon, '/') || access(binary, F_OK) == 0)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_run,
                              .argc = argc,
                              .argv = argv,
                              .own = own_options,
                              .is_ended_by_argument = true};
    struct tri_launch_options launch = {0};
    while (options_next(&options) == OPTION_SLOTS)
        launch.slots = (unsigned)options_number(&options, "--slots", optarg, 2, TRI_MAX_SLOTS);
    options_expect(&options, 1, -1);
    TRI_AUTO(tri_freep) char *binary = strdup(options.arguments[0]);
    if (!binary) {
        say("%m");
        return ANSWER_NO_NODE;
    }
    launch.node = options.node;
    launch.entry = cut_entry(binary);
    launch.binary = binary;
    launch.argument_count = options.argument_count - 1;
    launch.arguments = options.arguments + 1;
    return tri_launch(&launch);
}

const struct command command_run = {
    .name = "run",
    .arguments = "[-n NODE] [--slots N] BINARY[:ENTRY] [ARGUMENT…]",
    .summary = "starts a node with an actor binary, in the foreground",
    .details =
        "  BINARY's entry main is started, else its only one, else the one named like the binary, "
        "or ENTRY; its\n"
        "  argument is the list of ARGUMENTs, each a binary. Ctrl-C and SIGTERM stop the node in "
        "order. The exit\n"
        "  status tells how that first actor ended: 0 normal or shutdown, N for {exit_status, N}, "
        "128 + signal\n"
        "  for a native death, 1 for any other reason; 2 when the node could not start.\n"
        "      --slots N         room for so many processes, the dead not yet replaced included\n",
    .run = run,
};
