/* Floats: Erlang's text of them, both ways, regardless of the locale.
 *
 * Decimal text goes to strtod as digits and an exponent, without a decimal point, because the point is the only
 * character that a locale changes.
 */
#ifndef TRI_TERM_REAL_H
#define TRI_TERM_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads [+-]digits.digits[e[+-]digits], the whole of it; underscores are for the caller to refuse. False when it is
 * anything else, or out of range. */
bool tri_real_parse(const char *text, size_t length, double *ret_value);

/* The value of the float that begins at `at`, in either encoding. */
double tri_real_at(const uint8_t *at);

/* Is the text of a FLOAT_EXT one? */
bool tri_real_is_text(const uint8_t *text);

/* Prints as float_to_list(F, [short]): the fewest digits that give the same number back, in the shorter notation. */
enum { TRI_REAL_TEXT_BYTES = 40 };
size_t tri_real_print(double value, char text[TRI_REAL_TEXT_BYTES]);

#endif
