/* whereis: prints the pid of an actor. Reads shared memory only. */
#include <stdio.h>

#include "base/auto.h"
#include "command.h"
#include "options.h"
#include "view.h"
#include "who.h"

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_whereis, .argc = argc, .argv = argv};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    char text[TR_PID_TEXT_BYTES];
    tr_pid pid;

    while (options_next(&options) != -1)
        ;
    options_expect(&options, 1, 1);
    int answer = view_open(&view, options.node);
    if (answer)
        return answer;
    view_say_condition(&view);
    answer = who_find(&view, options.arguments[0], &pid);
    if (answer)
        return answer;
    printf("%s\n", tr_pid_text(pid, text));
    return ANSWER_FINE;
}

const struct command command_whereis = {
    .name = "whereis",
    .arguments = "[-n NODE] NAME",
    .summary = "prints the pid of the actor that has a name (or an os_pid)",
    .details = "",
    .run = run,
};
