/* Config: what the tests of configurations share: a text becomes a model, or a list of mistakes. */
#ifndef TESTS_UNIT_CONFIG_H
#define TESTS_UNIT_CONFIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/model.h"

/* Reads and checks a text whose folder is /etc; the mistakes are added. */
static inline struct config *read_text(const char *text, struct config_mistakes *mistakes)
{
    struct config *config;
    assert_int_equal(config_read(text, strlen(text), "/etc", mistakes, &config), 0);
    config_check(config, mistakes);
    return config;
}

/* The text is right. */
static inline struct config *read_right(const char *text)
{
    struct config_mistakes mistakes = {0};
    struct config *config = read_text(text, &mistakes);
    if (mistakes.count > 0)
        fail_msg("line %u: %s", mistakes.at[0].line, mistakes.at[0].text);
    return config;
}

/* The mistakes of a text as they are printed. The caller frees it. */
static inline char *print_mistakes(struct config_mistakes *mistakes)
{
    char *printed = NULL;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    assert_non_null(file);
    config_mistakes_print(mistakes, "x", file);
    fclose(file);
    return printed;
}

static inline void expect_mistakes(const char *text, const char *expected)
{
    struct config_mistakes mistakes = {0};
    struct config *config = read_text(text, &mistakes);
    char *printed = print_mistakes(&mistakes);
    if (strcmp(printed, expected) != 0)
        fail_msg("of\n%s\nis told\n%snot\n%s", text, printed, expected);
    free(printed);
    config_mistakes_deinit(&mistakes);
    config_free(config);
}

#endif
