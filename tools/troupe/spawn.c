/* spawn: starts one more actor on a node that runs, from any actor binary. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "command.h"
#include "guest.h"
#include "options.h"
#include "say.h"
#include "troupe/server.h"

struct wish {
    const char *entry; /* BINARY:ENTRY */
    const char *name;  /* NULL: none */
    bool is_server;    /* wait until its init has returned */
    int64_t timeout_ms;
};

enum { OPTION_NAME = 256 };

static const struct option own_options[] = {
    {"name", required_argument, NULL, OPTION_NAME},
    {"server", no_argument, NULL, 's'},
    {"timeout", required_argument, NULL, 't'},
    {0},
};

static int fail_init(const struct wish *wish, int r, tr_term reason)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(reason);
    if (r == TR_DOWN)
        say("spawn: %s: its init failed: %s", wish->entry, text ? text : "?");
    else if (r == TR_IGNORED)
        say("spawn: %s: it has decided not to run", wish->entry);
    else
        say("spawn: %s: its init has not returned within %.2f s, so it was killed; is it a server? "
            "A plain "
            "actor is started without --server",
            wish->entry, (double)wish->timeout_ms / 1000);
    return ANSWER_NOTHING;
}

static int fail(const struct guest *guest, const struct wish *wish, int r)
{
    const char *node = guest->view.dir.node, *colon = strrchr(wish->entry, ':');
    switch (r) {
    case TR_NO_ENTRY:
        say("spawn: %.*s has no entry %s; its entries are what its source calls TR_ACTOR(…) or "
            "TR_SERVER(…)",
            (int)(colon - wish->entry), wish->entry, colon + 1);
        return ANSWER_NOTHING;
    case TR_TAKEN:
        say("spawn: somebody on node %s is registered as %s already; troupe whereis %s tells who",
            node, wish->name, wish->name);
        return ANSWER_NOTHING;
    case TR_NO_SLOT:
        say("spawn: node %s has no room for one more process; troupe run --slots N gives it more",
            node);
        return ANSWER_NOTHING;
    case -ENOTCONN:
        say("spawn: node %s has ended meanwhile; troupe run -n %s starts it anew", node, node);
        return ANSWER_NO_NODE;
    default:
        say("spawn: %s: %s", r == TR_BAD_NAME ? wish->name : wish->entry, tr_strerror(r));
        return ANSWER_NOTHING;
    }
}

static int start(const struct guest *guest, const struct wish *wish, tr_term argument)
{
    TR_REPLY reason = {0};
    char text[TR_PID_TEXT_BYTES];
    tr_pid pid;
    const struct tr_spawn_options plain = {.name = wish->name};
    const struct tr_start_options server = {
        .name = wish->name, .timeout_ms = wish->timeout_ms, .ret_reason = &reason};
    int r = wish->is_server ? tr_server_start_term(wish->entry, 0, &server, argument, &pid, NULL)
                            : tr_spawn_term(wish->entry, &plain, argument, &pid, NULL);
    if (wish->is_server && (r == TR_DOWN || r == TR_IGNORED || r == TR_TIMEOUT))
        return fail_init(wish, r, reason.term);
    if (r)
        return fail(guest, wish, r);
    printf("%s\n", tr_pid_text(pid, text));
    return ANSWER_FINE;
}

static int spawn(const char *node, const struct wish *wish, const char *text)
{
    TRI_AUTO(guest_leave) struct guest guest = GUEST_NONE;
    TRI_AUTO(tr_out_deinit) struct tr_out argument = {0};
    int answer = guest_parse(text, &argument);
    if (answer == 0)
        answer = guest_enter(&guest, node, "troupe spawn");
    /* Again, because only now it is known which node's pids those in the text are. */
    tr_out_reset(&argument);
    if (answer == 0)
        answer = guest_parse(text, &argument);
    return answer ? answer : start(&guest, wish, tr_out_term(&argument));
}

static int run(int argc, char **argv)
{
    struct options options = {
        .command = &command_spawn, .argc = argc, .argv = argv, .own = own_options};
    struct wish wish = {.timeout_ms = 30000};
    for (int option; (option = options_next(&options)) != -1;) {
        if (option == OPTION_NAME)
            wish.name = optarg;
        else if (option == 's')
            wish.is_server = true;
        else
            wish.timeout_ms = (int64_t)options_duration_ms(&options, "--timeout", optarg);
    }
    options_expect(&options, 1, 2);
    wish.entry = options.arguments[0];
    const char *colon = strrchr(wish.entry, ':');
    if (!colon || colon == wish.entry || !colon[1] || strchr(colon, '/'))
        options_refuse(&command_spawn, "\"%s\" does not name an entry, as in ./counter:counter",
                       wish.entry);
    return spawn(options.node, &wish, options.argument_count == 2 ? options.arguments[1] : "[]");
}

const struct command command_spawn = {
    .name = "spawn",
    .arguments = "[-n NODE] [--name NAME] [-s] [-t TIME] BINARY:ENTRY [TERM]",
    .summary = "starts an actor on a node that runs, and prints its pid",
    .details = "  TERM is its argument, [] unless you say otherwise. Nobody is linked with it.\n"
               "      --name NAME       registers it under that name\n"
               "  -s, --server          it is a server: waits until its init has returned, and "
               "tells why it "
               "failed\n"
               "  -t, --timeout TIME    how long its init may take, 30s unless you say otherwise; "
               "then it is "
               "killed\n",
    .run = run,
};
