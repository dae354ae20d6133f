/* Any bytes as a configuration: they are read, or told what is wrong with, and no line is told that is not there. */
#include <string.h>

#include "config/model.h"
#include "fuzz.h"

const unsigned fuzz_variations = 10000;

static unsigned count_lines(const uint8_t *data, size_t size)
{
    unsigned lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

static void check_lines(const struct config_child *child, unsigned lines)
{
    for (int key = 0; key < CONFIG_KEYS; key++)
        CLAIM(child->lines[key] <= lines);
    for (size_t i = 0; i < child->child_count; i++) {
        CLAIM(child->children[i]->line >= 1 && child->children[i]->line <= lines);
        CLAIM(child->children[i]->parent == child);
        check_lines(child->children[i], lines);
    }
}

static void put_all(const struct config *config)
{
    struct tr_out out = {0};
    tr_term term;
    config_put_specs(&out, config->top, TR_NO_PID);
    CLAIM(out.fault || tr_check(out.data, out.size_bytes, NULL, &term) == 0);
    tr_out_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_mistakes mistakes = {0};
    struct config *config;
    unsigned lines = count_lines(data, size);
    if (size > 4096)
        return 0;
    CLAIM(config_read((const char *)data, size, "/", &mistakes, &config) == 0);
    config_check(config, &mistakes);
    check_lines(config->top, lines);
    for (size_t i = 0; i < mistakes.count; i++)
        CLAIM(mistakes.at[i].line <= lines);
    if (mistakes.count == 0)
        put_all(config);
    config_mistakes_deinit(&mistakes);
    config_free(config);
    return 0;
}
