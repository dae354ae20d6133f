/* run: starts a node with an actor binary, or with what a configuration describes, and stays until it has ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
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

/* By its name, as a compiler tells: a file that should be one, and has mistakes, is told of them. */
static bool is_configuration(const char *path)
{
    size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".conf") == 0;
}

/* "etc/bank.conf" is node bank, unless the file says otherwise. */
static char *node_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strndup(name, strlen(name) - strlen(".conf"));
}

/* Reads and checks the file; its path and text are the root's argument. How many mistakes there are, or a negative errno. */
static int read_configuration(const char *given, const char *path, struct tr_out *argument,
                              char **ret_node)
{
    TRI_AUTO(tri_freep) char *text = NULL;
    TRI_AUTO(config_freep) struct config *config = NULL;
    size_t size_bytes;
    int r = app_read_file(path, &text, &size_bytes);
    if (r)
        return r;
    r = app_config_read(path, given, text, size_bytes, &config);
    if (r)
        return r;
    tr_put(argument, "{app, File, Text}", path, ((tr_bin){text, size_bytes}));
    *ret_node = config->top->name ? strdup(config->top->name) : node_of(path);
    return *ret_node ? argument->fault : -ENOMEM;
}

static int run_configuration(const struct options *options, struct tri_launch_options *launch)
{
    const char *given = options->arguments[0];
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    TRI_AUTO(tri_freep) char *node = NULL;
    TRI_AUTO(tri_freep) char *path = realpath(given, NULL);
    if (options->argument_count > 1)
        options_refuse(options->command, "a configuration has no arguments: %s",
                       options->arguments[1]);
    int r = path ? read_configuration(given, path, &argument, &node) : -errno;
    if (r < 0)
        say("%s: %s", given, app_read_error(r));
    if (r)
        return ANSWER_NO_NODE;
    launch->node = launch->node ? launch->node : node;
    launch->binary = "/proc/self/exe";
    launch->entry = APP_ENTRY;
    launch->argument = &argument;
    launch->root_is_tree = true;
    return tri_launch(launch);
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
    if (is_configuration(binary))
        return run_configuration(&options, &launch);
    launch.entry = cut_entry(binary);
    launch.binary = binary;
    launch.argument_count = options.argument_count - 1;
    launch.arguments = options.arguments + 1;
    return tri_launch(&launch);
}

const struct command command_run = {
    .name = "run",
    .arguments = "[-n NODE] [--slots N] BINARY[:ENTRY] [ARGUMENT…] | FILE.conf",
    .summary = "starts a node with an actor binary or a configuration, in the foreground",
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
