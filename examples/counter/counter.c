/* Counter: a process that holds a number, the first program of every Elixir tutorial.
 *
 *     ./counter          starts a counter, talks to it, and ends
 *     ./counter serve    leaves one running under the name `counter`, for troupe send counter '{add, 5}'
 */
#include <stdio.h>
#include <troupe.h>

TR_ACTOR(counter)
{
    long state = 0, n;
    tr_pid from;
    tr_term what;

    tr_match(argument, "{start, N}", &state);
    for (;;)
        tr_receive {
            tr_case("{add, N}", &n)
                state += n;
            tr_case("print")
                printf("the counter is at %ld\n", state);
            tr_case("{From, get}", &from)
                tr_send(from, "{value, N}", state);
            tr_case("{From, echo, What}", &from, &what)
                tr_send(from, "{echo, What}", what);
        }
}

static void demonstrate(void)
{
    tr_pid counter;
    tr_bin what;
    long value;

    if (tr_spawn_link(&counter, "counter", "{start, N}", 40))
        tr_exit("no_counter");
    tr_send(counter, "{add, 1}");
    tr_send(counter, "{add, N}", 1);
    tr_send(counter, "print");
    tr_send(counter, "{From, get}", tr_self());
    tr_receive {
        tr_case("{value, N}", &value)
            printf("it told me %ld\n", value);
    }
    tr_send(counter, "{From, echo, \"hello\"}", tr_self());
    tr_receive {
        tr_case("{echo, What}", &what)
            printf("it echoed %.*s\n", (int)what.size_bytes, (const char *)what.data);
    }
}

static void serve(void)
{
    tr_pid counter;

    if (tr_spawn_link(&counter, "counter", "{start, 0}"))
        tr_exit("no_counter");
    tr_register("counter", counter);
    tr_receive {
        tr_case("stop")
            return;
    }
}

TR_ACTOR(main)
{
    if (tr_match(argument, "[\"serve\"]") == 0)
        serve();
    else
        demonstrate();
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
