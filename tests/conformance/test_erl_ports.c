/* Programs against Erlang's ports: the same scripts, run as a port of OTP (erl_port.erl) and as a program of troupe
 * (actors/ported.c), give the same messages to the letter. Only their order differs: OTP tells the exit status when it
 * hears of it, troupe after the last output. Where `erl` is missing the test is skipped.
 */
#include "conformance/erl.h"

static void a_program_says_what_a_port_says(void **state)
{
    struct program *erl, *node;
    (void)state;
    erl_and_troupe("port_script", "erl_port", "bin/tests/ported", &erl, &node);
    assert_same_lines(program_stdout(node), program_stdout(erl));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_program_says_what_a_port_says),
    };
    int skipped = skip_without("erl");
    return skipped ? skipped : cmocka_run_group_tests(tests, NULL, NULL);
}
