/* Large bodies between actors of a whole node: whole, in order, read where they lie, and nothing is left of them. */
#include "support/node.h"
#include "support/small_disk.h"

static void expect_case(const char *name)
{
    program_expect_exit(node_start("bin/tests/blobs", name, NULL), 0);
}

#define CASE(test, name)                                                                           \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        expect_case(name);                                                                         \
    }

CASE(blobs_of_all_sizes_arrive_whole_and_in_order, "blobs")
CASE(binaries_of_all_sizes_arrive_whole_and_in_order, "binaries")
CASE(files_that_are_used_again_mix_nothing_up, "many")
CASE(a_blob_is_a_whole_message, "whole")
CASE(a_blob_stands_anywhere_in_a_message, "middle")
CASE(a_blob_is_a_binary_like_any_other_where_it_is_not_sent, "value")
CASE(a_blob_goes_to_whoever_a_message_can_go_to, "receivers")
CASE(a_blob_that_is_refused_stays_its_senders, "busy")
CASE(a_blob_twice_in_one_message_is_a_bug, "twice")
CASE(a_large_message_takes_its_receivers_memory_once, "memory")

static void a_full_disk_is_an_answer_and_never_a_signal(void **state)
{
    (void)state;
    small_disk_mount("size=20m");
    expect_case("full");
    small_disk_expect_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(blobs_of_all_sizes_arrive_whole_and_in_order),
        node_test(binaries_of_all_sizes_arrive_whole_and_in_order),
        node_test(files_that_are_used_again_mix_nothing_up),
        node_test(a_blob_is_a_whole_message),
        node_test(a_blob_stands_anywhere_in_a_message),
        node_test(a_blob_is_a_binary_like_any_other_where_it_is_not_sent),
        node_test(a_blob_goes_to_whoever_a_message_can_go_to),
        node_test(a_blob_that_is_refused_stays_its_senders),
        node_test(a_blob_twice_in_one_message_is_a_bug),
        node_test(a_large_message_takes_its_receivers_memory_once),
        small_disk_test(a_full_disk_is_an_answer_and_never_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
