/* One body of 1 GiB, built in place and then copied: on machines that have room for it several times. */
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include "support/fixture.h"
#include "support/node.h"
#include "support/skip.h"

/* The file, the binary that is copied, and as much again for everybody else. */
#define NEEDED_BYTES ((uint64_t)4 << 30)

static void a_body_of_a_gibibyte_arrives_whole(void **state)
{
    struct sysinfo info;
    struct statvfs disk;
    (void)state;
    assert_int_equal(sysinfo(&info), 0);
    assert_int_equal(statvfs(fixture_run_dir(), &disk), 0);
    if ((uint64_t)info.freeram * info.mem_unit < NEEDED_BYTES ||
        (uint64_t)disk.f_bavail * disk.f_frsize < NEEDED_BYTES)
        skip_because("4 GiB of free memory are needed");
    program_expect_exit(node_start("bin/tests/blobs", "1024", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {node_test(a_body_of_a_gibibyte_arrives_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
