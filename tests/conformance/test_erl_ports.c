/* Programs against Erlang's ports: the same scripts, run as a port of OTP (erl_port.erl) and as a program of troupe
 * (actors/ported.c), give the same messages to the letter. Only their order differs: OTP tells the exit status when it
 * hears of it, troupe after the last output. Where `erl` is missing the test is skipped.
 */
#include "conformance/erl.h"

static void a_program_says_what_a_port_says(void **state)
{
    char script[4096];
    (void)state;
    erl_script("port_script", script, sizeof script);
    struct program *erl = erl_start("erl_port", script);
    struct program *node = node_start("bin/tests/ported", script, NULL);
    program_expect_exit(node, 0);
    program_expect_exit(erl, 0);
    assert_true(strlen(program_stdout(erl)) > 1000);
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
