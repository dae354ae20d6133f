/* Legacy: a decoder that crashes when it is told to, at a line that a test knows. */
#include <stdio.h>
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
            tr_case("{complain, N}", &rows) {
                fprintf(stderr, "row %d is odd\n", rows);
                tr_exit("{decoded, N}", decode(rows));
            }
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

/* The same with all that a child spec can ask for that a report tells of. */
static void grow_ward(tr_term argument, struct tr_tree *tree)
{
    static const struct tr_resource_limits limits = {.memory_bytes = 512 << 20,
                                                     .cpu_s = 77,
                                                     .processes = 1000,
                                                     .sets_core = true,
                                                     .core_bytes = 64 << 20};
    (void)argument;
    tr_tree_set(tree, &(struct tr_supervision){.intensity = 9});
    tr_tree_add(tree,
                TR_CHILD("decoder", .name = "decoder", .is_plain_actor = true, .keeps_stderr = true,
                         .limits = &limits),
                "[]");
}
TR_SUPERVISOR(ward, grow_ward)

int main(int argc, char **argv) { return tr_main(argc, argv); }
