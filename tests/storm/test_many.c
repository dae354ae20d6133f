/* Many at once: a thousand who connect to one, and one who talks to two thousand, which is four times what nanomsg has
 * sockets for. */
#include "support/node.h"

/* Runs one of the cases of tests/delivery with so many actors. */
static void run_with(const char *binary, const char *entry, const char *actors)
{
    struct program *node = node_start(binary, entry, actors, NULL);
    wait_until_ms(300000, program_is_over(node));
    program_expect_exit(node, 0);
}

static void a_thousand_connect_to_one_who_computes(void **state)
{
    (void)state;
    run_with("bin/tests/senders", ":storm_of_connects", "1000");
}

static void a_thousand_connect_through_nanomsg_to_one_who_is_stopped(void **state)
{
    (void)state;
    run_with("bin/tests/senders", ":storm_of_connections", "1000");
}

static void one_talks_to_two_thousand(void **state)
{
    (void)state;
    run_with("bin/tests/receivers", ":one_talks_to_many", "2000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(a_thousand_connect_to_one_who_computes),
        node_test(a_thousand_connect_through_nanomsg_to_one_who_is_stopped),
        node_test(one_talks_to_two_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
