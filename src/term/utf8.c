/* UTF-8, strictly. */
#include "term/utf8.h"

unsigned tri_utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *ret_character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (at == end)
        return 0;
    uint8_t first = at[0];
    unsigned size = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size == 1) {
        *ret_character = first;
        return 1;
    }
    if (size == 0 || first > 0xF4 || (size_t)(end - at) < size)
        return 0;
    uint32_t character = first & (0x7Fu >> size);
    for (unsigned i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        character = character << 6 | (at[i] & 0x3F);
    }
    if (character < smallest[size] || !tri_utf8_is_character(character))
        return 0;
    *ret_character = character;
    return size;
}

unsigned tri_utf8_encode(uint32_t character, uint8_t to[TRI_UTF8_MAX_BYTES])
{
    if (character < 0x80) {
        to[0] = (uint8_t)character;
        return 1;
    }
    unsigned size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (unsigned i = size - 1; i > 0; i--, character >>= 6)
        to[i] = (uint8_t)(0x80 | (character & 0x3F));
    to[0] = (uint8_t)(0xF00u >> size | character);
    return size;
}

bool tri_utf8_count(const uint8_t *at, size_t size_bytes, size_t *ret_characters)
{
    const uint8_t *end = at + size_bytes;
    size_t characters = 0;
    while (at < end) {
        uint32_t ignored;
        unsigned size = at[0] < 0x80 ? 1 : tri_utf8_decode(at, end, &ignored);
        if (size == 0)
            return false;
        at += size;
        characters++;
    }
    *ret_characters = characters;
    return true;
}
