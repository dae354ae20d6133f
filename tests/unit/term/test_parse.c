/* Parsing text: every form that a term can be typed in, and mistakes named by their character. */
#include "term/tags.h"
#include "unit/term/term_test.h"

/* What is typed, and how the same is printed. */
static void each_form_of_text_is_understood(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {" 42 . ", "42"},
        {"+1", "1"},
        {"-0", "0"},
        {"1_000_000", "1000000"},
        {"16#fF", "255"},
        {"-36#zz", "-1295"},
        {"2#1_0", "2"},
        {"$a", "97"},
        {"$\\n", "10"},
        {"$\\\\", "92"},
        {"$ ", "32"},
        {"$\\x{3bb}", "955"},
        {"1.5e3", "1.5e3"},
        {"1.0E-10", "1.0e-10"},
        {"00.50", "0.5"},
        {"'quoted atom'", "'quoted atom'"},
        {"'\\101\\x42\\x{43}'", "'ABC'"},
        {"receive", "'receive'"},
        {"\"\"", "[]"},
        {"\"a\\^Z\\s\\\"\"", "[97,26,32,34]"},
        {"[1,2|[3|[4]]]", "[1,2,3,4]"},
        {"[a|\"bc\"]", "[a,98,99]"},
        {"[ % a comment, ]\n 1]", "[1]"},
        {"{ }", "{}"},
        {"#{ a=>1 , \"b\" := 2 }", "#{a => 1,\"b\" => 2}"},
        {"<<>>", "<<>>"},
        {"<<1,2,-1>>", "<<1,2,255>>"},
        {"<<16#abcd:16, 1:1, 0:7, $x>>", "<<171,205,128,120>>"},
        {"<<\"ab\", \"λ\"/utf8>>", "<<\"abλ\"/utf8>>"},
        {"<<3:0>>", "<<>>"},
        {"<0.12.345>", "<0.12.345>"},
        {"18446744073709551615", "18446744073709551615"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"-9223372036854775809", "-9223372036854775809"},
        {"16#1_0000_0000_0000_0000_0000", "1208925819614629174706176"},
        {"000000000000000000000000000007", "7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tr_out out = {0};
        assert_prints(parse_into(&out, rows[i][0]), rows[i][1]);
        assert_int_equal(check_bytes(out.data, out.size_bytes), 0);
        tr_out_deinit(&out);
    }
}

static void a_mistake_is_named_by_its_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t error_at;
        const char *message;
    } rows[] = {
        {"", 1, "a term"},
        {"Name", 1, "a term"},
        {"- 1", 1, "a term"},
        {"λ", 1, "a term"},
        {"{ä, λ}", 5, "a term"},
        {"{a b}", 4, "',' or '}'"},
        {"{a,}", 4, "a term"},
        {"{a", 3, "',' or '}'"},
        {"[a", 3, "',', '|' or ']'"},
        {"[a|b,c]", 5, "']'"},
        {"[|a]", 2, "a term"},
        {"#{a}", 4, "'=>'"},
        {"#{a => 1 b}", 10, "',' or '}'"},
        {"{#{a => 1,a => 2}}", 2, "a map whose keys differ"},
        {"#{[1] => 1,\"\\1\" => 2}", 1, "a map whose keys differ"},
        {"a b", 3, "the end of the text"},
        {"a..", 3, "the end of the text"},
        {"1.0e", 5, "the digits of an exponent"},
        {"1_0.0", 1, "a float without _"},
        {"1.0e999", 1, "a float that is not too large"},
        {"1#0", 1, "a base from 2 to 36"},
        {"37#0", 1, "a base from 2 to 36"},
        {"2#2", 3, "a digit of that base"},
        {"'a", 3, "' at the end of an atom"},
        {"\"ä\\", 4, "\" at the end of a string"},
        {"\"\\x{110000}\"", 2, "an escape sequence"},
        {"\"\\xg\"", 2, "an escape sequence"},
        {"$", 2, "a character"},
        {"<<1", 4, "',' or '>>'"},
        {"<<a>>", 3, "an integer or a string"},
        {"<<\"λ\">>", 6, "/utf8"},
        {"<<\"λ\"/utf16>>", 7, "utf8"},
        {"<<1:65>>", 5, "a size of at most 64 bits"},
        {"<<18446744073709551616>>", 3, "an integer of 64 bits"},
        {"<0.3>", 1, "a pid such as <0.3.1>, or <<"},
        {"<1.3.1>", 1, "a pid such as <0.3.1>, or <<"},
        {"{a,\377}", 4, "UTF-8"},
        {"\"a\300\200\"", 3, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tr_out out = {0};
        size_t error_at = 0;
        const char *message = "";
        assert_int_equal(tr_parse(rows[i].text, &out, &error_at, &message), TR_SYNTAX);
        if (error_at != rows[i].error_at || strcmp(message, rows[i].message) != 0)
            fail_msg("%s: %zu: %s", rows[i].text, error_at, message);
        assert_int_equal(tr_parse(rows[i].text, &out, NULL, NULL), TR_SYNTAX);
        tr_out_deinit(&out);
    }
}

static void after_a_mistake_the_buffer_is_as_before(void **state)
{
    (void)state;
    struct tr_out out = {0};
    tr_put_integer(&out, 1);
    assert_int_equal(tr_parse("{a,b,[c", &out, NULL, NULL), TR_SYNTAX);
    assert_wrote(&out, "a\1");
    assert_int_equal(tr_parse("ok", &out, NULL, NULL), 0);
    assert_wrote(&out, "a\1w\2ok");
    tr_out_deinit(&out);
}

static void a_string_is_written_as_otp_writes_it(void **state)
{
    (void)state;
    struct tr_out out = {0};
    parse_into(&out, "\"a\303\244\"");
    assert_wrote(&out, "k\0\2a\344");
    tr_out_reset(&out);
    parse_into(&out, "\"aλ\"");
    assert_wrote(&out, "l\0\0\0\2aab\0\0\3\273j");
    tr_out_deinit(&out);
}

static void parse_string_of(size_t length, uint8_t tag)
{
    struct tr_out out = {0};
    struct tr_iter iter;
    char *text = calloc(1, length + 3);
    memset(text, 'x', length + 2);
    text[0] = text[length + 1] = '"';
    assert_true(tr_get_list(parse_into(&out, text), &iter));
    assert_int_equal(iter.left, length);
    assert_int_equal(out.data[0], tag);
    free(text);
    tr_out_deinit(&out);
}

static void a_string_of_more_than_65535_bytes_is_a_list(void **state)
{
    (void)state;
    parse_string_of(65535, TRI_STRING);
    parse_string_of(65536, TRI_LIST);
}

static void a_tuple_may_have_more_than_255_elements(void **state)
{
    (void)state;
    char text[1024] = "{";
    struct tr_out out = {0};
    struct tr_iter iter;
    for (int i = 0; i < 300; i++)
        strcat(text, i ? ",1" : "1");
    strcat(text, "}");
    assert_true(tr_get_tuple(parse_into(&out, text), &iter));
    assert_int_equal(iter.left, 300);
    assert_int_equal(check_bytes(out.data, out.size_bytes), 0);
    assert_prints(tr_out_term(&out), text);
    tr_out_deinit(&out);
}

static int parse_nested(size_t depth, char opening, char closing)
{
    struct tr_out out = {0};
    char *text = calloc(1, 2 * depth + 2);
    memset(text, opening, depth);
    text[depth] = '1';
    memset(text + depth + 1, closing, depth);
    int r = tr_parse(text, &out, NULL, NULL);
    if (r == 0)
        assert_int_equal(check_bytes(out.data, out.size_bytes), 0);
    free(text);
    tr_out_deinit(&out);
    return r;
}

static void what_nests_too_deep_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(TR_DEFAULT_DEPTH, '{', '}'), 0);
    assert_int_equal(parse_nested(TR_DEFAULT_DEPTH, '[', ']'), 0);
    assert_int_equal(parse_nested(TR_DEFAULT_DEPTH + 1, '{', '}'), TR_TOO_DEEP);
    assert_int_equal(parse_nested(1000000, '[', ']'), TR_TOO_DEEP);
}

static void an_atom_has_at_most_255_characters(void **state)
{
    (void)state;
    char text[257] = "";
    struct tr_out out = {0};
    size_t error_at;
    memset(text, 'a', 255);
    assert_int_equal(tr_parse(text, &out, NULL, NULL), 0);
    text[255] = 'a';
    assert_int_equal(tr_parse(text, &out, &error_at, NULL), TR_SYNTAX);
    assert_int_equal(error_at, 1);
    tr_out_deinit(&out);
}

static void a_very_long_number_is_parsed(void **state)
{
    (void)state;
    struct tr_out out = {0};
    char text[2000];
    memset(text, '9', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_prints(parse_into(&out, text), text);
    tr_out_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_text_is_understood),
        cmocka_unit_test(a_mistake_is_named_by_its_character),
        cmocka_unit_test(after_a_mistake_the_buffer_is_as_before),
        cmocka_unit_test(a_string_is_written_as_otp_writes_it),
        cmocka_unit_test(a_string_of_more_than_65535_bytes_is_a_list),
        cmocka_unit_test(a_tuple_may_have_more_than_255_elements),
        cmocka_unit_test(what_nests_too_deep_is_refused),
        cmocka_unit_test(an_atom_has_at_most_255_characters),
        cmocka_unit_test(a_very_long_number_is_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
