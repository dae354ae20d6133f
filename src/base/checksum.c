/* Checksum: 64-bit multiply and fold over words of eight bytes (the mixing step of wyhash), a few bytes a cycle. */
#include "base/checksum.h"

#include <string.h>

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t tri_checksum(uint32_t seed, const void *data, size_t size_bytes)
{
    const uint64_t odd = 0x9e3779b97f4a7c15ull, other = 0xd6e8feb86659fd93ull;
    const unsigned char *at = data;
    uint64_t state = seed ^ mix(size_bytes ^ odd, other);
    uint64_t word;
    for (; size_bytes >= 8; size_bytes -= 8, at += 8) {
        memcpy(&word, at, 8);
        state = mix(state ^ word ^ odd, other);
    }
    if (size_bytes > 0) {
        word = 0;
        memcpy(&word, at, size_bytes);
        state = mix(state ^ word ^ other, odd);
    }
    return (uint32_t)(state ^ state >> 32);
}
