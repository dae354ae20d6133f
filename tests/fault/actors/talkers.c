/* talkers: two actors that play ball for ever; the root writes a character at each return. */
#include <unistd.h>

#include "support/check.h"

TR_ACTOR(wall)
{
    tr_pid from;
    for (;;)
        tr_receive {
            tr_case("{ball, From}", &from)
                tr_send(from, "ball");
        }
}

TR_ACTOR(main)
{
    tr_pid wall;
    CHECK(tr_spawn_link(&wall, "wall", "[]") == 0);
    CHECK(tr_register("talker", tr_self()) == 0);
    for (;;) {
        tr_send(wall, "{ball, From}", tr_self());
        EXPECT("ball");
        CHECK(write(STDOUT_FILENO, ".", 1) == 1);
        tr_receive {
            tr_after(1) {
            }
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
