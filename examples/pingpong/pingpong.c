/* Pingpong: two processes that play, and the rate at which they do.
 *
 *     ./pingpong [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <troupe.h>

TR_ACTOR(pong)
{
    tr_pid from;
    long round;

    for (;;)
        tr_receive {
            tr_case("{From, ping, Round}", &from, &round)
                tr_send(from, "{pong, Round}", round);
        }
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void play(tr_pid pong, long rounds)
{
    for (long round = 0; round < rounds; round++) {
        tr_send(pong, "{From, ping, Round}", tr_self(), round);
        tr_receive {
            tr_case("{pong, Round}", round)
                continue;
        }
    }
}

static long rounds_of(tr_term arguments)
{
    char text[24];
    tr_bin given;

    if (tr_match(arguments, "[Rounds]", &given) != 0)
        return 10000;
    snprintf(text, sizeof text, "%.*s", (int)given.size_bytes, (const char *)given.data);
    long rounds = strtol(text, NULL, 10);
    if (rounds < 1)
        tr_exit("{usage, \"pingpong [rounds]\"}");
    return rounds;
}

TR_ACTOR(main)
{
    long rounds = rounds_of(argument);
    tr_pid pong;

    if (tr_spawn_link(&pong, "pong", "[]"))
        tr_exit("no_pong");
    double start = seconds_now();
    play(pong, rounds);
    double seconds = seconds_now() - start;
    printf("%ld rounds in %.3f s: %.0f a second, %.1f us each\n", rounds, seconds,
           (double)rounds / seconds, seconds * 1e6 / (double)rounds);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
