/* Any text as a pattern: it is refused with a place, or it is a program that matches what it writes. */
#include <string.h>

#include "fuzz.h"
#include "term/pattern.h"

static void match_what_is_put(struct tri_pattern *pattern)
{
    struct tr_hole values[TRI_PATTERN_MAX_HOLES];
    struct tr_out out = {0};
    tr_term term;
    for (unsigned i = 0; i < TRI_PATTERN_MAX_HOLES; i++) {
        values[i] = (struct tr_hole){.kind = i % 2 ? TRI_HOLE_INTEGER : TRI_HOLE_TEXT};
        if (i % 2)
            values[i].first = i;
        else
            values[i].first = (uintptr_t) "v";
    }
    struct tr_holes holes = {values, pattern->hole_count};
    CLAIM(tri_put(&out, &pattern, "", holes) == 0);
    CLAIM(tr_check(out.data, out.size_bytes, NULL, &term) == 0);
    int r = tri_match(term, &pattern, "", holes);
    /* Only a pattern with the same key twice can ask for two values where one is found. */
    CLAIM(r == 0 || strstr(pattern->text, "#{"));
    tr_out_deinit(&out);
}

static void match_others(struct tri_pattern *pattern)
{
    static const char *const texts[] = {"[a,{b,1},\"text\"|c]", "#{a => [1,2,3],1 => {}}",
                                        "\"abc\"", "{a,b,<<1>>}", "[[[]]]"};
    struct tr_hole holes[TRI_PATTERN_MAX_HOLES];
    tr_term found[TRI_PATTERN_MAX_HOLES];
    if (pattern->key_holes)
        return;
    for (unsigned i = 0; i < TRI_PATTERN_MAX_HOLES; i++)
        holes[i] = (struct tr_hole){.kind = TRI_HOLE_TO_TERM, .first = (uintptr_t)&found[i]};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tr_out out = {0};
        CLAIM(tr_parse(texts[i], &out, NULL, NULL) == 0);
        struct tr_holes all = {holes, pattern->hole_count};
        if (tri_match(tr_out_term(&out), &pattern, "", all) == 0)
            for (unsigned j = 0; j < pattern->hole_count; j++)
                CLAIM(tr_print(found[j], NULL, 0) > 0);
        tr_out_deinit(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tri_pattern *pattern = NULL;
    size_t error_at = 0;
    const char *message = NULL;
    char *text = malloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    int r = tri_pattern_parse(text, &pattern, &error_at, &message);
    CLAIM(r == 0 || r == TR_SYNTAX);
    if (r == 0) {
        if (!pattern->has_any)
            match_what_is_put(pattern);
        match_others(pattern);
    } else {
        CLAIM(error_at >= 1 && error_at <= size + 1 && message);
    }
    tri_pattern_free(pattern);
    free(text);
    return 0;
}
