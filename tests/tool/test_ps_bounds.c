/* ps and info of bounded mailboxes: what is in them, what may be, and what becomes of the rest. */
#include "tool.h"

static struct program *exhibition_start(void)
{
    struct program *node = node_start("bin/tests/bounds", ":exhibition", NULL);
    wait_until(actor_exists("all_are_full") || program_is_over(node));
    if (program_is_over(node))
        program_expect_exit(node, 0);
    return node;
}

/* The cells of an actor's line, with one space between each two. */
static const char *cells_of(const char *name, const char *columns)
{
    static char cells[512];
    char *to = cells;
    const char *text = expect_fine(run_tool("ps", "--no-header", "-o", columns, NULL));
    const char *at = strstr(text, name);
    assert_non_null(at);
    for (at += strlen(name); *at && *at != '\n'; at++)
        if (*at != ' ' || to[-1] != ' ')
            *to++ = *at;
    while (to > cells && to[-1] == ' ')
        to--;
    *to = '\0';
    return cells;
}

static void the_columns_of_a_bounded_mailbox_tell_what_there_is(void **state)
{
    static const char columns[] = "name,mbox,mbox-max,mbox-max-bytes,policy,dropped";
    (void)state;
    struct program *node = exhibition_start();
    assert_string_equal(cells_of("patient", columns), " 4 4 - waits 0");
    assert_string_equal(cells_of("choosy", columns), " 5 - 60 drops 15");
    assert_string_equal(cells_of("boundless", columns), " 20 - - - 0");
    assert_int_equal(node_stop(node), 0);
}

static void a_full_mailbox_and_the_age_of_its_oldest_message_are_seen(void **state)
{
    (void)state;
    struct program *node = exhibition_start();
    wait_until(strcmp(cells_of("patient", "name,oldest"), " 0.0s") > 0);
    assert_string_equal(cells_of("boundless", "name,full"), " -");
    assert_string_not_equal(cells_of("patient", "name,full"), " -");
    expect_json(run_tool("ps", "--json", NULL),
                ".actors | map(select(.name == \"patient\"))[0] | .mailbox == 4 and "
                ".mailbox_max_messages == 4 and .mailbox_max_bytes == null and "
                ".mailbox_policy == \"waits\" and .mailbox_bytes > 40 and "
                ".mailbox_full_ms > 0 and .oldest_message_ms > 0");
    assert_int_equal(node_stop(node), 0);
}

static void messages_to_the_dead_are_counted_where_they_come_from(void **state)
{
    (void)state;
    struct program *node = exhibition_start();
    assert_string_equal(cells_of("all_are_full", "name,dead-letters"), " 3");
    assert_string_equal(cells_of("patient", "name,dead-letters"), " 0");
    expect_json(run_tool("ps", "--json", NULL),
                ".actors | map(select(.name == \"all_are_full\"))[0] | .dead_letters == 3");
    assert_int_equal(node_stop(node), 0);
}

static void info_tells_the_bound_too(void **state)
{
    (void)state;
    struct program *node = exhibition_start();
    expect_json(run_tool("info", "--json", "choosy", NULL),
                ".actors[0] | .mailbox_max_bytes == 60 and .mailbox_policy == \"drops\" and "
                ".message_queue_len == 5 and .message_queue_bytes == 60 and .dropped == 15 and "
                ".oldest_message_ms >= 0");
    assert_int_equal(node_stop(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(the_columns_of_a_bounded_mailbox_tell_what_there_is),
        node_test(a_full_mailbox_and_the_age_of_its_oldest_message_are_seen),
        node_test(messages_to_the_dead_are_counted_where_they_come_from),
        node_test(info_tells_the_bound_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
