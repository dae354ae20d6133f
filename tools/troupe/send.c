/* send: sends a term to an actor. */
#include "base/auto.h"
#include "command.h"
#include "guest.h"
#include "options.h"
#include "say.h"
#include "troupe/node.h"
#include "who.h"

static int run(int argc, char **argv)
{
    struct options options = {.command = &command_send, .argc = argc, .argv = argv};
    TRI_AUTO(tr_out_deinit) struct tr_out term = {0};
    TRI_AUTO(view_close) struct view view = {.boxes_fd = -1, .table.fd = -1};
    size_t error_at = 0;
    const char *message = "";
    tr_pid pid;

    while (options_next(&options) != -1)
        ;
    options_expect(&options, 2, 2);
    int r = tr_parse(argv[optind + 1], &term, &error_at, &message);
    if (r == TR_SYNTAX) {
        say_syntax(argv[optind + 1], error_at, message);
        return ANSWER_NOTHING;
    }
    if (r)
        return guest_fail("that term", r);
    int answer = view_open(&view, options.node);
    if (answer == 0)
        answer = who_find(&view, argv[optind], &pid);
    if (answer)
        return answer;
    view_close(&view);
    answer = guest_open(&view, options.node, "troupe send");
    if (answer)
        return answer;
    r = tr_send_term(tri_to_pid(pid), tr_out_term(&term), 0);
    tr_guest_leave();
    return r ? guest_fail("the term could not be sent", r) : ANSWER_FINE;
}

const struct command command_send = {
    .name = "send",
    .arguments = "[-n NODE] WHO TERM",
    .summary = "sends a term to an actor: troupe send counter '{add, 5}'",
    .details = "",
    .run = run,
};
