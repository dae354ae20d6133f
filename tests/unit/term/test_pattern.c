/* Patterns that cannot be parsed: the place is named, and what was expected there. */
#include "term/pattern.h"
#include "unit/term/term_test.h"

static void a_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t error_at;
        const char *message;
    } rows[] = {
        {"", 1, "a pattern"},
        {"{a", 3, "',' or '}'"},
        {"{a,}", 4, "a pattern"},
        {"[a b]", 4, "',', '|' or ']'"},
        {"[a | b, c]", 7, "']'"},
        {"[a | [b | c, d]]", 12, "']'"},
        {"#{a, 1}", 4, "'=>' or ':='"},
        {"#{{a} => 1}", 3, "a key: an atom, a number, a binary or a hole"},
        {"#{_ => 1}", 3, "a key: an atom, a number, a binary or a hole"},
        {"#{a => 1,}", 10, "a key: an atom, a number, a binary or a hole"},
        {"a b", 3, "the end of the pattern"},
        {"{ä, λ}", 5, "a term"},
        {"[A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q]", 34, "at most 16 holes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tri_pattern *pattern;
        size_t error_at = 0;
        const char *message = "";
        assert_int_equal(tri_pattern_parse(rows[i].text, &pattern, &error_at, &message), TR_SYNTAX);
        assert_string_equal(message, rows[i].message);
        assert_int_equal(error_at, rows[i].error_at);
    }
}

static int parse_nested(unsigned depth, const char *opening, const char *closing)
{
    struct tri_pattern *pattern = NULL;
    size_t error_at;
    const char *message;
    char text[4096] = "";
    for (unsigned i = 0; i < depth; i++)
        strcat(text, opening);
    strcat(text, "a");
    for (unsigned i = 0; i < depth; i++)
        strcat(text, closing);
    int r = tri_pattern_parse(text, &pattern, &error_at, &message);
    if (r == 0)
        tri_pattern_free(pattern);
    return r;
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(TRI_PATTERN_MAX_DEPTH - 1, "{", "}"), 0);
    assert_int_equal(parse_nested(TRI_PATTERN_MAX_DEPTH, "{", "}"), TR_SYNTAX);
    assert_int_equal(parse_nested(TRI_PATTERN_MAX_DEPTH, "[", "]"), TR_SYNTAX);
    assert_int_equal(parse_nested(200, "[b|", "]"), TR_SYNTAX);
    assert_int_equal(parse_nested(200, "#{a => ", "}"), TR_SYNTAX);
}

static void holes_and_keys_are_counted(void **state)
{
    (void)state;
    struct tri_pattern *pattern;
    size_t error_at;
    const char *message;
    assert_int_equal(
        tri_pattern_parse("{A, #{B => C, k => _}, [D | E]}", &pattern, &error_at, &message), 0);
    assert_int_equal(pattern->hole_count, 5);
    assert_int_equal(pattern->key_holes, 1u << 1);
    assert_true(pattern->has_any);
    tri_pattern_free(pattern);
    tri_pattern_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_is_named_with_its_place),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(holes_and_keys_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
