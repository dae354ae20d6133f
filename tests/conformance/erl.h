/* Erl: plays a script with a module of this folder in a real Erlang, for tests that compare what it prints with what troupe
 * prints.
 */
#ifndef CONFORMANCE_ERL_H
#define CONFORMANCE_ERL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/node.h"
#include "support/skip.h"

static inline const char *erl_source_dir(void)
{
    const char *dir = getenv("TROUPE_SOURCE_DIR");
    return dir ? dir : ".";
}

/* The path of a script, <name>.eterm. */
static inline void erl_script(const char *name, char *path, size_t size_bytes)
{
    snprintf(path, size_bytes, "%s/tests/conformance/%s.eterm", erl_source_dir(), name);
}

/* Runs Module:main(Script). */
static inline struct program *erl_start(const char *module, const char *script)
{
    static char expression[8192];
    snprintf(expression, sizeof expression,
             "{ok, M, B} = compile:file(\"%s/tests/conformance/%s\", [binary]), "
             "{module, M} = code:load_binary(M, \"%s.erl\", B), M:main(\"%s\").",
             erl_source_dir(), module, module, script);
    static const char *const argv[] = {"/usr/bin/env", "erl",   "-noinput", "-boot",
                                       "start_clean",  "-eval", expression, NULL};
    return program_start(argv);
}

/* Fails with the first line in which they differ. */
static inline void assert_same_lines(const char *ours, const char *theirs)
{
    size_t same = 0, line = 0;
    for (; ours[same] && ours[same] == theirs[same]; same++)
        if (ours[same] == '\n')
            line = same + 1;
    if (ours[same] != theirs[same])
        fail_msg("troupe printed \"%.*s\", and OTP \"%.*s\"", (int)strcspn(ours + line, "\n"),
                 ours + line, (int)strcspn(theirs + line, "\n"), theirs + line);
}

/* Plays one script in Erlang and in an actor, both to their end. Their output is the caller's to compare. */
static inline void erl_and_troupe(const char *script, const char *module, const char *actor,
                                  struct program **ret_erl, struct program **ret_node)
{
    char path[4096];
    erl_script(script, path, sizeof path);
    *ret_erl = erl_start(module, path);
    *ret_node = node_start(actor, path, NULL);
    program_expect_exit(*ret_node, 0);
    program_expect_exit(*ret_erl, 0);
    assert_true(strlen(program_stdout(*ret_erl)) > 1000);
}

#endif
