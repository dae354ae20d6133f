/* Users: found by name or number, and written as numbers that whoever reads them does not believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/user.h"

static void a_number_that_nobody_has_is_its_own_group(void **state)
{
    struct tri_user user;
    (void)state;
    assert_int_equal(tri_user_find("3456789012", &user), 0);
    assert_true(user.is_given);
    assert_int_equal(user.user, 3456789012);
    assert_int_equal(user.group_count, 1);
    assert_int_equal(user.groups[0], 3456789012);
    assert_int_equal(tri_user_find("3456789012:77", &user), 0);
    assert_int_equal(user.user, 3456789012);
    assert_int_equal(user.groups[0], 77);
}

static void a_name_has_the_groups_that_the_system_gives_it(void **state)
{
    struct tri_user by_name, by_number;
    const struct passwd *root = getpwuid(0);
    (void)state;
    assert_non_null(root);
    gid_t group = root->pw_gid;
    assert_int_equal(tri_user_find(root->pw_name, &by_name), 0);
    assert_int_equal(by_name.groups[0], group);
    assert_int_equal(tri_user_find("0", &by_number), 0);
    assert_true(tri_user_equal(&by_name, &by_number));
    assert_int_equal(tri_user_find("0:3456789012", &by_number), 0);
    assert_false(tri_user_equal(&by_name, &by_number));
}

static void what_is_no_user_is_not_found(void **state)
{
    static const char *const none[] = {
        "",     "no-such-user", "0:",         "0:no-such-group",
        "-1",   "0x",           "4294967295", "4294967296",
        " 0",   ":0",           "0 ",         "99999999999999999999",
        "0:-1", "0:0:0",
    };
    struct tri_user user;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (tri_user_find(none[i], &user) != -ENOENT)
            fail_msg("\"%s\" is a user", none[i]);
    assert_int_equal(tri_user_find(NULL, &user), 0);
    assert_false(user.is_given);
    assert_int_equal(tri_user_become(&user), 0);
}

static void what_is_written_is_read(void **state)
{
    char text[TRI_USER_TEXT_BYTES];
    struct tri_user user = {.user = 4294967294, .group_count = TRI_USER_GROUPS}, read;
    const char *name;
    (void)state;
    for (int i = 0; i < TRI_USER_GROUPS; i++)
        user.groups[i] = 4294967294u - (gid_t)i;
    assert_int_equal(tri_user_print(&user, "ann:staff", text, sizeof text), 0);
    assert_true(tri_user_read(text, &read, &name));
    assert_true(tri_user_equal(&user, &read));
    assert_string_equal(name, "ann:staff");
    for (size_t size = 0; size <= strlen(text); size++)
        assert_int_equal(tri_user_print(&user, "ann:staff", text, size), -E2BIG);
}

static void what_is_no_user_is_not_read(void **state)
{
    static const char *const none[] = {
        "",     "x",   "1",     "1:",    "1::x",          "1:1",           "1:1,",
        "1:,1", ":1:", "1:-1:", "-1:1:", "4294967295:1:", "1:4294967295:", "1:1,,1:",
    };
    struct tri_user read;
    char many[4 * TRI_USER_GROUPS] = "1:1";
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (tri_user_read(none[i], &read, NULL))
            fail_msg("\"%s\" is a user", none[i]);
    for (int i = 1; i <= TRI_USER_GROUPS; i++)
        strcat(many, ",1");
    strcat(many, ":x");
    assert_false(tri_user_read(many, &read, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_nobody_has_is_its_own_group),
        cmocka_unit_test(a_name_has_the_groups_that_the_system_gives_it),
        cmocka_unit_test(what_is_no_user_is_not_found),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_user_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
