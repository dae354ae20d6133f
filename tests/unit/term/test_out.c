/* The buffer beneath writing: it grows, keeps its first fault, and may be written into itself. */
#include <errno.h>

#include "term/out.h"
#include "unit/term/term_test.h"

static void a_zeroed_buffer_grows_as_needed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    for (int i = 0; i < 10000; i++)
        tr_put_integer(&out, i);
    assert_int_equal(out.fault, 0);
    assert_int_equal(out.size_bytes, 256 * 2 + (10000 - 256) * 5);
    tr_out_deinit(&out);
    tr_out_deinit(&out);
}

static void the_first_fault_is_kept_and_the_rest_ignored(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_integer(&out, 1);
    tri_out_fail(&out, -ENOMEM);
    tri_out_fail(&out, TR_TOO_LARGE);
    tr_put_integer(&out, 2);
    assert_int_equal(out.fault, -ENOMEM);
    assert_int_equal(out.size_bytes, 2);
    tr_out_reset(&out);
    tr_put_integer(&out, 3);
    assert_wrote(&out, "a\3");
    tr_out_deinit(&out);
}

static void more_than_four_gigabytes_is_too_large(void **state)
{
    (void)state;
    struct tr_out out = {0};
    assert_null(tri_out_take(&out, TR_DEFAULT_SIZE_BYTES + 1));
    assert_int_equal(out.fault, TR_TOO_LARGE);
    tr_out_reset(&out);
    tr_put_binary(&out, NULL, (size_t)UINT32_MAX + 1);
    assert_int_equal(out.fault, TR_TOO_LARGE);
    tr_out_deinit(&out);
}

static void a_term_can_be_put_into_the_buffer_that_holds_it(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_atom(&out, "a_rather_long_atom_so_that_the_buffer_must_move");
    for (int i = 0; i < 6; i++)
        tr_put_term(&out, tr_out_term(&out));
    assert_int_equal(out.size_bytes, 64 * 49);
    assert_memory_equal(out.data + 63 * 49, out.data, 49);
    tr_out_deinit(&out);
}

static void a_part_of_the_content_can_become_the_content(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_term inner, rest;
    parse_into(&out, "{a,[1,{b},c]}");
    assert_int_equal(tr_match(tr_out_term(&out), "{a, L}", &inner), 0);
    assert_int_equal(tr_match(inner, "[1 | T]", &rest), 0);
    assert_int_equal(tr_out_copy(&out, rest), 0);
    assert_prints(tr_out_term(&out), "[{b},c]");
    tr_out_deinit(&out);
}

static void only_the_rest_of_a_list_is_copied_to_be_whole(void **state)
{
    (void)state;
    struct tr_out out = {0}, scratch = {0};
    tr_term list = parse_into(&out, "[a,b,c]"), term = list;
    assert_int_equal(tri_term_whole(&term, &scratch), 0);
    assert_ptr_equal(term.data, list.data);
    assert_int_equal(scratch.size_bytes, 0);
    assert_int_equal(tr_match(list, "[_ | T]", &term), 0);
    assert_int_equal(tri_term_whole(&term, &scratch), 0);
    assert_int_equal(check_bytes(term.data, term.size_bytes), 0);
    assert_prints(term, "[b,c]");
    tr_out_deinit(&out);
    tr_out_deinit(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_buffer_grows_as_needed),
        cmocka_unit_test(the_first_fault_is_kept_and_the_rest_ignored),
        cmocka_unit_test(more_than_four_gigabytes_is_too_large),
        cmocka_unit_test(a_term_can_be_put_into_the_buffer_that_holds_it),
        cmocka_unit_test(a_part_of_the_content_can_become_the_content),
        cmocka_unit_test(only_the_rest_of_a_list_is_copied_to_be_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
