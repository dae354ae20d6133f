/* Entries: the actors of a binary, through the linker's section as tr_main hands it over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/entries.h"

static int runs;

TR_ACTOR(first) { runs++; }

TR_ACTOR(second) { runs += 10; }

static void every_actor_of_the_binary_is_an_entry(void **state)
{
    (void)state;
    assert_int_equal(tri_entries_set(__start_troupe_actors, __stop_troupe_actors), 0);
    assert_non_null(tri_entry_find("first"));
    assert_null(tri_entry_find("third"));
    assert_null(tri_entry_find(""));
    tri_entry_find("second")->run((tr_term){0});
    assert_int_equal(runs, 10);
}

static void padding_between_entries_is_passed_over(void **state)
{
    static const struct tr_entry one = {"one", NULL, TR_KIND_ACTOR},
                                 two = {"two", NULL, TR_KIND_ACTOR};
    const struct tr_entry *const padded[] = {NULL, &one, NULL, NULL, &two, NULL};
    (void)state;
    assert_int_equal(tri_entries_set(padded, padded + 6), 0);
    assert_string_equal(tri_entry_find("one")->name, "one");
    assert_string_equal(tri_entry_find("two")->name, "two");
    assert_null(tri_entry_find(""));
}

static void a_binary_without_actors_has_no_entries(void **state)
{
    (void)state;
    assert_int_equal(tri_entries_set(NULL, NULL), 0);
    assert_null(tri_entry_find("main"));
}

static void the_library_s_own_entries_are_in_every_binary(void **state)
{
    static const struct tr_entry own[] = {{"$own", NULL, TR_KIND_ACTOR}, {NULL, NULL, 0}};
    (void)state;
    assert_int_equal(tri_entries_set(NULL, NULL), 0);
    assert_null(tri_entry_find("$own"));
    tri_entries_set_own(own);
    assert_ptr_equal(tri_entry_find("$own"), &own[0]);
    assert_null(tri_entry_find("$other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_actor_of_the_binary_is_an_entry),
        cmocka_unit_test(padding_between_entries_is_passed_over),
        cmocka_unit_test(a_binary_without_actors_has_no_entries),
        cmocka_unit_test(the_library_s_own_entries_are_in_every_binary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
