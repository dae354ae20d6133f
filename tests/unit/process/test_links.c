/* Links of a guest: a set of peers (SEMANTICS 9, 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/links.h"

static tr_pid peer(uint32_t slot) { return tr_pid_make(slot, 1); }

static void a_link_made_twice_is_one(void **state)
{
    struct tri_links links = {0};
    tr_pid taken = TR_NO_PID;
    (void)state;
    assert_int_equal(tri_links_add(&links, peer(1)), 0);
    assert_int_equal(tri_links_add(&links, peer(1)), 0);
    assert_true(tri_links_take(&links, &taken));
    assert_true(tr_pid_equal(taken, peer(1)));
    assert_false(tri_links_take(&links, &taken));
    tri_links_deinit(&links);
}

static void a_removed_link_is_gone_and_the_others_stay(void **state)
{
    struct tri_links links = {0};
    tr_pid taken;
    uint32_t slots = 0;
    (void)state;
    for (uint32_t slot = 1; slot <= 20; slot++)
        assert_int_equal(tri_links_add(&links, peer(slot)), 0);
    tri_links_remove(&links, peer(7));
    tri_links_remove(&links, peer(99));
    while (tri_links_take(&links, &taken)) {
        assert_int_not_equal(tr_pid_slot(taken), 7);
        slots += tr_pid_slot(taken);
    }
    assert_int_equal(slots, 210 - 7);
    tri_links_deinit(&links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_made_twice_is_one),
        cmocka_unit_test(a_removed_link_is_gone_and_the_others_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
