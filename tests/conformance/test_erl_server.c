/* Servers against Erlang itself: the same script, played with a gen_server of OTP (erl_server.erl) and with a server of
 * troupe (actors/scripted.c), prints the same to the letter: replies, exits, which callbacks ran, and in which order
 * (SEMANTICS 23 to 32, and system messages).
 */
#include "conformance/erl.h"

static void a_server_does_what_gen_server_does(void **state)
{
    struct program *erl, *node;
    (void)state;
    erl_and_troupe("server_script", "erl_server", "bin/tests/scripted", &erl, &node);
    assert_same_lines(program_stdout(node), program_stdout(erl));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_server_does_what_gen_server_does),
    };
    int skipped = skip_without("erl");
    return skipped ? skipped : cmocka_run_group_tests(tests, NULL, NULL);
}
