/* Hostile bytes as a term: whatever passes the validator can be printed, compared, iterated, matched, copied and, if its
 * text is Erlang, parsed back; whatever does not is refused without a crash. */
#include <string.h>

#include "fuzz.h"
#include "term/hash.h"
#include "term/out.h"

struct copy {
    struct tr_out out;
    bool reverses_maps;
    bool has_equal_keys, is_opaque;
};

static void copy_term(struct copy *copy, tr_term term);

static void copy_elements(struct copy *copy, struct tr_iter *iter)
{
    tr_term element;
    while (tr_next(iter, &element))
        copy_term(copy, element);
}

static bool has_equal_keys(tr_term map)
{
    struct tr_iter pairs, others;
    tr_term key, other, value;
    tr_get_map(map, &pairs);
    while (tr_next(&pairs, &key)) {
        tr_next(&pairs, &value);
        others = pairs;
        while (tr_next(&others, &other)) {
            tr_next(&others, &value);
            if (tr_equal(key, other))
                return true;
        }
    }
    return false;
}

/* Writes the pairs from the last to the first: the map must stay equal. */
static void copy_map(struct copy *copy, tr_term map)
{
    struct tr_iter pairs;
    tr_term terms[16];
    unsigned count = 0;
    tr_get_map(map, &pairs);
    tr_put_map_of(&copy->out, (uint32_t)(pairs.left / 2));
    if (pairs.left > 16 || !copy->reverses_maps) {
        copy_elements(copy, &pairs);
        return;
    }
    copy->has_equal_keys |= has_equal_keys(map);
    while (tr_next(&pairs, &terms[count]))
        count++;
    for (; count > 0; count -= 2) {
        copy_term(copy, terms[count - 2]);
        copy_term(copy, terms[count - 1]);
    }
}

static void copy_number(struct copy *copy, tr_term term)
{
    int64_t integer;
    uint64_t natural;
    if (tr_get_integer(term, &integer))
        tr_put_integer(&copy->out, integer);
    else if (tr_get_unsigned(term, &natural))
        tr_put_unsigned(&copy->out, natural);
    else
        CLAIM(!"an integer that is neither");
}

static void copy_term(struct copy *copy, tr_term term)
{
    struct tr_iter iter;
    double real;
    tr_atom atom;
    tr_bin binary;
    switch (tr_kind_of(term)) {
    case TR_KIND_INTEGER:
        copy_number(copy, term);
        break;
    case TR_KIND_FLOAT:
        CLAIM(tr_get_float(term, &real));
        tr_put_float(&copy->out, real);
        break;
    case TR_KIND_ATOM:
        CLAIM(tr_get_atom(term, &atom));
        tr_put_atom_view(&copy->out, atom);
        break;
    case TR_KIND_BINARY:
        CLAIM(tr_get_binary(term, &binary));
        tr_put_binary(&copy->out, binary.data, binary.size_bytes);
        break;
    case TR_KIND_TUPLE:
        CLAIM(tr_get_tuple(term, &iter));
        tr_put_tuple_of(&copy->out, (uint32_t)iter.left);
        copy_elements(copy, &iter);
        break;
    case TR_KIND_LIST:
        CLAIM(tr_get_list(term, &iter));
        tr_put_list_of(&copy->out, (uint32_t)iter.left);
        copy_elements(copy, &iter);
        term = tr_tail(&iter);
        if (tr_kind_of(term) == TR_KIND_LIST)
            tr_put_nil(&copy->out);
        else
            copy_term(copy, term);
        break;
    case TR_KIND_MAP:
        copy_map(copy, term);
        break;
    case TR_KIND_PID:
    case TR_KIND_REF:
    case TR_KIND_PORT:
    case TR_KIND_FUN:
        copy->is_opaque = true;
        /* fall through */
    default:
        tr_put_term(&copy->out, term);
    }
}

static void copies_are_equal(tr_term term, bool reverses_maps, bool *ret_is_opaque)
{
    struct copy copy = {.reverses_maps = reverses_maps};
    tr_term checked;
    copy_term(&copy, term);
    CLAIM(tr_check(copy.out.data, copy.out.size_bytes, NULL, &checked) == 0);
    if (!copy.has_equal_keys) {
        CLAIM(tr_equal(term, checked) && tr_equal(checked, term));
        CLAIM(tri_hash_equal(tri_hash_of(term), tri_hash_of(checked)));
    }
    *ret_is_opaque = copy.is_opaque;
    tr_out_deinit(&copy.out);
}

static void text_is_whole(tr_term term, bool is_opaque)
{
    char part[24];
    char *text = tr_print_new(term);
    CLAIM(text);
    size_t length = strlen(text);
    CLAIM(tr_print(term, part, sizeof part) == length);
    CLAIM(strncmp(text, part, strlen(part)) == 0);
    CLAIM(length < sizeof part || strlen(part) + 4 >= sizeof part);
    if (!is_opaque) {
        struct tr_out out = {0};
        const char *message = "";
        int r = tr_parse(text, &out, NULL, &message);
        CLAIM(r == 0 || strcmp(message, "a map whose keys differ") == 0);
        CLAIM(r != 0 || tr_equal(term, tr_out_term(&out)));
        tr_out_deinit(&out);
    }
    free(text);
}

/* Takes a list apart by its head, and compares with what the iterator says. */
static void rests_are_lists(tr_term term)
{
    struct tr_iter iter;
    if (!tr_get_list(term, &iter))
        return;
    tr_term head, rest = term, element;
    for (int i = 0; i < 64 && tr_next(&iter, &element); i++) {
        struct tr_out out = {0};
        CLAIM(tr_match(rest, "[H | T]", &head, &rest) == 0);
        CLAIM(tr_equal(head, element));
        CLAIM(tr_equal(rest, tr_tail(&iter)));
        CLAIM(tr_out_copy(&out, rest) == 0);
        CLAIM(tr_equal(tr_out_term(&out), rest));
        CLAIM(tr_print(rest, NULL, 0) == tr_print(tr_out_term(&out), NULL, 0));
        tr_out_deinit(&out);
    }
    CLAIM(iter.left > 0 || tr_match(rest, "[_ | _]") == TR_NO_MATCH);
}

static void match_all(tr_term term)
{
    int64_t integer;
    double real;
    tr_atom atom;
    tr_bin binary;
    tr_pid pid;
    tr_ref ref;
    tr_term a, b;
    tr_match(term, "{A, N}", &atom, &integer);
    tr_match(term, "[{K, V}, X | T]", &a, &b, &real, &a);
    tr_match(term, "#{a := X, 0 := Y}", &a, &b);
    tr_match(term, "#{Key := X}", term, &a);
    tr_match(term, "{Pid, Ref, Bin}", &pid, &ref, &binary);
    tr_match(term, "[97, 98 | c]");
    tr_match(term, "[_, #{1 => [_ | _]}, {} | T]", &a);
    CLAIM(tr_match(term, "X", &a) == 0 && tr_equal(a, term));
    CLAIM(tr_match(term, "X", term) == 0);
}

static void look_at(tr_term term)
{
    bool is_opaque;
    copies_are_equal(term, false, &is_opaque);
    copies_are_equal(term, true, &is_opaque);
    text_is_whole(term, is_opaque);
    rests_are_lists(term);
    match_all(term);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tr_term term, ignored;
    /* An exact copy on the heap, so that the sanitizer sees a read beyond its end. */
    uint8_t *bytes = malloc(size ? size : 1);
    if (size > 0)
        memcpy(bytes, data, size);
    int r = tr_check(bytes, size, NULL, &term);
    CLAIM(r == 0 || r == TR_MALFORMED || r == TR_TOO_DEEP);
    if (r == 0) {
        look_at(term);
        CLAIM(tr_check(bytes, size - 1, NULL, &ignored) != 0);
        CLAIM(tr_check(bytes, size / 2, NULL, &ignored) != 0);
    }
    free(bytes);
    return 0;
}
