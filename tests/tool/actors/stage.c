/* Stage: a few actors for the tests of the command `troupe`.
 *
 *     main "stage"          root; registers last, when all the others are there
 *     ├─ player "quiet"     prints what it gets, does as it is told
 *     │  └─ player          without a name
 *     └─ victim             has ended with {out_of,coffee}
 *
 * `stage stubborn`: the root traps exits, so that it takes force to stop the node.
 * `stage named NAME`: quiet is called NAME.
 * `stage end REASON`: the root ends at once with that term.
 */
#include <string.h>
#include <unistd.h>

#include "support/arguments.h"
#include "support/check.h"

static void print_term(const char *head, tr_term term)
{
    char *text = tr_print_new(term);
    printf("%s%s\n", head, text);
    fflush(stdout);
    free(text);
}

TR_ACTOR(player)
{
    tr_term what;
    tr_pid child;
    if (tr_match(argument, "parent") == 0) {
        CHECK(tr_spawn_link(&child, "player", "child") == 0);
        tr_send(tr_parent(), "has_child");
    }
    for (;;)
        tr_receive {
            tr_case("trap")
                tr_trap_exit(true);
            tr_case("compute")
                for (;;)
                    ;
            tr_case("What", &what)
                print_term("got ", what);
        }
}

TR_ACTOR(victim) { tr_exit("{out_of, coffee}"); }

static void spawn_named(const char *name)
{
    struct tr_spawn_options options = {.name = name, .flags = TR_SPAWN_LINK};
    struct tr_out argument = {0};
    tr_put(&argument, "parent");
    CHECK(tr_spawn_term("player", &options, tr_out_term(&argument), NULL, NULL) == 0);
    tr_out_deinit(&argument);
}

static void end_with(const char *text)
{
    struct tr_out reason = {0};
    CHECK(tr_parse(text, &reason, NULL, NULL) == 0);
    tr_exit_term(tr_out_term(&reason));
}

TR_ACTOR(main)
{
    char word[64], value[256];
    tr_pid victim;
    tr_ref ref;
    argument_word(argument, 0, word, sizeof word);
    argument_word(argument, 1, value, sizeof value);
    if (strcmp(word, "end") == 0)
        end_with(value);
    if (strcmp(word, "stubborn") == 0)
        tr_trap_exit(true);
    spawn_named(strcmp(word, "named") == 0 ? value : "quiet");
    EXPECT("has_child");
    CHECK(tr_spawn_monitor(&victim, &ref, "victim", "[]") == 0);
    EXPECT("{'DOWN', Ref, process, _, {out_of, coffee}}", ref);
    CHECK(tr_register("stage", tr_self()) == 0);
    tr_receive {
        tr_case("stop") {
        }
    }
}

TR_ACTOR(other) { print_term("other ", argument); }

int main(int argc, char **argv) { return tr_main(argc, argv); }
