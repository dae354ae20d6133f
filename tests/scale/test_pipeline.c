/* The example pipeline over a million lines, one of them of 10 MB, a thousand of them not UTF-8. */
#include "support/node.h"
#include "support/pipeline.h"

static void a_million_lines_are_written_or_rejected(void **state)
{
    (void)state;
    pipeline_run(1000000, "1000000 lines = 998998 written + 1002 rejected (1 too long, 1000 not "
                          "UTF-8, 1 malformed)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {node_test(a_million_lines_are_written_or_rejected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
