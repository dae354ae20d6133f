/* Atoms: names, in Latin-1 from old nodes and in UTF-8 from the others. */
#include "term/atom.h"

#include <string.h>

#include "base/panic.h"
#include "term/out.h"
#include "term/tags.h"
#include "term/utf8.h"

static bool is_ascii(const uint8_t *at, size_t size_bytes)
{
    uint8_t all = 0;
    for (size_t i = 0; i < size_bytes; i++)
        all |= at[i];
    return all < 0x80;
}

tr_atom tri_atom_at(const uint8_t *at)
{
    bool is_small = at[0] == TRI_SMALL_ATOM_UTF8 || at[0] == TRI_SMALL_ATOM;
    bool is_utf8 = at[0] == TRI_SMALL_ATOM_UTF8 || at[0] == TRI_ATOM_UTF8;
    const uint8_t *text = at + (is_small ? 2 : 3);
    uint16_t length = is_small ? at[1] : tri_load16(at + 1);
    tr_atom atom = {(const char *)text, length, !is_utf8 && !is_ascii(text, length)};
    return atom;
}

bool tri_atom_next(tr_atom atom, size_t *at, uint32_t *ret_character)
{
    if (*at >= atom.length_bytes)
        return false;
    const uint8_t *text = (const uint8_t *)atom.text;
    unsigned size = 1;
    if (atom.is_latin1)
        *ret_character = text[*at];
    else
        size = tri_utf8_decode(text + *at, text + atom.length_bytes, ret_character);
    *at += size;
    return size > 0;
}

static bool equal_by_characters(tr_atom a, tr_atom b)
{
    size_t a_at = 0, b_at = 0;
    for (;;) {
        uint32_t a_character, b_character;
        bool a_goes_on = tri_atom_next(a, &a_at, &a_character);
        bool b_goes_on = tri_atom_next(b, &b_at, &b_character);
        if (!a_goes_on || !b_goes_on)
            return a_goes_on == b_goes_on;
        if (a_character != b_character)
            return false;
    }
}

bool tri_atom_equal(tr_atom a, tr_atom b)
{
    if (a.is_latin1 != b.is_latin1)
        return equal_by_characters(a, b);
    return a.length_bytes == b.length_bytes && memcmp(a.text, b.text, a.length_bytes) == 0;
}

bool tr_atom_is(tr_atom atom, const char *utf8)
{
    size_t length = strlen(utf8);
    if (!atom.is_latin1)
        return atom.length_bytes == length && memcmp(atom.text, utf8, length) == 0;
    if (length > TR_ATOM_MAX_BYTES)
        return false;
    tr_atom other = {utf8, (uint16_t)length, false};
    return equal_by_characters(atom, other);
}

bool tr_is_atom(tr_term term, const char *utf8)
{
    tr_atom atom;
    return tr_get_atom(term, &atom) && tr_atom_is(atom, utf8);
}

size_t tr_atom_text(tr_atom atom, char *buffer, size_t size_bytes)
{
    size_t length = 0, kept = 0, at = 0;
    uint32_t character;
    while (tri_atom_next(atom, &at, &character)) {
        uint8_t encoded[TRI_UTF8_MAX_BYTES];
        unsigned size = tri_utf8_encode(character, encoded);
        if (kept == length && length + size < size_bytes) {
            memcpy(buffer + length, encoded, size);
            kept += size;
        }
        length += size;
    }
    if (size_bytes > 0)
        buffer[kept] = '\0';
    return length;
}

static void put_utf8(struct tr_out *out, const char *text, size_t length)
{
    bool is_small = length <= UINT8_MAX;
    uint8_t *to = tri_out_take(out, (is_small ? 2 : 3) + length);
    if (!to)
        return;
    if (is_small) {
        to[0] = TRI_SMALL_ATOM_UTF8;
        to[1] = (uint8_t)length;
        to += 2;
    } else {
        to[0] = TRI_ATOM_UTF8;
        tri_store16(to + 1, (uint16_t)length);
        to += 3;
    }
    memcpy(to, text, length);
}

void tr_put_atom(struct tr_out *out, const char *utf8)
{
    size_t length = strlen(utf8), characters;
    if (!tri_utf8_count((const uint8_t *)utf8, length, &characters))
        tri_panic("tr_put_atom: not UTF-8: \"%s\"", utf8);
    if (characters > TR_ATOM_MAX_CHARACTERS)
        tri_panic("tr_put_atom: %zu characters, %d at most: \"%.60s…\"", characters,
                  TR_ATOM_MAX_CHARACTERS, utf8);
    put_utf8(out, utf8, length);
}

void tr_put_atom_view(struct tr_out *out, tr_atom atom)
{
    char text[TR_ATOM_MAX_BYTES + 1];
    if (!atom.is_latin1) {
        put_utf8(out, atom.text, atom.length_bytes);
        return;
    }
    size_t length = tr_atom_text(atom, text, sizeof text);
    put_utf8(out, text, length);
}
