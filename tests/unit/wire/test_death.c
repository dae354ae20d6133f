/* Death: the words for an exec that failed. Those for the ends of processes are tested with node/body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "wire/death.h"

static void failure_reads(int fault, const char *path, const char *expected)
{
    char text[128];
    struct tr_out out = {0};
    tri_death_put_exec(&out, fault, path, strlen(path));
    assert_int_equal(out.fault, 0);
    tr_print(tr_out_term(&out), text, sizeof text);
    assert_string_equal(text, expected);
    tr_out_deinit(&out);
}

static void an_exec_failure_tells_errno_and_path(void **state)
{
    (void)state;
    failure_reads(-ENOENT, "/no/such/file", "{exec,enoent,<<\"/no/such/file\">>}");
    failure_reads(-E2BIG, "", "{exec,e2big,<<>>}");
    failure_reads(-4095, "/x", "{exec,errno4095,<<\"/x\">>}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exec_failure_tells_errno_and_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
