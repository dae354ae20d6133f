/* Servers against Erlang itself: the same script, played with a gen_server of OTP (erl_server.erl) and with a server of
 * troupe (actors/scripted.c), prints the same to the letter: replies, exits, which callbacks ran, and in which order
 * (SEMANTICS 23 to 32, and system messages). Where `erl` is missing the test is skipped (exit status 77).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/node.h"

enum { SKIPPED = 77 };

static const char *source_dir(void)
{
    const char *dir = getenv("TROUPE_SOURCE_DIR");
    return dir ? dir : ".";
}

static struct program *erl_start(const char *script)
{
    static char expression[8192];
    snprintf(expression, sizeof expression,
             "{ok, M, B} = compile:file(\"%s/tests/conformance/erl_server\", [binary]), "
             "{module, M} = code:load_binary(M, \"erl_server.erl\", B), M:main(\"%s\").",
             source_dir(), script);
    static const char *const argv[] = {"/usr/bin/env", "erl",   "-noinput", "-boot",
                                       "start_clean",  "-eval", expression, NULL};
    return program_start(argv);
}

/* Fails with the first line in which they differ. */
static void assert_same_lines(const char *ours, const char *theirs)
{
    size_t same = 0, line = 0;
    for (; ours[same] && ours[same] == theirs[same]; same++)
        if (ours[same] == '\n')
            line = same + 1;
    if (ours[same] != theirs[same])
        fail_msg("troupe printed \"%.*s\", and OTP \"%.*s\"", (int)strcspn(ours + line, "\n"),
                 ours + line, (int)strcspn(theirs + line, "\n"), theirs + line);
}

static void a_server_does_what_gen_server_does(void **state)
{
    char script[4096];
    (void)state;
    snprintf(script, sizeof script, "%s/tests/conformance/server_script.eterm", source_dir());
    struct program *erl = erl_start(script);
    struct program *node = node_start("bin/tests/scripted", script, NULL);
    program_expect_exit(node, 0);
    program_expect_exit(erl, 0);
    assert_true(strlen(program_stdout(erl)) > 1000);
    assert_same_lines(program_stdout(node), program_stdout(erl));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_server_does_what_gen_server_does),
    };
    if (system("command -v erl >/dev/null 2>&1") != 0)
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
