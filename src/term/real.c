/* Floats as text. The C library does the arithmetic; this file knows Erlang's notation. */
#include "term/real.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/tags.h"

/* More digits than these do not change a double, except to round: 767 suffice for any. */
enum { MAX_DIGITS = 800, MAX_TEXT = MAX_DIGITS + 32, SHORTEST_ALWAYS = 17 };

/* Integers from here on do not all exist as floats, so OTP does not print them as if they did. */
static const double FIRST_INEXACT = 9007199254740992.0;

static size_t count_digits(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && at[count] >= '0' && at[count] <= '9')
        count++;
    return count;
}

/* The exponent that follows the fraction: 0 if there is none. */
static bool take_exponent(const char **at, const char *end, long *ret_exponent)
{
    *ret_exponent = 0;
    if (*at == end)
        return true;
    if (**at != 'e' && **at != 'E')
        return false;
    ++*at;
    bool is_negative = *at < end && **at == '-';
    if (*at < end && (**at == '-' || **at == '+'))
        ++*at;
    size_t count = count_digits(*at, end);
    if (count == 0)
        return false;
    long value = 0;
    for (size_t i = 0; i < count; i++)
        if (value < 100000)
            value = value * 10 + ((*at)[i] - '0');
    *at += count;
    *ret_exponent = is_negative ? -value : value;
    return true;
}

/* Writes digits and exponent without a point: strtod's reading of it depends on no locale. */
static bool convert(bool is_negative, const char *digits, size_t count, long exponent,
                    double *ret_value)
{
    char text[MAX_TEXT];
    int saved = errno;
    if (count > MAX_DIGITS) {
        exponent += (long)(count - MAX_DIGITS);
        count = MAX_DIGITS;
    }
    snprintf(text, sizeof text, "%s%.*se%ld", is_negative ? "-" : "", (int)count, digits, exponent);
    double value = strtod(text, NULL);
    errno = saved;
    if (!isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

bool tri_real_parse(const char *text, size_t length, double *ret_value)
{
    const char *at = text, *end = text + length;
    bool is_negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *whole = at;
    size_t whole_count = count_digits(at, end);
    at += whole_count;
    if (whole_count == 0 || at == end || *at != '.')
        return false;
    const char *fraction = ++at;
    size_t fraction_count = count_digits(at, end);
    at += fraction_count;
    long exponent;
    if (fraction_count == 0 || !take_exponent(&at, end, &exponent) || at != end)
        return false;
    while (whole_count > 0 && *whole == '0') {
        whole++;
        whole_count--;
    }
    char digits[MAX_DIGITS];
    if (whole_count > sizeof digits)
        return false; /* from 1e310 on nothing is a float */
    if (fraction_count > sizeof digits - whole_count)
        fraction_count = sizeof digits - whole_count;
    memcpy(digits, whole, whole_count);
    memcpy(digits + whole_count, fraction, fraction_count);
    exponent -= (long)fraction_count;
    return convert(is_negative, digits, whole_count + fraction_count, exponent, ret_value);
}

bool tri_real_is_text(const uint8_t *text)
{
    double ignored;
    size_t length = strnlen((const char *)text, TRI_FLOAT_TEXT_BYTES);
    for (size_t i = length; i < TRI_FLOAT_TEXT_BYTES; i++)
        if (text[i] != 0)
            return false;
    return tri_real_parse((const char *)text, length, &ignored);
}

double tri_real_at(const uint8_t *at)
{
    double value = 0;
    if (at[0] == TRI_NEW_FLOAT) {
        uint64_t bits = tri_load64(at + 1);
        memcpy(&value, &bits, sizeof value);
    } else {
        const char *text = (const char *)at + 1;
        tri_real_parse(text, strnlen(text, TRI_FLOAT_TEXT_BYTES), &value);
    }
    return value;
}

/* Adds one to the last digit. False when that would need one digit more. */
static bool increment(char *digits, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        if (digits[i - 1] < '9') {
            digits[i - 1]++;
            return true;
        }
        digits[i - 1] = '0';
    }
    return false;
}

static bool gives_back(double value, const char *digits, size_t count, long exponent)
{
    double back;
    return convert(false, digits, count, exponent - (long)count + 1, &back) && back == value;
}

/* Rounds a positive value to that many digits: d.ddd × 10^exponent. */
static void round_to(double value, size_t count, char *ret_digits, long *ret_exponent)
{
    char text[SHORTEST_ALWAYS + 16];
    snprintf(text, sizeof text, "%.*e", (int)count - 1, value);
    size_t found = 0;
    char *at = text;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            ret_digits[found++] = *at;
    *ret_exponent = strtol(at + 1, NULL, 10);
}

/* Finds the fewest digits. Above a power of two the floats lie twice as far apart as below it; only there can the next
 * number up be right when the nearest one of that length is not. */
static size_t shorten(double value, char digits[SHORTEST_ALWAYS], long *ret_exponent)
{
    int ignored;
    bool is_power_of_two = frexp(value, &ignored) == 0.5;
    size_t count = 1;
    for (; count < SHORTEST_ALWAYS; count++) {
        round_to(value, count, digits, ret_exponent);
        if (gives_back(value, digits, count, *ret_exponent))
            break;
        if (is_power_of_two && increment(digits, count) &&
            gives_back(value, digits, count, *ret_exponent))
            break;
    }
    if (count == SHORTEST_ALWAYS)
        round_to(value, count, digits, ret_exponent);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

static size_t write_scientific(char *to, const char *digits, size_t count, long exponent)
{
    const char *fraction = count > 1 ? digits + 1 : "0";
    int fraction_count = count > 1 ? (int)count - 1 : 1;
    return (size_t)sprintf(to, "%c.%.*se%ld", digits[0], fraction_count, fraction, exponent);
}

static size_t write_plain(char *to, const char *digits, size_t count, long exponent)
{
    size_t length = 0;
    long whole = exponent + 1;
    if (whole <= 0)
        to[length++] = '0';
    for (long i = 0; i < whole; i++)
        to[length++] = i < (long)count ? digits[i] : '0';
    to[length++] = '.';
    for (long i = whole; i < 0; i++)
        to[length++] = '0';
    for (long i = whole > 0 ? whole : 0; i < (long)count; i++)
        to[length++] = digits[i];
    if (whole >= (long)count)
        to[length++] = '0';
    to[length] = '\0';
    return length;
}

size_t tri_real_print(double value, char text[TRI_REAL_TEXT_BYTES])
{
    size_t sign = signbit(value) ? 1 : 0;
    text[0] = '-';
    value = fabs(value);
    if (value == 0) {
        strcpy(text + sign, "0.0");
        return sign + 3;
    }
    char digits[SHORTEST_ALWAYS];
    long exponent;
    size_t count = shorten(value, digits, &exponent);
    size_t scientific = write_scientific(text + sign, digits, count, exponent);
    if (value >= FIRST_INEXACT || exponent < -8)
        return sign + scientific;
    char plain_text[TRI_REAL_TEXT_BYTES];
    size_t plain = write_plain(plain_text, digits, count, exponent);
    if (plain > scientific)
        return sign + scientific;
    memcpy(text + sign, plain_text, plain + 1);
    return sign + plain;
}
