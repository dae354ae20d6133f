/* JSON: one key a line, lists of plain values on one line. */
#include "json.h"

#include <string.h>

#include "base/auto.h"
#include "term/utf8.h"

void json_put_text(FILE *to, const char *text, size_t size_bytes)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size_bytes;
    uint32_t character;
    fputc('"', to);
    while (at < end) {
        unsigned n = tri_utf8_decode(at, end, &character);
        if (n == 0)
            fputs("\xef\xbf\xbd", to);
        else if (character == '"' || character == '\\')
            fprintf(to, "\\%c", (char)character);
        else if (character == '\n')
            fputs("\\n", to);
        else if (character < 0x20 || character == 0x7f)
            fprintf(to, "\\u%04x", (unsigned)character);
        else
            fwrite(at, 1, n, to);
        at += n ? n : 1;
    }
    fputc('"', to);
}

static void new_line(FILE *to, int indent) { fprintf(to, "\n%*s", 3 * indent, ""); }

static void put_plain(FILE *to, tr_term term)
{
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    json_put_text(to, text ? text : "", text ? strlen(text) : 0);
}

static void put_atom(FILE *to, tr_term term)
{
    char text[TR_ATOM_MAX_BYTES + 1];
    tr_atom atom;
    tr_get_atom(term, &atom);
    size_t length = tr_atom_text(atom, text, sizeof text);
    if (tr_is_atom(term, "true") || tr_is_atom(term, "false"))
        fputs(text, to);
    else if (tr_is_atom(term, "undefined"))
        fputs("null", to);
    else
        json_put_text(to, text, length);
}

/* An object's key is a string. */
static void put_key(FILE *to, tr_term term)
{
    char text[TR_ATOM_MAX_BYTES + 1];
    tr_atom atom;
    tr_bin binary;
    if (tr_get_atom(term, &atom))
        json_put_text(to, text, tr_atom_text(atom, text, sizeof text));
    else if (tr_get_binary(term, &binary))
        json_put_text(to, binary.data, binary.size_bytes);
    else
        put_plain(to, term);
}

static void put_map(FILE *to, struct tr_iter *iter, int indent)
{
    tr_term key, value;
    bool is_empty = iter->left == 0;
    fputc('{', to);
    for (bool is_first = true; tr_next(iter, &key) && tr_next(iter, &value); is_first = false) {
        if (!is_first)
            fputc(',', to);
        new_line(to, indent + 1);
        put_key(to, key);
        fputs(": ", to);
        json_put(to, value, indent + 1);
    }
    if (!is_empty)
        new_line(to, indent);
    fputc('}', to);
}

static void put_list(FILE *to, struct tr_iter *iter, int indent)
{
    tr_term element;
    fputc('[', to);
    for (bool is_first = true; tr_next(iter, &element); is_first = false) {
        if (!is_first)
            fputs(", ", to);
        json_put(to, element, indent);
    }
    fputc(']', to);
}

void json_put(FILE *to, tr_term term, int indent)
{
    struct tr_iter iter;
    tr_bin binary;
    tr_atom atom;
    enum tr_kind kind = tr_kind_of(term);
    if (kind == TR_KIND_INTEGER || kind == TR_KIND_BIGNUM || kind == TR_KIND_FLOAT) {
        TRI_AUTO(tri_freep) char *text = tr_print_new(term);
        fputs(text ? text : "null", to);
    } else if (tr_get_atom(term, &atom)) {
        put_atom(to, term);
    } else if (tr_get_binary(term, &binary)) {
        json_put_text(to, binary.data, binary.size_bytes);
    } else if (tr_get_map(term, &iter)) {
        put_map(to, &iter, indent);
    } else if (tr_get_list(term, &iter) || tr_get_tuple(term, &iter)) {
        put_list(to, &iter, indent);
    } else {
        put_plain(to, term);
    }
}
