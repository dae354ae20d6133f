/* Oracle: Erlang itself plays a script, whose output is compared with ours. */
#ifndef CONFORMANCE_ORACLE_H
#define CONFORMANCE_ORACLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/node.h"

enum { SKIPPED = 77 };

static inline const char *source_dir(void)
{
    const char *dir = getenv("TROUPE_SOURCE_DIR");
    return dir ? dir : ".";
}

/* Runs main/1 of a module of this folder, with the path of the script. */
static inline struct program *erl_start(const char *module, const char *script)
{
    static char expression[8192];
    snprintf(expression, sizeof expression,
             "{ok, M, B} = compile:file(\"%s/tests/conformance/%s\", [binary]), "
             "{module, M} = code:load_binary(M, \"%s.erl\", B), M:main(\"%s\").",
             source_dir(), module, module, script);
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

#endif
