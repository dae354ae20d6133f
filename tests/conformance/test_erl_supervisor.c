/* Supervisors against Erlang itself: the same script, played with OTP's supervisor (erl_supervisor.erl) and with a supervisor
 * of troupe (actors/scripted_supervisor.c), prints the same to the letter, but for the pids: answers, specs, reasons, which
 * children started and stopped, and in which order (SEMANTICS 35 to 48). Where `erl` is missing the test is skipped (exit
 * status 77).
 */
#include "conformance/erl.h"

/* <0.12.3> becomes <pid>, within the text. */
static void hide_pids(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        size_t length = *at == '<' ? strspn(at + 1, "0123456789.") : 0;
        if (length > 0 && at[1 + length] == '>') {
            to = mempcpy(to, "<pid>", 5);
            at += length + 2;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
}

static void a_supervisor_does_what_supervisor_does(void **state)
{
    struct program *erl, *node;
    (void)state;
    erl_and_troupe("supervisor_script", "erl_supervisor", "bin/tests/scripted_supervisor", &erl,
                   &node);
    char *ours = strdup(program_stdout(node)), *theirs = strdup(program_stdout(erl));
    hide_pids(ours);
    hide_pids(theirs);
    assert_same_lines(ours, theirs);
    free(ours);
    free(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_supervisor_does_what_supervisor_does),
    };
    int skipped = skip_without("erl");
    return skipped ? skipped : cmocka_run_group_tests(tests, NULL, NULL);
}
