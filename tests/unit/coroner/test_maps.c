/* Maps: lines as the kernel writes them, and lines that are none. */
#include "coroner/maps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char maps[] =
    "00400000-00401000 r--p 00000000 fe:01 1234                               /bin/a b\n"
    "00401000-00402000 r-xp 00001000 fe:01 1234                               /bin/a b\n"
    "00500000-00501000 rw-p 00000000 00:00 0 \n"
    "7f0000000000-7f0000001000 r-xp 00002000 fe:01 77 /lib/gone.so (deleted)\n"
    "7fff00000000-7fff00001000 r-xp 00000000 00:00 0                          [vdso]\n"
    "7fff10000000-7fff20000000 r-xp 00000000 00:00 0                          [cut";

static bool find(uint64_t address, struct tri_mapping *mapping)
{
    return tri_maps_find(maps, strlen(maps), address, mapping);
}

static void expect_path(const struct tri_mapping *mapping, const char *path)
{
    assert_int_equal(mapping->path_length, strlen(path));
    assert_memory_equal(mapping->path, path, strlen(path));
}

static void an_address_is_found_in_its_line(void **state)
{
    (void)state;
    struct tri_mapping mapping;
    assert_true(find(0x401fff, &mapping));
    assert_int_equal(mapping.start, 0x401000);
    assert_int_equal(mapping.end, 0x402000);
    assert_int_equal(mapping.offset, 0x1000);
    assert_int_equal(mapping.inode, 1234);
    assert_true(mapping.is_executable);
    assert_false(mapping.is_deleted);
    expect_path(&mapping, "/bin/a b");
    assert_true(find(0x400000, &mapping));
    assert_false(mapping.is_executable);
}

static void memory_without_a_file_has_no_path(void **state)
{
    (void)state;
    struct tri_mapping mapping;
    assert_true(find(0x500000, &mapping));
    expect_path(&mapping, "");
    assert_true(find(0x7fff00000000, &mapping));
    expect_path(&mapping, "[vdso]");
}

static void a_file_that_is_gone_is_told_as_such(void **state)
{
    (void)state;
    struct tri_mapping mapping;
    assert_true(find(0x7f0000000abc, &mapping));
    assert_true(mapping.is_deleted);
    expect_path(&mapping, "/lib/gone.so");
}

static void what_no_line_tells_of_is_not_found(void **state)
{
    (void)state;
    struct tri_mapping mapping;
    assert_false(find(0, &mapping));
    assert_false(find(0x402000, &mapping));
    assert_false(find(UINT64_MAX, &mapping));
    assert_false(find(0x7fff10000000, &mapping)); /* its line was cut */
}

static void lines_that_are_none_are_passed_over(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "\n",
                                      "zz-ff r-xp 0 0:0 0 x\n",
                                      "00-ff\n",
                                      "00-ff r\n",
                                      "00-ff r-xp\n",
                                      "00-ff r-xp 0 00:00 x\n",
                                      "00-ff r-xp 0 0000 0\n",
                                      "00ff r-xp 0 00:00 0 x\n",
                                      "00000000000000000000000000-ff r-xp 0 00:00 0 x\n"};
    struct tri_mapping mapping;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(tri_maps_find(bad[i], strlen(bad[i]), 0x10, &mapping));
    static const char after[] = "nonsense\n00-ff r-xp 0 00:00 0 x\n";
    assert_true(tri_maps_find(after, strlen(after), 0x10, &mapping));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_found_in_its_line),
        cmocka_unit_test(memory_without_a_file_has_no_path),
        cmocka_unit_test(a_file_that_is_gone_is_told_as_such),
        cmocka_unit_test(what_no_line_tells_of_is_not_found),
        cmocka_unit_test(lines_that_are_none_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
