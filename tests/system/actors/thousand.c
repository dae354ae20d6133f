/* Thousand: spawns as many actors as its argument says, has each answer a ping, and keeps them until it is stopped. */
#include <string.h>

#include "support/check.h"

TR_ACTOR(echo)
{
    tr_pid from;
    tr_ref ref;
    for (;;)
        tr_receive {
            tr_case("{From, ping, Ref}", &from, &ref)
                tr_send(from, "{pong, Self, Ref}", tr_self(), ref);
        }
}

static long count_of(tr_term arguments)
{
    char text[16] = "";
    tr_bin given;
    CHECK(tr_match(arguments, "[Count]", &given) == 0 && given.size_bytes < sizeof text);
    memcpy(text, given.data, given.size_bytes);
    return strtol(text, NULL, 10);
}

TR_ACTOR(main)
{
    long count = count_of(argument);
    tr_pid *echoes = calloc((size_t)count, sizeof *echoes);
    tr_ref round = tr_make_ref();
    CHECK(echoes);
    for (long i = 0; i < count; i++)
        CHECK(tr_spawn_link(&echoes[i], "echo", "[]") == 0);
    for (long i = 0; i < count; i++)
        CHECK(tr_send(echoes[i], "{From, ping, Ref}", tr_self(), round) == 0);
    for (long i = 0; i < count; i++)
        EXPECT("{pong, Echo, Ref}", echoes[i], round);
    free(echoes);
    CHECK(tr_register("all_have_answered", tr_self()) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
