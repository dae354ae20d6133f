/* Thousand: a thousand actors at once, each a process with a mailbox that answers. */
#include <string.h>

#include "support/node.h"

static size_t lines_with(const char *text, const char *word)
{
    size_t lines = 0;
    for (const char *line = text; line && *line; lines++) {
        line = strstr(line, word);
        if (!line)
            break;
        line = strchr(line, '\n');
    }
    return lines;
}

static void a_thousand_actors_answer_and_are_listed(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/thousand", "1000", NULL);
    wait_until_ms(60000, program_is_over(node) || actor_exists("all_have_answered"));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    assert_true(node_actors() >= 1001);

    struct program *ps = run_tool("ps", "--no-header", NULL);
    program_expect_exit(ps, 0);
    assert_true(lines_with(program_stdout(ps), "<0.") >= 1001);
    node_stop(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_thousand_actors_answer_and_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
