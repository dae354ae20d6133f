/* Poison: a pool whose jobs kill their workers: `poison` sets one aside that crashes a function, `poison program` one that a
 * program does not survive. */
#include "support/arguments.h"
#include "support/check.h"

/* What the compiler must not see through: it would leave the whole call out. */
static int *volatile nowhere;

/* A write to nowhere is to be a signal, also where a sanitizer would rather tell of it. */
static __attribute__((noinline, no_sanitize("undefined"))) void legacy_decode(void)
{
    *nowhere = 1;
}

TR_WORKER(decoder)
{
    /* Cured is who has mended the function since. */
    if (tr_match(job, "{crash, _}") == 0 && !getenv("IS_CURED"))
        legacy_decode();
    if (getenv("ANSWERS_TWICE")) {
        tr_put_atom(result, "first");
        tr_put_atom(result, "second");
    }
}

static void set_aside(const struct tr_child *worker, bool is_program)
{
    TR_REPLY reply = {0};
    tr_pid pool;
    CHECK(tr_pool_start_link(&pool, NULL,
                             &(struct tr_pool_options){.worker = worker, .quarantine_after = 1}) ==
          0);
    if (is_program)
        CHECK(tr_pool_run(pool, -1, NULL, &reply, "\"it's bad\"") == 0);
    else
        CHECK(tr_pool_run(pool, -1, NULL, &reply, "{crash, \"a.png\"}") == 0);
    CHECK(tr_match(reply.term, "{error, {quarantined, _, {signal, _, _}}, _}") == 0);
    CHECK(tr_pool_stop(pool, CHECK_DEADLINE_MS) == 0);
}

TR_ACTOR(main)
{
    char word[16];
    const char *const arguments[] = {"-c", "read line; kill -SEGV $$", NULL};
    const struct tr_program program = {
        .path = "/bin/sh", .arguments = arguments, .framing = TR_FRAMING_LINE};
    if (*argument_word(argument, 0, word, sizeof word))
        set_aside(TR_PROGRAM_CHILD(&program), true);
    else
        set_aside(TR_CHILD("decoder"), false);
}

int main(int argc, char **argv) { return tr_main(argc, argv); }
