/* UTF-8: one character at a time, and nothing that Unicode forbids (overlong forms, surrogates, beyond 10FFFF). */
#ifndef TRI_TERM_UTF8_H
#define TRI_TERM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TRI_UTF8_MAX_BYTES = 4 };

/* Decodes the character at `at`. Returns its size in bytes, 0 if it is none. */
unsigned tri_utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *ret_character);

/* Encodes a character. Returns its size in bytes. */
unsigned tri_utf8_encode(uint32_t character, uint8_t to[TRI_UTF8_MAX_BYTES]);

static inline bool tri_utf8_is_character(uint32_t value)
{
    return value < 0xD800 || (value > 0xDFFF && value <= 0x10FFFF);
}

/* Are these bytes ASCII? For short texts. */
static inline bool tri_is_ascii(const uint8_t *text, size_t size_bytes)
{
    uint64_t eight, all = 0;
    for (; size_bytes >= sizeof eight; size_bytes -= sizeof eight, text += sizeof eight) {
        memcpy(&eight, text, sizeof eight);
        all |= eight;
    }
    for (; size_bytes > 0; size_bytes--)
        all |= *text++;
    return (all & 0x8080808080808080u) == 0;
}

/* Tells whether these bytes are UTF-8, and counts the characters. */
bool tri_utf8_count(const uint8_t *at, size_t size_bytes, size_t *ret_characters);

#endif
