/* Duration: a time as people write it, in a configuration and on the command line: "250ms", "0.5s", "2min", "1h". */
#ifndef TROUPE_CONFIG_DURATION_H
#define TROUPE_CONFIG_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a time: a number, which may have decimals, and its unit: ms, s, m or min, h.
 *   bare_ms   what a number without a unit counts, in ms; 0: it must have one
 * What is less than a ms is left out. False: it is no time, or a longer one than can be counted. */
bool config_duration_read(const char *text, int64_t bare_ms, int64_t *ret_ms);

#endif
