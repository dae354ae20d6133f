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

/* An actor of a binary as a test of the same name. */
#define rule_of(binary, name)                                                                      \
    {                                                                                              \
#name, rule_run, fixture_setup, fixture_teardown, (void *)binary " :" #name                \
    }

static inline void rule_run(void **state)
{
    char binary[128];
    const char *place = *state;
    const char *entry = strchr(place, ' ') + 1;
    snprintf(binary, sizeof binary, "%.*s", (int)(entry - 1 - place), place);
    program_expect_exit(node_start(binary, entry, NULL), 0);
}

/* The same where a signal comes to who only computes: the thread sanitizer keeps it back until that calls something. */
static inline void signal_rule_run(void **state)
{
#ifdef __SANITIZE_THREAD__
    skip_because("the thread sanitizer keeps signals back");
#endif
    rule_run(state);
}

#define signal_rule_of(binary, name)                                                               \
    {                                                                                              \
#name, signal_rule_run, fixture_setup, fixture_teardown, (void *)binary " :" #name         \
    }

#endif
