/* Legacy: a decoder that crashes when it is told to, at a line that a test knows. */
#include <troupe.h>

static volatile int *nowhere;

/* A read of nothing is to be a signal, also where a sanitizer would rather tell of it. */
static __attribute__((noinline, no_sanitize("undefined"))) int decode_row(int row)
{
    return row + *nowhere; /* LINE_OF_CRASH */
}

static __attribute__((noinline)) int decode(int rows) { return decode_row(rows) + 1; }

TR_ACTOR(decoder)
{
    int rows;
    (void)argument;
    for (;;)
        tr_receive {
            tr_case("{ping, N}", &rows)
                tr_send("legacy", "pong");
            tr_case("{decode, N, _}", &rows)
                tr_exit("{decoded, N}", decode(rows));
            tr_case("leave")
                tr_exit("{exit_status, 3}");
        }
}

/* Has a decoder, and another one when that has ended. */
TR_ACTOR(legacy)
{
    tr_pid decoder, from;
    (void)argument;
    tr_trap_exit(true);
    tr_register("legacy", tr_self());
    for (;;) {
        if (tr_spawn_link(&decoder, "decoder", "[]") || tr_register("decoder", decoder))
            tr_exit("no_decoder");
        tr_receive {
            tr_case("{'EXIT', From, _}", &from)
                if (!tr_pid_equal(from, decoder))
                    return;
        }
    }
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
