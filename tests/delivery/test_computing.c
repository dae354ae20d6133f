/* An actor that computes neither holds back what it has sent nor stops those who send to it. The cases are actors, in
 * actors/computing.c. */
#include "conformance/rule.h"

#define rule(name) rule_of("bin/tests/computing", name)

/* As the rule, and tells the delays that were seen. */
static void what_was_sent_goes_out_while_its_sender_computes(void **state)
{
    (void)state;
    struct program *node = node_start("bin/tests/computing",
                                      ":what_was_sent_goes_out_while_its_sender_computes", NULL);
    program_expect_exit(node, 0);
    print_message("%s", program_stdout(node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(what_was_sent_goes_out_while_its_sender_computes),
        rule(who_computes_does_not_stop_his_senders),
        rule(turns_of_computing_and_talking_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
