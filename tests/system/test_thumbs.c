/* Thumbs: the example, with the pictures of this machine, and those that are bad on purpose. */
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/node.h"
#include "support/skip.h"

static char pictures[4096], thumbs[4096];

static void gather_pictures(void)
{
    char setup[4096], program[4096];
    snprintf(setup, sizeof setup, "%s/examples/thumbs/setup", getenv("TROUPE_SOURCE_DIR"));
    snprintf(program, sizeof program, "%s/thumbs", program_folder());
    snprintf(pictures, sizeof pictures, "%s/pictures", fixture_run_dir());
    snprintf(thumbs, sizeof thumbs, "%s/thumbs", fixture_run_dir());
    if (access(program, X_OK) != 0)
        skip_because("thumbs was not built: no libpng or no libjpeg");
    const char *const argv[] = {setup, pictures, program, NULL};
    program_expect_exit(program_start(argv), 0);
    assert_int_equal(mkdir(thumbs, 0700), 0);
}

/* Its name would clear the terminal. */
static void add_evil_name(void)
{
    char path[8192];
    snprintf(path, sizeof path, "%s/evil\033[2J.png", pictures);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void remove_pictures(void)
{
    const char *const argv[] = {"/bin/rm", "-r", pictures, thumbs, NULL};
    program_expect_exit(program_start(argv), 0);
}

/* The line of that picture. */
static const char *line_of(const char *text, const char *name)
{
    static char line[2048];
    const char *at = strstr(text, name);
    if (!at)
        fail_msg("%s is not told of: %s", name, text);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void expect_line(const char *text, const char *name, const char *shape)
{
    const char *line = line_of(text, name);
    if (fnmatch(shape, line, 0) != 0)
        fail_msg("\"%s\" is not \"%s\"", line, shape);
}

/* The report of the crash tells how it came there. */
static void expect_stack(const char *line)
{
    char id[128];
    const char *at = strstr(line, "show ");
    assert_non_null(at);
    snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 5, ";\n"), at + 5);
    const char *text = program_stdout(run_tool("crashes", "show", id, NULL));
    assert_non_null(strstr(text, "unpack_row"));
    assert_non_null(strstr(text, "legacy_read"));
    assert_non_null(strstr(text, "picture_read"));
    assert_non_null(strstr(text, "overflow.pcx"));
}

/* Two workers are to compute for four seconds each, on a machine that may have much else to do. */
#define PATIENCE_MS (4 * TEST_DEADLINE_MS)

static void every_good_picture_is_done_once_and_every_bad_one_is_told_with_its_reason(void **state)
{
    char last[128];
    (void)state;
    need_exact_memory();
    gather_pictures();
    add_evil_name();
    size_t count = folder_entries(pictures);
    assert_true(count > 7);
    struct program *program = node_start("bin/thumbs", pictures, thumbs, NULL);
    assert_int_equal(program_wait_ms(program, PATIENCE_MS), 0);
    const char *text = program_stdout(program);
    snprintf(last, sizeof last, "%zu pictures: %zu done, 6 not; 6 workers died of them\n", count,
             count - 6);
    assert_non_null(strstr(text, last));
    assert_int_equal(folder_entries(thumbs), count - 6);
    expect_line(text, "50000x50000.png", "*memory limit at need (picture.c:*; set aside as *");
    expect_line(text, "empty.png", "* an empty file");
    expect_line(text, "truncated.jpg", "* Premature end of JPEG file");
    expect_line(text, "endless.pcx", "*hang at *(legacy.c:*; set aside as *");
    expect_line(text, "overflow.pcx", "*sigsegv at unpack_row (legacy.c:*; set aside as *");
    expect_line(text, "evil", "evil\\\\x1b?2J.png *an empty file");
    assert_null(strchr(text, '\033'));
    expect_stack(line_of(text, "overflow.pcx"));
    remove_pictures();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        node_test(every_good_picture_is_done_once_and_every_bad_one_is_told_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
