/* Size: digits and a unit. */
#include "config/size.h"

#include <ctype.h>
#include <string.h>

/* By how many bits the unit shifts that stands here; 64: it is none. */
static unsigned unit_shift(const char *text)
{
    static const char letters[] = "kMGT";
    const char *letter = *text ? strchr(letters, *text == 'K' ? 'k' : *text) : NULL;
    if (!*text || strcmp(text, "B") == 0)
        return 0;
    if (!letter || (text[1] && strcmp(text + 1, "B") != 0 && strcmp(text + 1, "iB") != 0))
        return 64;
    return 10 * ((unsigned)(letter - letters) + 1);
}

bool config_size_read(const char *text, uint64_t *ret_bytes)
{
    uint64_t bytes = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    for (; isdigit((unsigned char)*text); text++)
        if (__builtin_mul_overflow(bytes, 10, &bytes) ||
            __builtin_add_overflow(bytes, (uint64_t)(*text - '0'), &bytes))
            return false;
    unsigned shift = unit_shift(text);
    if (shift == 64 || bytes > UINT64_MAX >> shift)
        return false;
    *ret_bytes = bytes << shift;
    return true;
}
