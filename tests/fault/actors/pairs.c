/* pairs: linked pairs that the root kills one after another with the kernel's SIGKILL, now the left one, now the right
 * one. Each time both are dead, with the same reason, and every other pair lives. */
#include <signal.h>

#include "support/arguments.h"
#include "support/check.h"

struct pair {
    tr_pid left, right;
    tr_ref of_left, of_right;
};

TR_ACTOR(right)
{
    tr_receive {
        tr_case("stop") {
        }
    }
}

/* Starts its partner, linked, and tells the root who that is. */
TR_ACTOR(left)
{
    tr_pid root, partner;
    CHECK(tr_match(argument, "Root", &root) == 0);
    CHECK(tr_spawn_link(&partner, "right", "[]") == 0);
    tr_send(root, "{pair, Left, Right}", tr_self(), partner);
    tr_receive {
        tr_case("stop") {
        }
    }
}

static void pair_start(struct pair *pair)
{
    CHECK(tr_spawn(NULL, "left", "Root", tr_self()) == 0);
    EXPECT("{pair, Left, Right}", &pair->left, &pair->right);
    CHECK(tr_monitor(pair->left, &pair->of_left) == 0);
    CHECK(tr_monitor(pair->right, &pair->of_right) == 0);
}

static void expect_both_killed(const struct pair *pair)
{
    EXPECT("{'DOWN', Ref, process, Pid, {signal, sigkill, _}}", pair->of_left, pair->left);
    EXPECT("{'DOWN', Ref, process, Pid, {signal, sigkill, _}}", pair->of_right, pair->right);
    CHECK(!tr_is_alive(pair->left) && !tr_is_alive(pair->right));
}

TR_ACTOR(main)
{
    struct pair pairs[64];
    long count = argument_number(argument, 0, 20);
    CHECK(count <= 64);
    for (long i = 0; i < count; i++)
        pair_start(&pairs[i]);
    for (long i = 0; i < count; i++) {
        CHECK(kill(actor_os_pid(i % 2 ? pairs[i].left : pairs[i].right), SIGKILL) == 0);
        expect_both_killed(&pairs[i]);
        for (long k = i + 1; k < count; k++)
            CHECK(tr_is_alive(pairs[k].left) && tr_is_alive(pairs[k].right));
    }
    EXPECT_NOTHING();
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
