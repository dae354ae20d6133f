/* Reading SMALL_INTEGER_EXT, INTEGER_EXT, SMALL_BIG_EXT and LARGE_BIG_EXT. */
#include "term/integer.h"

#include <string.h>

static void read_small(int64_t value, struct tri_integer *integer)
{
    integer->is_negative = value < 0;
    integer->small = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    integer->length = integer->small ? 8 - (size_t)__builtin_clzll(integer->small) / 8 : 0;
    integer->magnitude = NULL;
}

static void read_big(const uint8_t *magnitude, size_t length, bool is_negative,
                     struct tri_integer *integer)
{
    while (length > 0 && magnitude[length - 1] == 0)
        length--;
    integer->is_negative = is_negative && length > 0;
    integer->length = length;
    integer->magnitude = length > 8 ? magnitude : NULL;
    integer->small = 0;
    for (size_t i = length <= 8 ? length : 0; i > 0; i--)
        integer->small = integer->small << 8 | magnitude[i - 1];
}

void tri_integer_read(const uint8_t *at, struct tri_integer *ret_integer)
{
    switch (at[0]) {
    case TRI_SMALL_INTEGER:
        read_small(at[1], ret_integer);
        break;
    case TRI_INTEGER:
        read_small((int32_t)tri_load32(at + 1), ret_integer);
        break;
    case TRI_SMALL_BIG:
        read_big(at + 3, at[1], at[2], ret_integer);
        break;
    default:
        read_big(at + 6, tri_load32(at + 1), at[5], ret_integer);
    }
}

bool tri_integer_equal(const uint8_t *a, const uint8_t *b)
{
    struct tri_integer left, right;
    tri_integer_read(a, &left);
    tri_integer_read(b, &right);
    if (left.is_negative != right.is_negative || left.length != right.length)
        return false;
    if (left.length <= 8)
        return left.small == right.small;
    return memcmp(left.magnitude, right.magnitude, left.length) == 0;
}
