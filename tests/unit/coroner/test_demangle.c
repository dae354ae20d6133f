/* Demangle: names of C++ are told as they are written, all others as they are. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "coroner/demangle.h"
#include "support/skip.h"

static void expect(const char *symbol, const char *expected)
{
    char name[64];
    tri_demangle(symbol, name, sizeof name);
    assert_string_equal(name, expected);
}

static void what_is_not_of_cpp_stays_as_it_is(void **state)
{
    static char longest[4096];
    char name[16];
    (void)state;
    expect("decode_row", "decode_row");
    expect("", "");
    expect("_Zap", "_Zap");
    expect("_ZN3foo", "_ZN3foo");
    memset(longest, 'x', sizeof longest - 1);
    memcpy(longest, "_Z", 2);
    tri_demangle(longest, name, sizeof name);
    assert_int_equal(strlen(name), sizeof name - 1);
}

static void a_name_of_cpp_is_told_as_it_is_written(void **state)
{
    (void)state;
    void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        skip_because("there is no %s", "libstdc++");
    dlclose(library);
    expect("_ZN5image6decodeEPKhm", "image::decode(unsigned char const*, unsigned long)");
    expect("_ZNSt6vectorIiSaIiEE9push_backERKi",
           "std::vector<int, std::allocator<int> >::push_back(int const&)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_of_cpp_stays_as_it_is),
        cmocka_unit_test(a_name_of_cpp_is_told_as_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
