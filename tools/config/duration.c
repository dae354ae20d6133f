/* Duration: digits and a unit. strtod would take "0x1p4" and "inf", and a comma for the point where people write one. */
#include "config/duration.h"

#include <ctype.h>
#include <string.h>

#include "base/auto.h"

/* How many ms the unit has that stands here; 0: it is none. */
static int64_t unit_ms(const char *text, int64_t bare_ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}};
    if (!*text)
        return bare_ms;
    for (size_t i = 0; i < TRI_ARRAY_LENGTH(units); i++)
        if (strcmp(text, units[i].name) == 0)
            return units[i].ms;
    return 0;
}

static bool is_digit(char c) { return isdigit((unsigned char)c); }

/* Nine decimals are as many as can matter. Passes over all of them. */
static int64_t read_decimals(const char **at, int64_t each_ms)
{
    int64_t value = 0, scale = 1;
    for (; is_digit(**at); (*at)++)
        if (scale < 1000000000) {
            value = 10 * value + (**at - '0');
            scale *= 10;
        }
    return value * each_ms / scale;
}

bool config_duration_read(const char *text, int64_t bare_ms, int64_t *ret_ms)
{
    const char *unit = text + strspn(text, "0123456789.");
    int64_t each_ms = unit_ms(unit, bare_ms), ms = 0;
    if (each_ms == 0 || !(is_digit(text[0]) || (text[0] == '.' && is_digit(text[1]))))
        return false;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(ms, 10, &ms) ||
            __builtin_add_overflow(ms, (*text - '0') * each_ms, &ms))
            return false;
    if (*text == '.') {
        text++;
        if (__builtin_add_overflow(ms, read_decimals(&text, each_ms), &ms))
            return false;
    }
    if (text != unit)
        return false;
    *ret_ms = ms;
    return true;
}
