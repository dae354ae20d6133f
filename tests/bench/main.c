/* bench: troupe measured beside other ways to do the same, on this machine, in the same minutes.
 *
 * The program is an actor binary: its root actor directs, and the actors that are measured are entries of the same
 * binary. What is measured stands in measurements.c, what is hoped for in targets.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/state.h"
#include "node/fork.h"
#include "troupe.h"

#define ROUNDS 5
#define QUICK_ROUNDS 1
#define DEADLINE_S 120
#define LONGEST_DEADLINE_S (24 * 60 * 60)
#define WORDS_MAX 16
#define WORD_BYTES 256

static const char usage[] =
    "usage: bench [OPTION]…\n"
    "\n"
    "Measures troupe beside other ways to do the same, in turns, round by round, and prints each\n"
    "one's median, least and greatest figure. TROUPE IS troupe's median divided by the peer's.\n"
    "\n"
    "  --only REGEX   the rows whose name matches, such as \"one way 64 B|idling\"\n"
    "  --rounds N     how often each is measured (5)\n"
    "  --deadline S   how long one may take in one round (120), ten thousand actors five times "
    "that\n"
    "  --quick        one short round: shows that it works, not how fast\n"
    "  --all          the heavy too (10,000 actors), and every peer at every size\n"
    "  --list         only names the rows\n"
    "  --json         rows {name, unit, troupe, peer_name, peer, ratio, …} instead of the table\n"
    "  --csv FILE     every round's figure, beside the table\n"
    "  --chart FILE   an SVG of the same run, drawn by gnuplot\n"
    "  --help         this\n";

/* What the next word is for. */
enum want { WANT_OPTION, WANT_ROUNDS, WANT_DEADLINE, WANT_ONLY, WANT_CSV, WANT_CHART };

static const struct {
    const char *word;
    enum want want;
    size_t flag; /* where in the plan, for those that want nothing more */
} options[] = {
    {"--rounds", WANT_ROUNDS, 0},
    {"--deadline", WANT_DEADLINE, 0},
    {"--only", WANT_ONLY, 0},
    {"--csv", WANT_CSV, 0},
    {"--chart", WANT_CHART, 0},
    {"--quick", WANT_OPTION, offsetof(struct plan, is_quick)},
    {"--all", WANT_OPTION, offsetof(struct plan, is_all)},
    {"--json", WANT_OPTION, offsetof(struct plan, is_json)},
    {"--list", WANT_OPTION, offsetof(struct plan, is_list)},
};

static bool take_option(struct plan *plan, const char *word, enum want *want)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strcmp(options[i].word, word) == 0) {
            *want = options[i].want;
            if (*want == WANT_OPTION)
                *(bool *)((char *)plan + options[i].flag) = true;
            return true;
        }
    return false;
}

/* Takes one word of the command line. False when it is none of ours. */
static bool take_word(struct plan *plan, const char *word, enum want *want)
{
    switch (*want) {
    case WANT_OPTION:
        return take_option(plan, word, want);
    case WANT_ROUNDS:
        plan->rounds = atoi(word);
        if (plan->rounds < 1 || plan->rounds > ROUNDS_MAX)
            return false;
        break;
    case WANT_DEADLINE:
        plan->deadline_s = atoi(word);
        if (plan->deadline_s < 1 || plan->deadline_s > LONGEST_DEADLINE_S)
            return false;
        break;
    case WANT_ONLY:
        plan->only = word;
        break;
    case WANT_CSV:
        plan->csv = word;
        break;
    case WANT_CHART:
        plan->chart = word;
        break;
    }
    *want = WANT_OPTION;
    return true;
}

/* Reads the list of binaries that the root actor is given. */
static bool read_plan(tr_term arguments, struct plan *plan, char words[][WORD_BYTES])
{
    struct tr_iter iter;
    tr_term each;
    tr_bin word;
    enum want want = WANT_OPTION;
    if (!tr_get_list(arguments, &iter))
        return false;
    for (size_t i = 0; tr_next(&iter, &each); i++) {
        if (i == WORDS_MAX || !tr_get_binary(each, &word) || word.size_bytes >= WORD_BYTES)
            return false;
        memcpy(words[i], word.data, word.size_bytes);
        words[i][word.size_bytes] = '\0';
        if (!take_word(plan, words[i], &want))
            return false;
    }
    if (plan->rounds == 0)
        plan->rounds = plan->is_quick ? QUICK_ROUNDS : ROUNDS;
    return want == WANT_OPTION;
}

TR_ACTOR(main)
{
    struct plan plan = {.deadline_s = DEADLINE_S};
    static char words[WORDS_MAX][WORD_BYTES];
    if (!read_plan(argument, &plan, words)) {
        fputs(usage, stderr);
        tr_exit("{exit_status, 1}");
    }
    if (run(&plan) < 0)
        tr_exit("{exit_status, 3}");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--raw") == 0)
        return peer_main(argc - 2, argv + 2);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (getenv(TRI_TEMPLATE_VARIABLE))
        return tr_main(argc, argv); /* started by the node, whose folder is there */
    if (state_make())
        return 2;
    int status = tr_main(argc, argv);
    state_remove();
    return status;
}
