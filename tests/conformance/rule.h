/* Rule: turns a case, an actor of one of the binaries in actors/, into a test.
 *
 * Each case is the root actor of its own node, `bin/tests/rules_x :case`; the test is that the node's exit status is 0,
 * which the root's normal end gives and nothing else, and that the node leaves nothing behind.
 */
#ifndef CONFORMANCE_RULE_H
#define CONFORMANCE_RULE_H

#include <stdio.h>
#include <string.h>

#include "support/node.h"
#include "support/skip.h"

/* The node of a case: *state is its binary, a blank, and its entry. */
static inline struct program *rule_start(void **state)
{
    char binary[128];
    const char *place = *state;
    const char *entry = strchr(place, ' ') + 1;
    snprintf(binary, sizeof binary, "%.*s", (int)(entry - 1 - place), place);
    return node_start(binary, entry, NULL);
}

static inline void rule_run(void **state) { program_expect_exit(rule_start(state), 0); }

/* The same where a signal comes to who only computes: the thread sanitizer keeps it back until that calls something. */
static inline void signal_rule_run(void **state)
{
#ifdef __SANITIZE_THREAD__
    skip_because("the thread sanitizer keeps signals back");
#endif
    rule_run(state);
}

/* The same of a limit of memory, of which a sanitizer takes a part. */
static inline void memory_rule_run(void **state)
{
    need_exact_memory();
    rule_run(state);
}

/* An actor of a binary as a test of the same name, which `run` runs. */
#define rule_by(run, binary, actor)                                                                \
    {                                                                                              \
        .name = #actor, .test_func = (run), .setup_func = fixture_setup,                           \
        .teardown_func = fixture_teardown, .initial_state = (void *)binary " :" #actor             \
    }
#define rule_of(binary, actor) rule_by(rule_run, binary, actor)
#define signal_rule_of(binary, actor) rule_by(signal_rule_run, binary, actor)
#define memory_rule_of(binary, actor) rule_by(memory_rule_run, binary, actor)

#endif
