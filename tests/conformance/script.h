/* Script: the file of acts that is played with Erlang and with us. Each line is a term; one that begins with % is none. */
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include "support/arguments.h"
#include "support/check.h"

/* Plays the script that the first argument names. */
static inline void script_play(tr_term arguments, void (*play)(tr_term act))
{
    char path[4096], line[1024];
    FILE *script = fopen(argument_word(arguments, 0, path, sizeof path), "r");
    struct tr_out act = {0};
    CHECK(script);
    while (fgets(line, sizeof line, script)) {
        if (line[0] == '%')
            continue;
        tr_out_reset(&act);
        CHECK(tr_parse(line, &act, NULL, NULL) == 0);
        play(tr_out_term(&act));
    }
    fclose(script);
    tr_out_deinit(&act);
}

/* Prints what came of an act. */
static inline void script_print(tr_term act, tr_term result)
{
    char *what = tr_print_new(act), *came = tr_print_new(result);
    printf("%s -> %s\n", what, came);
    free(what);
    free(came);
}

#endif
