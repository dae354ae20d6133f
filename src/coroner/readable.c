/* Readable: recursion is bounded by the depth that is looked at first. */
#include "coroner/readable.h"

#include <string.h>

#include "base/auto.h"

#define CUT_BYTES 1024

/* The text of a term, or the beginning of it; never cut within a character. */
static void put_text(struct tr_out *out, tr_term term)
{
    char text[CUT_BYTES + 1];
    size_t length = tr_print(term, text, sizeof text);
    if (length > CUT_BYTES) {
        length = CUT_BYTES - strlen("…");
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
        memcpy(text + length, "…", strlen("…"));
        length += strlen("…");
    }
    tr_put_binary(out, text, length);
}

static void put(struct tr_out *out, tr_term term);

static void put_list(struct tr_out *out, tr_term term, struct tr_iter *iter)
{
    tr_term element;
    if (iter->left == 0 || iter->is_string) {
        tr_put_term(out, term); /* [] or text */
        return;
    }
    tr_put_list_of(out, (uint32_t)iter->left);
    while (tr_next(iter, &element))
        put(out, element);
    put(out, tr_tail(iter));
}

static void put(struct tr_out *out, tr_term term)
{
    struct tr_iter iter;
    tr_term element;
    enum tr_kind kind = tr_kind_of(term);
    if (kind == TR_KIND_PID || kind == TR_KIND_REF || kind == TR_KIND_PORT || kind == TR_KIND_FUN) {
        put_text(out, term);
    } else if (tr_get_list(term, &iter)) {
        put_list(out, term, &iter);
    } else if (tr_get_tuple(term, &iter)) {
        tr_put_tuple_of(out, (uint32_t)iter.left);
        while (tr_next(&iter, &element))
            put(out, element);
    } else if (tr_get_map(term, &iter)) {
        tr_put_map_of(out, (uint32_t)(iter.left / 2));
        while (tr_next(&iter, &element))
            put(out, element);
    } else {
        tr_put_term(out, term);
    }
}

/* Bytes from elsewhere can be a term of which the text is none: a map that has a key twice. */
static bool can_be_read(tr_term term)
{
    struct tr_out parsed = {0};
    TRI_AUTO(tri_freep) char *text = tr_print_new(term);
    bool is_read = text && tr_parse(text, &parsed, NULL, NULL) == 0;
    tr_out_deinit(&parsed);
    return is_read;
}

void tri_put_readable(struct tr_out *out, tr_term term)
{
    const struct tr_limits limits = {.depth = TRI_READABLE_DEPTH, .size_bytes = TRI_READABLE_BYTES};
    struct tr_out whole = {0}, readable = {0};
    tr_term checked;
    /* The rest of a list has a size that says more than its bytes: a copy has not. */
    if (tr_out_copy(&whole, term) == 0 &&
        tr_check(whole.data, whole.size_bytes, &limits, &checked) == 0)
        put(&readable, checked);
    if (readable.size_bytes > 0 && readable.fault == 0 && can_be_read(tr_out_term(&readable)))
        tr_put_term(out, tr_out_term(&readable));
    else
        put_text(out, term);
    tr_out_deinit(&readable);
    tr_out_deinit(&whole);
}
