/* Filling: bytes that tell, wherever they arrive, whether they are those that were sent, each in its place. */
#ifndef SUPPORT_FILLING_H
#define SUPPORT_FILLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "troupe/term.h"

/* The byte at that place; n tells fillings apart. */
static inline uint8_t filling_at(size_t place, long n)
{
    return (uint8_t)(place * 31 + (place >> 12) + (size_t)n);
}

static inline void fill(uint8_t *bytes, size_t size, long n)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = filling_at(i, n);
}

static inline bool is_filled(tr_bin bin, long n)
{
    for (size_t i = 0; i < bin.size_bytes; i++)
        if (((const uint8_t *)bin.data)[i] != filling_at(i, n))
            return false;
    return true;
}

#endif
