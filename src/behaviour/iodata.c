/* Iodata: a list goes as deep as a checked term may, so recursion ends. */
#include "behaviour/iodata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int append(struct tri_bytes *bytes, const void *data, size_t size_bytes)
{
    if (size_bytes > bytes->capacity_bytes - bytes->size_bytes) {
        size_t needed = bytes->size_bytes + size_bytes, doubled = 2 * bytes->capacity_bytes;
        size_t capacity = doubled > needed ? doubled : needed;
        uint8_t *more = realloc(bytes->data, capacity);
        if (!more)
            return -ENOMEM;
        bytes->data = more;
        bytes->capacity_bytes = capacity;
    }
    if (size_bytes > 0)
        memcpy(bytes->data + bytes->size_bytes, data, size_bytes);
    bytes->size_bytes += size_bytes;
    return 0;
}

static int append_byte(struct tri_bytes *bytes, tr_term term)
{
    int64_t value;
    uint8_t byte;
    if (!tr_get_integer(term, &value) || value < 0 || value > 255)
        return TR_NO_MATCH;
    byte = (uint8_t)value;
    return append(bytes, &byte, 1);
}

static int append_list(struct tri_bytes *bytes, struct tr_iter *list)
{
    tr_term element;
    while (tr_next(list, &element)) {
        int r = tr_kind_of(element) == TR_KIND_INTEGER ? append_byte(bytes, element)
                                                       : tri_iodata_append(bytes, element);
        if (r)
            return r;
    }
    /* A binary may stand where nil does. */
    tr_term tail = tr_tail(list);
    tr_bin binary;
    struct tr_iter nothing;
    if (tr_get_binary(tail, &binary))
        return append(bytes, binary.data, binary.size_bytes);
    return tr_get_list(tail, &nothing) && nothing.left == 0 ? 0 : TR_NO_MATCH;
}

int tri_iodata_append(struct tri_bytes *bytes, tr_term term)
{
    tr_bin binary;
    struct tr_iter list;
    if (tr_get_binary(term, &binary))
        return append(bytes, binary.data, binary.size_bytes);
    return tr_get_list(term, &list) ? append_list(bytes, &list) : TR_NO_MATCH;
}

void tri_bytes_deinit(struct tri_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct tri_bytes){.data = NULL};
}
