/* Checksum: 64-bit multiply and fold over words of eight bytes (the mixing step of wyhash). Long data goes through four
 * lanes side by side, because one multiplication has to wait for the one before it. */
#include "base/checksum.h"

#include <string.h>

#define ODD 0x9e3779b97f4a7c15ull
#define OTHER 0xd6e8feb86659fd93ull
#define LANES 4

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

/* Takes whole rows of four words; moves *at behind them. */
static uint64_t mix_rows(uint64_t state, const unsigned char **at, size_t rows)
{
    uint64_t lanes[LANES] = {state, state ^ ODD, state ^ OTHER, ~state};
    for (; rows > 0; rows--, *at += 8 * LANES)
        for (int i = 0; i < LANES; i++)
            lanes[i] = mix(lanes[i] ^ word_at(*at + 8 * i) ^ ODD, OTHER);
    for (int i = 1; i < LANES; i++)
        lanes[0] = mix(lanes[0] ^ lanes[i], ODD);
    return lanes[0];
}

uint32_t tri_checksum(uint32_t seed, const void *data, size_t size_bytes)
{
    const unsigned char *at = data;
    uint64_t state = seed ^ mix(size_bytes ^ ODD, OTHER), word = 0;
    if (size_bytes >= 16 * LANES) {
        size_t rows = size_bytes / (8 * LANES);
        state = mix_rows(state, &at, rows);
        size_bytes -= rows * 8 * LANES;
    }
    for (; size_bytes >= 8; size_bytes -= 8, at += 8)
        state = mix(state ^ word_at(at) ^ ODD, OTHER);
    if (size_bytes > 0) {
        memcpy(&word, at, size_bytes);
        state = mix(state ^ word ^ OTHER, ODD);
    }
    return (uint32_t)(state ^ state >> 32);
}
