/* bench: troupe measured beside what it is built on, on this machine, in the same minutes.
 *
 * The table of all measurements is here; each is a file of its own. The program is an actor binary: its root actor
 * measures, and the actors that it measures are entries of the same binary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "troupe.h"

#define ROUNDS 7
#define QUICK_ROUNDS 1

static const char usage[] =
    "usage: bench [--json] [--quick] [--rounds N] [--only NAME]\n"
    "\n"
    "Measures troupe beside raw nanomsg, raw sockets and a bare fork, in turns, and prints each\n"
    "one's median. A ratio is troupe's figure divided by the peer's.\n"
    "\n"
    "  --json       rows {name, unit, troupe, peer_name, peer, ratio}\n"
    "  --quick      one short round: shows that it works, not how fast\n"
    "  --rounds N   how often each is measured (7)\n"
    "  --only NAME  those whose name contains NAME, such as \"64 B, one CPU\"\n"
    "  --help       this\n";

#define MESSAGE_PEERS(what)                                                                        \
    {                                                                                              \
        {"nanomsg", nanomsg_##what}, { "seqpacket", seqpacket_##what }                             \
    }

const struct measurement measurements[] = {
    {.name = "round trip",
     .unit = "us",
     .troupe = troupe_round_trip,
     .peers = MESSAGE_PEERS(round_trip),
     .count = 4000,
     .quick_count = 100,
     .has_sizes = true,
     .has_placements = true,
     .ratio_limit = 1.25},
    {.name = "one way",
     .unit = "msg/s",
     .troupe = troupe_throughput,
     .peers = MESSAGE_PEERS(throughput),
     .count = 200000,
     .quick_count = 2000,
     .has_sizes = true},
    {.name = "spawn to ready",
     .unit = "ms",
     .troupe = troupe_spawn,
     .peers = {{"fork+exit+waitid", fork_life}},
     .count = 200,
     .quick_count = 10,
     .limit = 1},
    {.name = "crash to DOWN",
     .unit = "ms",
     .troupe = troupe_crash,
     .peers = {{"fork+crash+waitid", fork_crash}},
     .count = 50,
     .quick_count = 3,
     .limit = 1},
    {.name = "memory per actor, its own",
     .unit = "kB",
     .troupe = troupe_own_memory,
     .peers = {{"forked process", fork_own_memory}},
     .count = 200,
     .quick_count = 10},
    {.name = "memory per actor, machine's",
     .unit = "kB",
     .troupe = troupe_machine_memory,
     .peers = {{"forked process", fork_machine_memory}},
     .count = 200,
     .quick_count = 10,
     .is_machine_wide = true},
};
const size_t measurement_count = sizeof measurements / sizeof measurements[0];

/* Takes one word of the command line. False when it is none of ours; *wants tells what the next word is for. */
static bool take_option(struct plan *plan, const char *word, char *wants)
{
    if (*wants == 'r')
        plan->rounds = atoi(word);
    else if (*wants == 'o')
        plan->only = word;
    else if (strcmp(word, "--json") == 0)
        plan->is_json = true;
    else if (strcmp(word, "--quick") == 0)
        plan->is_quick = true;
    else if (strcmp(word, "--rounds") == 0)
        return *wants = 'r', true;
    else if (strcmp(word, "--only") == 0)
        return *wants = 'o', true;
    else
        return false;
    *wants = 0;
    return true;
}

/* Reads the list of binaries that the root actor is given. */
static bool read_plan(tr_term arguments, struct plan *plan, char words[][64], size_t words_max)
{
    struct tr_iter iter;
    tr_term each;
    tr_bin word;
    char wants = 0;
    if (!tr_get_list(arguments, &iter))
        return false;
    for (size_t i = 0; tr_next(&iter, &each); i++) {
        if (i == words_max || !tr_get_binary(each, &word))
            return false;
        snprintf(words[i], sizeof words[i], "%.*s", (int)word.size_bytes, (const char *)word.data);
        if (!take_option(plan, words[i], &wants))
            return false;
    }
    if (plan->rounds == 0)
        plan->rounds = plan->is_quick ? QUICK_ROUNDS : ROUNDS;
    return wants == 0 && plan->rounds > 0;
}

TR_ACTOR(main)
{
    struct plan plan = {0};
    char words[16][64];
    if (!read_plan(argument, &plan, words, sizeof words / sizeof words[0])) {
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
    return tr_main(argc, argv);
}
