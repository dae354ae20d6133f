/* Size: a number of bytes as people write it: "65536", "64k", "256M", "2G". */
#ifndef TROUPE_CONFIG_SIZE_H
#define TROUPE_CONFIG_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a whole number, and its unit, k, M, G or T, of 1024, 1024², … bytes, behind which B or iB may stand. False: it is no
 * size, or a larger one than can be counted. */
bool config_size_read(const char *text, uint64_t *ret_bytes);

#endif
