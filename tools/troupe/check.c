/* check: everything that is wrong with a configuration, at once. */

#include "app.h"
#include "base/auto.h"
#include "command.h"
#include "options.h"
#include "say.h"

static int check_file(const char *path)
{
    TRI_AUTO(tri_freep) char *text = NULL;
    size_t size_bytes;
    int r = app_read_file(path, &text, &size_bytes);
    if (r == 0)
        r = app_config_read(path, path, text, size_bytes, NULL);
    if (r < 0)
        say("%s: %s", path, app_read_error(r));
    return r ? ANSWER_NOTHING : ANSWER_FINE;
}

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_check, .argc = argc, .argv = argv};
    int answer = ANSWER_FINE;
    while (options_next(&options) >= 0)
        ;
    options_expect(&options, 1, -1);
    for (int i = 0; i < options.argument_count; i++)
        if (check_file(options.arguments[i]) != ANSWER_FINE)
            answer = ANSWER_NOTHING;
    return answer;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE.conf…",
    .summary = "tells everything that is wrong with a configuration",
    .details =
        "  Each mistake is a line \"FILE:LINE: what it is\" on standard error, and the exit "
        "status is 1 then.\n"
        "  Looks for the binaries and their entries, the programs, users and directories, and "
        "executes nothing.\n",
    .run = run,
};
