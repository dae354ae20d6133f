/* Checksum: 64-bit multiply and fold over words of eight bytes (the mixing step of wyhash). Long data goes through four
 * lanes side by side, two words a step, because one multiplication has to wait for the one before it in its lane. */
#include "base/checksum.h"

#include <string.h>

#define ODD 0x9e3779b97f4a7c15ull
#define OTHER 0xd6e8feb86659fd93ull
#define ROW_BYTES 64

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t mix_pair(uint64_t state, const unsigned char *at)
{
    return mix(word_at(at) ^ ODD, word_at(at + 8) ^ state);
}

/* Takes whole rows of eight words, and copies them unless `to` is NULL. */
static inline __attribute__((always_inline)) uint64_t mix_rows(uint64_t state, unsigned char *to,
                                                               const unsigned char *at, size_t rows)
{
    uint64_t a = state, b = state ^ ODD, c = state ^ OTHER, d = ~state;
    for (; rows > 0; rows--, at += ROW_BYTES) {
        if (to)
            to = (unsigned char *)memcpy(to, at, ROW_BYTES) + ROW_BYTES;
        a = mix_pair(a, at);
        b = mix_pair(b, at + 16);
        c = mix_pair(c, at + 32);
        d = mix_pair(d, at + 48);
    }
    return mix(mix(a ^ OTHER, b), mix(c ^ OTHER, d) ^ ODD);
}

/* Inlined into both functions below, so that neither asks in its loop whether it copies. */
static inline __attribute__((always_inline)) uint32_t
sum(uint32_t seed, unsigned char *to, const unsigned char *at, size_t size_bytes)
{
    uint64_t state = seed ^ mix(size_bytes ^ ODD, OTHER), word = 0;
    size_t rows_bytes = size_bytes / ROW_BYTES * ROW_BYTES;
    if (rows_bytes > 0) {
        state = mix_rows(state, to, at, rows_bytes / ROW_BYTES);
        at += rows_bytes;
        size_bytes -= rows_bytes;
    }
    if (to && size_bytes > 0)
        memcpy(to + rows_bytes, at, size_bytes);
    for (; size_bytes >= 16; size_bytes -= 16, at += 16)
        state = mix_pair(state, at);
    if (size_bytes >= 8) {
        state = mix(state ^ word_at(at) ^ ODD, OTHER);
        size_bytes -= 8;
        at += 8;
    }
    if (size_bytes > 0) {
        memcpy(&word, at, size_bytes);
        state = mix(state ^ word ^ OTHER, ODD);
    }
    return (uint32_t)(state ^ state >> 32);
}

uint32_t tri_checksum(uint32_t seed, const void *data, size_t size_bytes)
{
    return sum(seed, NULL, data, size_bytes);
}

uint32_t tri_checksum_words(uint64_t a, uint64_t b)
{
    uint64_t product = mix(a ^ ODD, b ^ OTHER);
    return (uint32_t)(product ^ product >> 32);
}

uint32_t tri_checksum_copy(uint32_t seed, void *to, const void *data, size_t size_bytes)
{
    return sum(seed, to, data, size_bytes);
}
