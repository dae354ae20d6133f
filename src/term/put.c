/* tr_put: writes a term from a pattern and its holes. */
#include <string.h>

#include "base/panic.h"
#include "term/hole.h"
#include "term/out.h"
#include "term/pieces.h"
#include "term/tags.h"

static void check_holes(const struct tri_pattern *pattern, struct tr_holes holes)
{
    tri_pattern_count(pattern, holes);
    if (pattern->has_any)
        tri_panic("pattern \"%s\": _ matches anything, it cannot be written", pattern->text);
    for (size_t i = 0; i < holes.count; i++) {
        if (tri_hole_is_pointer(&holes.at[i]))
            tri_panic("pattern \"%s\": argument %zu is a pointer, it cannot be written",
                      pattern->text, i + 1);
    }
}

static void put_hole(struct tr_out *out, const struct tr_hole *hole)
{
    switch (hole->kind) {
    case TRI_HOLE_INTEGER:
        tr_put_integer(out, tri_hole_integer(hole));
        break;
    case TRI_HOLE_UNSIGNED:
        tr_put_unsigned(out, hole->first);
        break;
    case TRI_HOLE_FLOAT:
        tr_put_float(out, tri_hole_real(hole));
        break;
    case TRI_HOLE_BOOL:
        tr_put_bool(out, (hole->first != 0));
        break;
    case TRI_HOLE_PID:
        tr_put_pid(out, tri_hole_pid_of(hole));
        break;
    case TRI_HOLE_REF:
        tr_put_ref(out, tri_hole_ref_of(hole));
        break;
    case TRI_HOLE_ATOM:
        tr_put_atom_view(out, tri_hole_atom_of(hole));
        break;
    case TRI_HOLE_BIN:
        tr_put_binary(out, tri_hole_bin_of(hole).data, tri_hole_bin_of(hole).size_bytes);
        break;
    case TRI_HOLE_TEXT:
        tr_put_text(out, tri_hole_pointer(hole));
        break;
    case TRI_HOLE_BLOB:
        tr_put_binary(out, tri_loan_of(hole).data, tri_loan_of(hole).size_bytes);
        break;
    default:
        tr_put_term(out, tri_hole_term_of(hole));
    }
}

static void note_piece(const struct tr_out *out, struct tri_pieces *pieces, const void *data,
                       size_t size_bytes, struct tr_blob *blob)
{
    pieces->list[pieces->count++] = (struct tri_piece){out->size_bytes, data, size_bytes, blob};
    pieces->size_bytes += size_bytes;
}

static void lend_binary(struct tr_out *out, struct tri_pieces *pieces, tr_bin binary,
                        struct tr_blob *blob)
{
    if (binary.size_bytes > UINT32_MAX) {
        tri_out_fail(out, TR_TOO_LARGE);
        return;
    }
    uint8_t *to = tri_out_take(out, 5);
    if (!to)
        return;
    to[0] = TRI_BINARY;
    tri_store32(to + 1, (uint32_t)binary.size_bytes);
    note_piece(out, pieces, binary.data, binary.size_bytes, blob);
}

/* Notes what a hole holds, when it is large, instead of writing it. */
static bool lend(struct tr_out *out, struct tri_pieces *pieces, const struct tr_hole *hole)
{
    tr_bin bin = tri_hole_bin_of(hole);
    tr_term term = tri_hole_term_of(hole);
    switch (hole->kind) {
    case TRI_HOLE_BIN:
        if (bin.size_bytes < pieces->least_bytes)
            return false;
        lend_binary(out, pieces, bin, NULL);
        return true;
    case TRI_HOLE_BLOB:
        pieces->has_blobs = true;
        bin = tri_loan_of(hole);
        if (bin.size_bytes < pieces->least_bytes)
            return false;
        lend_binary(out, pieces, bin, tri_hole_to(hole));
        return true;
    case TRI_HOLE_TERM:
        if (term.size_bytes < pieces->least_bytes || tri_is_rest(term) ||
            tri_out_holds(out, term.data))
            return false;
        note_piece(out, pieces, term.data, term.size_bytes, NULL);
        return true;
    default:
        return false;
    }
}

/* A list that is put as the tail of another becomes one list with it, as Erlang would write it. */
static bool is_merged(const struct tr_out *out, const struct tr_hole *tail,
                      struct tr_iter *ret_iter)
{
    return tail->kind == TRI_HOLE_TERM && !tri_out_holds(out, tri_hole_term_of(tail).data) &&
           tr_get_list(tri_hole_term_of(tail), ret_iter);
}

static void put_list_header(struct tr_out *out, const struct tri_op *list, struct tr_holes holes)
{
    struct tr_iter iter;
    size_t length = list->a;
    if (list->b > 0 && is_merged(out, &holes.at[list->b - 1], &iter))
        length += iter.left;
    if (length > UINT32_MAX)
        tri_out_fail(out, TR_TOO_LARGE);
    tr_put_list_of(out, (uint32_t)length);
}

static void put_tail(struct tr_out *out, const struct tr_hole *tail)
{
    struct tr_iter iter;
    if (!is_merged(out, tail, &iter)) {
        put_hole(out, tail);
        return;
    }
    tri_put_elements(out, &iter);
    tr_put_term(out, tr_tail(&iter));
}

static void run_op(struct tr_out *out, struct tri_pieces *pieces, const struct tri_pattern *pattern,
                   const struct tri_op *op, struct tr_holes holes)
{
    switch (op->code) {
    case TRI_OP_CONST:
    case TRI_OP_KEY:
        tri_out_append(out, pattern->constants.data + op->a, op->b);
        break;
    case TRI_OP_HOLE:
        if (pieces && lend(out, pieces, &holes.at[op->a]))
            break;
        put_hole(out, &holes.at[op->a]);
        break;
    case TRI_OP_KEY_HOLE:
        put_hole(out, &holes.at[op->a]);
        break;
    case TRI_OP_TUPLE:
        tr_put_tuple_of(out, op->a);
        break;
    case TRI_OP_LIST:
        put_list_header(out, op, holes);
        break;
    case TRI_OP_TAIL_NIL:
        tr_put_nil(out);
        break;
    case TRI_OP_TAIL_HOLE:
        put_tail(out, &holes.at[op->a]);
        break;
    case TRI_OP_MAP:
        tr_put_map_of(out, op->a);
        break;
    default: /* what matching needs and writing does not */
        break;
    }
}

int tri_put_pieces(struct tr_out *out, struct tri_pieces *pieces, struct tri_pattern **cache,
                   const char *pattern, struct tr_holes holes)
{
    const struct tri_pattern *parsed = tri_pattern_at(cache, pattern);
    const struct tri_prefix *prefix = &parsed->prefix;
    check_holes(parsed, holes);
    uint8_t *to = prefix->size_bytes ? tri_out_take(out, prefix->size_bytes) : NULL;
    if (to)
        memcpy(to, prefix->bytes, prefix->size_bytes);
    for (const struct tri_op *op = parsed->ops + prefix->op_count; op->code != TRI_OP_END; op++)
        run_op(out, pieces, parsed, op, holes);
    if (pieces && pieces->size_bytes > TR_DEFAULT_SIZE_BYTES - out->size_bytes)
        tri_out_fail(out, TR_TOO_LARGE);
    return out->fault;
}

int tri_put(struct tr_out *out, struct tri_pattern **cache, const char *pattern,
            struct tr_holes holes)
{
    return tri_put_pieces(out, NULL, cache, pattern, holes);
}
