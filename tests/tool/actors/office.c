/* Office: servers for the tests of the commands that talk to servers.
 *
 *     main "office"         root; registers last, when all the others are there
 *     ├─ clerk "clerk"      a server: counts, and does as it is told
 *     └─ porter "porter"    a plain actor, which takes every message and answers none
 *
 * `office late`: the clerk is started when the root gets the message `open`; its init waits for the message `go`.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"
#include "troupe/server.h"

static struct tr_step clerk_init(tr_term argument, void **ret_state)
{
    static long count;
    if (tr_match(argument, "fail") == 0)
        return tr_stop("{no_room, desk}");
    if (tr_match(argument, "ignore") == 0)
        return tr_ignore();
    if (tr_match(argument, "never") == 0 || tr_match(argument, "late") == 0)
        tr_receive {
            tr_case("go") {
            }
        }
    tr_match(argument, "{start, N}", &count);
    *ret_state = &count;
    return tr_ok();
}

static struct tr_step clerk_call(tr_term request, const struct tr_from *from, void *state)
{
    long *count = state, n;
    tr_term what;
    (void)from;
    if (tr_match(request, "get") == 0)
        return tr_answer("N", *count);
    if (tr_match(request, "{add, N}", &n) == 0)
        return tr_answer("N", *count += n);
    if (tr_match(request, "{echo, What}", &what) == 0)
        return tr_answer("What", what);
    if (tr_match(request, "silence") == 0)
        return tr_noreply();
    if (tr_match(request, "compute") == 0)
        for (;;)
            ;
    if (tr_match(request, "crash") == 0)
        raise(SIGKILL);
    return tr_stop("{bad_request, What}", request);
}

static struct tr_step clerk_cast(tr_term message, void *state)
{
    long *count = state, n;
    if (tr_match(message, "{add, N}", &n) == 0)
        *count += n;
    else if (tr_match(message, "linger") == 0)
        *count = -1;
    return tr_noreply();
}

static void clerk_terminate(tr_term reason, void *state)
{
    char text[200];
    tr_print(reason, text, sizeof text);
    printf("clerk ends: %s\n", text);
    while (*(long *)state == -1)
        pause();
    if (tr_match(reason, "otherwise") == 0)
        tr_exit("{my, own, reason}");
}

static void clerk_put_state(struct tr_out *out, const void *state)
{
    tr_put(out, "#{count => N}", *(const long *)state);
}

static const struct tr_server_callbacks clerk_callbacks = {.init = clerk_init,
                                                           .handle_call = clerk_call,
                                                           .handle_cast = clerk_cast,
                                                           .terminate = clerk_terminate,
                                                           .put_state = clerk_put_state};
TR_SERVER(clerk, &clerk_callbacks)

TR_ACTOR(porter)
{
    for (;;)
        tr_receive {
            tr_case("_") {
            }
        }
}

static void start(const char *entry, const char *argument_text)
{
    struct tr_spawn_options options = {.name = entry};
    struct tr_out argument = {0};
    CHECK(tr_parse(argument_text, &argument, NULL, NULL) == 0);
    CHECK(tr_spawn_term(entry, &options, tr_out_term(&argument), NULL, NULL) == 0);
    tr_out_deinit(&argument);
}

TR_ACTOR(main)
{
    char word[64];
    argument_word(argument, 0, word, sizeof word);
    bool is_late = strcmp(word, "late") == 0;
    if (!is_late)
        start("clerk", "{start, 5}");
    start("porter", "[]");
    CHECK(tr_register("office", tr_self()) == 0);
    for (;;)
        tr_receive {
            tr_case("open")
                start("clerk", "late");
        }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
