/* Framing: how a stream is cut into messages, wherever it was cut into reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "behaviour/framing.h"

/* ---------------------------------------------------------------- verbs */

/* Reads so many bytes of a text into the framer. */
static void feed(struct tri_framer *framer, const char *bytes, size_t count)
{
    uint8_t *at;
    size_t room;
    assert_int_equal(tri_framer_room(framer, &at, &room), 0);
    assert_true(room >= count);
    memcpy(at, bytes, count);
    tri_framer_came(framer, count);
}

/* Appends what comes out: "whole" or <part>, (too long N), (cut N). Tells whether anything may follow. */
static bool drain(struct tri_framer *framer, char *told)
{
    for (;;) {
        struct tri_frame frame = tri_framer_next(framer);
        struct tri_frame again = tri_framer_next(framer);
        assert_ptr_equal(frame.data, again.data); /* until it is dropped */
        assert_int_equal(frame.size_bytes, again.size_bytes);
        char *end = told + strlen(told);
        int size = (int)frame.size_bytes;
        if (frame.kind == TRI_FRAME_NONE)
            return true;
        if (frame.kind == TRI_FRAME_WHOLE)
            sprintf(end, "[%.*s]", size, (const char *)frame.data);
        else if (frame.kind == TRI_FRAME_PART)
            sprintf(end, "<%.*s>", size, (const char *)frame.data);
        else
            sprintf(end, frame.kind == TRI_FRAME_CUT ? "(cut %d)" : "(too long %d)", size);
        if (frame.kind == TRI_FRAME_CUT || frame.kind == TRI_FRAME_TOO_LONG)
            return false;
        tri_framer_drop(framer);
    }
}

/* What becomes of a stream that comes in reads of so many bytes. */
static void cut(struct tri_framing framing, const char *bytes, size_t count, size_t read_bytes,
                char *told)
{
    struct tri_framer framer = {.framing = framing};
    bool goes_on = true;
    told[0] = '\0';
    for (size_t at = 0; goes_on && at < count; at += read_bytes) {
        feed(&framer, bytes + at, count - at < read_bytes ? count - at : read_bytes);
        goes_on = drain(&framer, told);
    }
    framer.is_at_end = true;
    if (goes_on)
        drain(&framer, told);
    tri_framer_deinit(&framer);
}

static void assert_cut(enum tr_framing kind, size_t max_bytes, const char *bytes, size_t count,
                       const char *expected)
{
    char told[1000];
    for (size_t read_bytes = 1; read_bytes <= count + 1; read_bytes++) {
        cut((struct tri_framing){.kind = kind, .max_bytes = max_bytes}, bytes, count, read_bytes,
            told);
        assert_string_equal(told, expected);
    }
}

#define assert_lines(text, expected)                                                               \
    assert_cut(TR_FRAMING_LINE, 4, text, sizeof(text) - 1, expected)

/* ---------------------------------------------------------------- stories */

static void lines_lose_their_ends(void **state)
{
    (void)state;
    assert_lines("a\nbc\n", "[a][bc]");
    assert_lines("\n\n", "[][]");
    assert_lines("ab\r\ncd\re\n\r\n", "[ab][cd\re][]");
    assert_lines("", "");
}

static void a_line_that_is_longer_comes_in_parts(void **state)
{
    (void)state;
    assert_lines("abcd\nef\n", "[abcd][ef]");
    assert_lines("abcde\nabcdefgh\nabcdefghi\n", "<abcd>[e]<abcd>[efgh]<abcd><efgh>[i]");
    assert_lines("abc\r\nabcd\r\nabcde\r\n", "[abc][abcd]<abcd>[e]");
    assert_lines("abcd\rX\n", "<abcd>[\rX]");
    assert_lines("abcd\r\rX\n", "<abcd>[\r\rX]");
}

static void a_last_line_without_an_end_is_a_part(void **state)
{
    (void)state;
    assert_lines("a\nbc", "[a]<bc>");
    assert_lines("abcd", "<abcd>");
    assert_lines("abcdef", "<abcd><ef>");
    assert_lines("abcd\r", "<abcd><\r>");
    assert_lines("\r", "<\r>");
}

static void packets_lose_their_lengths(void **state)
{
    (void)state;
    assert_cut(TR_FRAMING_PACKET_1, 100, "\1a\2bc\0", 6, "[a][bc][]");
    assert_cut(TR_FRAMING_PACKET_2, 100, "\0\1a\0\3bcd", 8, "[a][bcd]");
    assert_cut(TR_FRAMING_PACKET_4, 100, "\0\0\0\1a\0\0\0\0", 9, "[a][]");
}

static void a_packet_that_is_too_long_ends_everything(void **state)
{
    (void)state;
    assert_cut(TR_FRAMING_PACKET_1, 3, "\1a\3bcd\4efgh\1i", 13, "[a][bcd](too long 4)");
    assert_cut(TR_FRAMING_PACKET_4, 1 << 20, "\x7f\xff\xff\xff", 4, "(too long 2147483647)");
}

static void a_packet_that_is_cut_short_is_told(void **state)
{
    (void)state;
    assert_cut(TR_FRAMING_PACKET_1, 100, "\1a\3bc", 5, "[a](cut 3)");
    assert_cut(TR_FRAMING_PACKET_4, 100, "\0\0", 2, "(cut 2)");
}

static void a_stream_comes_as_it_is_read_in_pieces_that_are_not_too_long(void **state)
{
    char told[100];
    (void)state;
    cut((struct tri_framing){.kind = TR_FRAMING_STREAM, .max_bytes = 3}, "abcdefgh", 8, 4, told);
    assert_string_equal(told, "[abc][d][efg][h]");
}

static void heads_are_big_endian_and_say_no_more_than_they_can(void **state)
{
    uint8_t head[TRI_FRAME_HEADER_BYTES] = {0};
    size_t bytes = 9;
    (void)state;
    assert_true(tri_framing_head(&(struct tri_framing){.kind = TR_FRAMING_LINE, .max_bytes = 1}, 5,
                                 head, &bytes));
    assert_int_equal(bytes, 0);
    assert_true(tri_framing_head(&(struct tri_framing){.kind = TR_FRAMING_PACKET_1, .max_bytes = 1},
                                 255, head, &bytes));
    assert_int_equal(bytes, 1);
    assert_memory_equal(head, "\xff", 1);
    assert_false(tri_framing_head(
        &(struct tri_framing){.kind = TR_FRAMING_PACKET_1, .max_bytes = 1}, 256, head, &bytes));
    assert_true(tri_framing_head(&(struct tri_framing){.kind = TR_FRAMING_PACKET_2, .max_bytes = 1},
                                 0x1234, head, &bytes));
    assert_int_equal(bytes, 2);
    assert_memory_equal(head, "\x12\x34", 2);
    assert_false(tri_framing_head(
        &(struct tri_framing){.kind = TR_FRAMING_PACKET_2, .max_bytes = 1}, 65536, head, &bytes));
    assert_true(tri_framing_head(&(struct tri_framing){.kind = TR_FRAMING_PACKET_4, .max_bytes = 1},
                                 0x12345678, head, &bytes));
    assert_memory_equal(head, "\x12\x34\x56\x78", 4);
    assert_false(
        tri_framing_head(&(struct tri_framing){.kind = TR_FRAMING_PACKET_4, .max_bytes = 1},
                         (size_t)UINT32_MAX + 1, head, &bytes));
}

/* However long a line is, no more is kept of it than a line may have. */
static void the_buffer_does_not_grow_with_the_line(void **state)
{
    static char many[50000];
    struct tri_framer framer = {.framing = {.kind = TR_FRAMING_LINE, .max_bytes = 1000}};
    (void)state;
    memset(many, 'x', sizeof many);
    for (int i = 0; i < 100; i++) {
        feed(&framer, many, sizeof many);
        while (tri_framer_next(&framer).kind == TRI_FRAME_PART)
            tri_framer_drop(&framer);
    }
    assert_true(framer.capacity <= 200000);
    tri_framer_deinit(&framer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_lose_their_ends),
        cmocka_unit_test(a_line_that_is_longer_comes_in_parts),
        cmocka_unit_test(a_last_line_without_an_end_is_a_part),
        cmocka_unit_test(packets_lose_their_lengths),
        cmocka_unit_test(a_packet_that_is_too_long_ends_everything),
        cmocka_unit_test(a_packet_that_is_cut_short_is_told),
        cmocka_unit_test(a_stream_comes_as_it_is_read_in_pieces_that_are_not_too_long),
        cmocka_unit_test(heads_are_big_endian_and_say_no_more_than_they_can),
        cmocka_unit_test(the_buffer_does_not_grow_with_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
