/* exit: sends an exit signal to an actor, as exit/2 does. */
#include "base/auto.h"
#include "command.h"
#include "guest.h"
#include "options.h"
#include "say.h"
#include "troupe/node.h"
#include "who.h"

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_exit, .argc = argc, .argv = argv};
    TRI_AUTO(tr_out_deinit) struct tr_out reason = {0};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    size_t error_at = 0;
    const char *message = "";
    tr_pid pid;

    while (options_next(&options) != -1)
        ;
    options_expect(&options, 1, 2);
    const char *text = argc - optind == 2 ? argv[optind + 1] : "shutdown";
    int r = tr_parse(text, &reason, &error_at, &message);
    if (r == TR_SYNTAX) {
        say_syntax(text, error_at, message);
        return ANSWER_NOTHING;
    }
    if (r)
        return guest_fail("that reason", r);
    int answer = view_open(&view, options.node);
    if (answer == 0)
        answer = who_find(&view, argv[optind], &pid);
    if (answer)
        return answer;
    view_close(&view);
    answer = guest_open(&view, options.node, "troupe exit");
    if (answer)
        return answer;
    r = tr_exit_process_term(pid, tr_out_term(&reason));
    tr_guest_leave();
    return r ? guest_fail("the signal could not be sent", r) : ANSWER_FINE;
}

const struct command command_exit = {
    .name = "exit",
    .arguments = "[-n NODE] WHO [REASON]",
    .summary = "sends an exit signal to an actor; REASON is shutdown unless you say otherwise",
    .details = "  An actor that traps exits gets a message instead of dying; only the reason kill "
               "always kills.\n",
    .run = run,
};
